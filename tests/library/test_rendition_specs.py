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
    (FILM, LOUD, "38ab12a8e0b94e1bb21ace84f2525ddff2437341d6118ed884321fa7c08868c1",
     '{"job":"film",' + HEAD + '64,"height":48,"fit":"cover","background":"#000000","fps":30,"max_kbps":8000,'
     '"quarters":1,"mirrored":true,"sound":true,"loudness_lufs":-23.0}}'),
    (FILM, STILLS, "597a4026979b91fd435f30348647b3eee5497a0d5d0d6190b171d017ff93dd63",
     '{"job":"poster",' + HEAD + '960,"height":540,"fit":"cover","background":"#000000","lossy":true,'
     '"duration_ms":4000}}'),
    (PICTURE, LOUD, "fc79f92bf3092e0deedbaa582deb4a946daeb32b24022176f732d603b5ebc561",
     '{"job":"picture",' + HEAD + '64,"height":48,"fit":"cover","background":"#000000","lossy":false}}'),
    (ANIMATION, MONO, "49df97c24ff39af0118171bde555dde854381dbe58463305d3afae62edeef637",
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
