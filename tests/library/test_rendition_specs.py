"""Rendition keys and stored recipes stay byte for byte what earlier versions wrote."""

import msgspec
import pytest

from signage.library.codecs.clip_jobs import RenditionSpec
from signage.library.rendition_specs import (
    compute_clip_key,
    create_clip_spec,
    create_preview_specs,
    decode_spec,
    get_preview_kind,
)
from signage.model.clip_facts import ClipFacts
from signage.model.item import Style
from signage.model.panel import Panel
from tests.library.items import create_clip_item, create_panel

SHA256 = "a" * 64
FILM = ClipFacts(
    kind="film", format="MP4", type="video/mp4", ending="mp4", width=320, height=240, duration_ms=4000, frames=100,
    rate=(25, 1), quarters=1, mirrored=True, audio="aac",
)  # fmt: skip
PICTURE = ClipFacts(kind="picture", format="PNG", type="image/png", ending="png", width=9, height=9)
ANIMATION = ClipFacts(
    kind="animation", format="GIF", type="image/gif", ending="gif", width=9, height=9, duration_ms=700, frames=7
)
LOUD = create_panel(64, 48, codecs=("h264", "aac"))
STILLS = create_panel(960, 540, plays=frozenset({"still"}))
MONO = create_panel(96, 32, color="mono", plays=frozenset({"still", "animation"}))
HEAD = '"sha256":"' + SHA256 + '","facts":{"width":'

STORED = [
    (FILM, LOUD, "4718c520ccdaed8dcdfdf746c04db4db01d40bf94d80cd2d20baf1b56076c9a4",
     '{"job":"film",' + HEAD + '64,"height":48,"fit":"cover","background":"#000000","fps":30,"max_kbps":8000,'
     '"quarters":1,"mirrored":true,"sound":true,"loudness_lufs":-23.0}}'),
    (FILM, STILLS, "3a2c4f5306b0e64d2def6af7a6501dce7deb135325a64f8ff1d2c516a9caf79e",
     '{"job":"poster",' + HEAD + '960,"height":540,"fit":"cover","background":"#000000","lossy":true,'
     '"duration_ms":4000}}'),
    (PICTURE, LOUD, "179d469c40fca7f6e5969566d2241216ca6154055707deb4d40a7db6a6f60706",
     '{"job":"picture",' + HEAD + '64,"height":48,"fit":"cover","background":"#000000","lossy":false}}'),
    (ANIMATION, MONO, "10d7fee33471821002e8a63011d75a6fa1c4996790e48f0b9f328c95454916e2",
     '{"job":"animation",' + HEAD + '96,"height":32,"fit":"cover","background":"#000000","colors":[[255,42,0]],'
     '"fps":30,"max_kbps":8000,"forms":["image/gif"],"rounds":8}}'),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "on", "key", "recipe"), STORED, ids=lambda value: getattr(value, "kind", ""))
def test_key_and_recipe_of_a_rendition_do_not_change(facts: ClipFacts, on: Panel, key: str, recipe: str) -> None:
    spec = create_clip_spec(SHA256, facts, create_clip_item(SHA256, 5), Style(fit="cover"), on, -23.0)
    assert isinstance(spec, RenditionSpec)
    assert (compute_clip_key(spec), msgspec.json.encode(spec).decode()) == (key, recipe)
    assert decode_spec(msgspec.json.decode(recipe)) == spec
    assert get_preview_kind(spec) is None


def test_recipe_of_a_preview_does_not_change() -> None:
    thumbnail, poster = create_preview_specs(SHA256, FILM).values()
    assert msgspec.json.encode(thumbnail).decode() == (
        '{"job":"poster",' + HEAD + '320,"height":320,"background":"#000000","lossy":true,"thumbnail":"thumbnail",'
        '"duration_ms":4000}}'
    )
    assert [get_preview_kind(thumbnail), get_preview_kind(poster)] == ["thumbnail", "poster"]


def test_a_recipe_of_another_form_is_not_decoded() -> None:
    assert decode_spec({"text": "守护安全", "panel": "taxi-192x64"}) is None
    assert decode_spec({"job": "film", "sha256": SHA256, "facts": {"width": 64}}) is None
