"""What an item is on a panel: slogans at once, with a picture and a film of what moves; one look-up after that."""

import io
import math
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image, ImageChops

from signage.library import rendition_maker as renditions
from signage.library.item_resolver import Contents
from signage.library.service import Library
from signage.library.style_merge import merged
from signage.model.item import Look
from signage.model.panel import PRESETS
from signage.pixels.slogan import animation as frames
from signage.pixels.slogan.slogan import draw, set_text
from signage.protocol.playlist import Motion
from signage.schedule.live_content import STILL, still_ref
from signage.schedule.snapshot import Installation
from tests.library.items import PANELS, STREET, TAXI, campaign, item, panel, slogan

THEME = "2021年消费维权年主题：守护安全 畅通消费"
LONG = "维护消费者权益，构建社会主义和谐社会"


def test_the_nearest_word_about_a_look_counts() -> None:
    own, campaigns, house = Look(color="#ff0000"), Look(color="#00ff00", fit="cover"), Look(effect="scroll", size_px=32)
    assert merged(own, campaigns, house) == Look("scroll", "#ff0000", None, 32, None, "cover")


@pytest.mark.parametrize("on", PRESETS, ids=lambda p: p.id)
def test_a_slogan_is_made_at_once_for_every_panel(library: Library, on) -> None:
    one = slogan(THEME)
    shown = library.catalogue.rendition(campaign(one), one, on)
    assert shown is not None and (shown.kind, shown.text) == ("slogan", THEME)
    assert shown.duration_ms == library.catalogue.length(campaign(one), one, on) >= 8000
    picture = shown.media[0]
    path = library.media(picture.sha256)
    assert path is not None and path.stat().st_size == picture.bytes
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        assert image.size == (picture.width, picture.height)
    moves = isinstance(picture.motion, Motion)
    assert [m.type for m in shown.media] == ["image/png", "video/mp4"][: 1 + moves]


@pytest.mark.parametrize("effect", ["scroll", "pages"])
@pytest.mark.parametrize(
    "on",
    [TAXI, PANELS["roof-128x16"], panel(192, 64, fps=60), panel(96, 32, fps=25)],
    ids=["taxi", "roof", "fast", "slow"],
)
def test_the_film_of_a_slogan_shows_what_the_picture_shows(library: Library, effect, on) -> None:
    text = LONG * (4 if effect == "pages" else 1)
    one = slogan(text, look=Look(effect=effect))
    shown = library.catalogue.rendition(campaign(one), one, on)
    assert shown is not None
    setting = set_text(text, one.look, on, 8000)
    whole = draw(setting)
    path = library.media(shown.media[1].sha256)
    with av.open(str(path)) as film:
        track = film.streams.video[0]
        assert abs(track.duration * track.time_base * 1000 - shown.duration_ms) <= 1000 / track.average_rate
        assert track.average_rate <= 30
        last = -1
        for frame in film.decode(track):
            at = Fraction(frame.pts) * track.time_base
            if frame.pts % 7 == 0:
                wanted = frames.at(setting, whole, math.ceil(at * 1000))
                seen = frame.to_image()
                middle = ImageChops.difference(wanted.convert("L"), seen.convert("L")).resize(
                    (1, 1), Image.Resampling.BOX
                )
                assert middle.getpixel((0, 0)) < 12, at
            assert frame.pts > last
            last = frame.pts


def test_the_same_slogan_is_drawn_once(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    one = slogan(THEME)
    first = library.catalogue.rendition(campaign(one), one, TAXI)

    def never(*_: object) -> None:
        raise AssertionError("it was drawn again")

    monkeypatch.setattr(renditions, "text_media", never)
    assert library.catalogue.rendition(campaign(one), one, TAXI) == first
    fresh = Library(library.store, library.blobs.folder.parent, library.config, library.clock)
    assert fresh.catalogue.rendition(campaign(one), one, TAXI) == first


def test_what_is_gone_from_the_disk_is_made_again(library: Library) -> None:
    one = slogan(THEME)
    first = library.catalogue.rendition(campaign(one), one, TAXI)
    assert first is not None
    library.blobs.path(first.media[0].sha256).unlink()
    fresh = Library(library.store, library.blobs.folder.parent, library.config, library.clock)
    assert fresh.catalogue.rendition(campaign(one), one, TAXI) == first
    assert library.blobs.has(first.media[0].sha256)


def test_a_panel_gets_only_what_it_plays(library: Library) -> None:
    one = slogan(LONG, look=Look(effect="scroll"))
    kinds = {}
    for plays in (("still", "animation", "film"), ("still", "animation"), ("film",), ("still", "film")):
        on = panel(192, 64, plays=frozenset(plays))
        shown = library.catalogue.rendition(campaign(one), one, on)
        assert shown is not None
        kinds[plays] = [m.type for m in shown.media]
    png, gif, mp4 = "image/png", "image/gif", "video/mp4"
    assert list(kinds.values()) == [[png, mp4], [png, gif], [mp4], [mp4]]


def test_a_picture_without_a_duration_and_a_clip_that_is_not_there_say_so(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (8, 8)).save(path)
    sha256 = library.taking.take_in(path, "a.png").sha256
    for one, code in ((item(sha256), "clip-needs-duration"), (item("0" * 64, 5), "clip-missing")):
        length = library.catalogue.length(campaign(one), one, TAXI)
        assert not isinstance(length, int) and length.code == code


def test_publishing_asks_by_names_and_orders_what_is_not_made(library: Library, tmp_path: Path, worker) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (8, 8), "red").save(path)
    sha256 = library.taking.take_in(path, "a.png").sha256
    whole = campaign(slogan(THEME), item(sha256, 5))
    contents = library.contents(Installation(campaigns=(whole,)))
    lengths = contents.lengths(TAXI)
    assert set(lengths) == {"c/slogan", "c/clip"}
    assert lengths["c/slogan"] == 8000
    waiting = lengths["c/clip"]
    assert not isinstance(waiting, int) and (waiting.level, waiting.code) == ("warning", "clip-not-made")
    worker.run_dry()
    contents = library.contents(Installation(campaigns=(whole,)))
    assert contents.lengths(TAXI)["c/clip"] == 5000
    assert contents.item("c/clip", TAXI).kind == "picture"
    assert contents.item(still_ref(4000), TAXI).duration_ms == 4000
    assert contents.item(STILL, STREET).media[0].width == 1920
    assert isinstance(contents, Contents)
