"""Slogans are drawn on first use, with a picture and a film of what moves, and looked up afterwards."""

import io
import math
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image, ImageChops

from signage.library import rendition_maker as renditions
from signage.library.service import Library
from signage.model.item import Style
from signage.model.panel import PRESET_PANELS
from signage.pixels.slogan import animation as frames
from signage.pixels.slogan.slogan import layout_slogan, render_slogan
from signage.protocol.playlist import Motion
from tests.library.items import (
    PANELS,
    TAXI,
    create_campaign,
    create_clip_item,
    create_panel,
    create_slogan_item,
)
from tests.support.clips import add_clip

THEME = "2021年消费维权年主题：守护安全 畅通消费"
LONG = "维护消费者权益，构建社会主义和谐社会"


@pytest.mark.parametrize("on", PRESET_PANELS, ids=lambda p: p.id)
def test_a_slogan_is_made_at_once_for_every_panel(library: Library, on) -> None:
    one = create_slogan_item(THEME)
    shown = library.catalog.get_or_create_item(create_campaign(one), one, on)
    assert shown is not None and (shown.kind, shown.text) == ("slogan", THEME)
    assert shown.duration_ms == library.catalog.get_length(create_campaign(one), one, on) >= 8000
    picture = shown.media[0]
    path = library.find_media(picture.sha256)
    assert path is not None and path.stat().st_size == picture.bytes
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        assert image.size == (picture.width, picture.height)
    moves = isinstance(picture.motion, Motion)
    assert [m.type for m in shown.media] == ["image/png", "video/mp4"][: 1 + moves]


@pytest.mark.parametrize("effect", ["scroll", "pages"])
@pytest.mark.parametrize(
    "on",
    [TAXI, PANELS["roof-128x16"], create_panel(192, 64, fps=60), create_panel(96, 32, fps=25)],
    ids=["taxi", "roof", "fast", "slow"],
)
def test_the_film_of_a_slogan_shows_what_the_picture_shows(library: Library, effect, on) -> None:
    text = LONG * (4 if effect == "pages" else 1)
    one = create_slogan_item(text, look=Style(effect=effect))
    shown = library.catalog.get_or_create_item(create_campaign(one), one, on)
    assert shown is not None
    setting = layout_slogan(text, one.look, on, 8000)
    whole = render_slogan(setting)
    path = library.find_media(shown.media[1].sha256)
    with av.open(str(path)) as film:
        track = film.streams.video[0]
        assert abs(track.duration * track.time_base * 1000 - shown.duration_ms) <= 1000 / track.average_rate
        assert track.average_rate <= 30
        last = -1
        for frame in film.decode(track):
            at = Fraction(frame.pts) * track.time_base
            if frame.pts % 7 == 0:
                wanted = frames.get_frame(setting, whole, math.ceil(at * 1000))
                seen = frame.to_image()
                middle = ImageChops.difference(wanted.convert("L"), seen.convert("L")).resize(
                    (1, 1), Image.Resampling.BOX
                )
                assert middle.getpixel((0, 0)) < 12, at
            assert frame.pts > last
            last = frame.pts


def test_the_same_slogan_is_drawn_once(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    one = create_slogan_item(THEME)
    first = library.catalog.get_or_create_item(create_campaign(one), one, TAXI)

    def never(*_: object) -> None:
        raise AssertionError("it was drawn again")

    monkeypatch.setattr(renditions, "make_slogan_media", never)
    assert library.catalog.get_or_create_item(create_campaign(one), one, TAXI) == first
    fresh = Library(library.store, library.blobs.folder.parent, library.config, library.clock)
    assert fresh.catalog.get_or_create_item(create_campaign(one), one, TAXI) == first


def test_a_rendition_whose_file_is_missing_is_made_again(library: Library) -> None:
    one = create_slogan_item(THEME)
    first = library.catalog.get_or_create_item(create_campaign(one), one, TAXI)
    assert first is not None
    library.blobs.get_path(first.media[0].sha256).unlink()
    fresh = Library(library.store, library.blobs.folder.parent, library.config, library.clock)
    assert fresh.catalog.get_or_create_item(create_campaign(one), one, TAXI) == first
    assert library.blobs.has(first.media[0].sha256)


def test_a_panel_gets_only_what_it_plays(library: Library) -> None:
    one = create_slogan_item(LONG, look=Style(effect="scroll"))
    kinds = {}
    for plays in (("still", "animation", "film"), ("still", "animation"), ("film",), ("still", "film")):
        on = create_panel(192, 64, plays=frozenset(plays))
        shown = library.catalog.get_or_create_item(create_campaign(one), one, on)
        assert shown is not None
        kinds[plays] = [m.type for m in shown.media]
    png, gif, mp4 = "image/png", "image/gif", "video/mp4"
    assert list(kinds.values()) == [[png, mp4], [png, gif], [mp4], [mp4]]


def test_a_picture_without_a_duration_and_a_clip_that_is_not_there_say_so(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (8, 8)).save(path)
    sha256 = add_clip(library, path, "a.png").sha256
    for one, code in (
        (create_clip_item(sha256), "clip-needs-duration"),
        (create_clip_item("0" * 64, 5), "clip-missing"),
    ):
        length = library.catalog.get_length(create_campaign(one), one, TAXI)
        assert not isinstance(length, int) and length.code == code
