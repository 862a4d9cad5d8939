"""Films: orientation, length, codecs, dynamic range, sound; the same bytes for the same input."""

from fractions import Fraction
from pathlib import Path

import av
import pytest

from signage.library.codecs.clip_jobs import FilmJob
from signage.library.rendition_maker import convert_clip
from signage.library.rendition_worker import RenditionWorker
from signage.library.service import Library
from signage.model.item import Fit, Item, Style
from signage.protocol.playlist import PlaylistMedia
from tests.library import films
from tests.library.items import create_campaign, create_clip_item, create_panel
from tests.library.renditions import convert_item, get_media_path
from tests.support.clips import add_clip


@pytest.mark.parametrize("turn", [0, -90, 90, 180])
def test_an_upright_film_stands_upright(library: Library, worker: RenditionWorker, tmp_path: Path, turn: int) -> None:
    path = films.write_film(tmp_path / "phone.mp4", size=(160, 120), frames=10, turn=turn)
    taken = add_clip(library, path, "phone.mp4")
    upright = (120, 160) if turn in (90, -90) else (160, 120)
    assert (taken.facts.width, taken.facts.height) == upright
    shown = convert_item(library, worker, create_clip_item(taken.sha256), create_panel(320, 120))
    with av.open(str(get_media_path(library, shown))) as film:
        frame = next(film.decode(video=0))
        assert (frame.width, frame.height, frame.rotation) == (320, 120, 0)
        picture = frame.to_image()
    wide = upright[0] * 120 // upright[1]
    assert picture.getpixel(((320 - wide) // 2 - 4, 60)) == pytest.approx((0, 0, 0), abs=6)
    # The stored picture is red top left; -90 turns it clockwise: red comes to the top right.
    turns = {0: (0, 0), -90: (1, 0), 180: (1, 1), 90: (0, 1)}[turn]
    red = (320 - wide) // 2 + (wide // 4 if not turns[0] else wide * 3 // 4), 30 if not turns[1] else 90
    assert picture.getpixel(red) == pytest.approx((255, 0, 0), abs=30)


@pytest.mark.parametrize(
    ("make", "length_ms"),
    [
        (lambda p: films.write_film(p, [0, 500, 2000, 3960], last_ms=40), 4000),
        (lambda p: films.write_film(p, frames=50, sound_s=7), 2000),
        (lambda p: films.write_film(p, rate=Fraction(30000, 1001), frames=300, size=(64, 48)), 10010),
        (lambda p: films.write_film(p, frames=50, options={"bf": "2"}), 2000),
        (lambda p: films.write_film(p, rate=60, frames=90), 1500),
        (lambda p: films.write_film(p, rate=1, frames=3), 3000),
    ],
    ids=["uneven", "longer sound", "ntsc", "reordered", "fast", "slow"],
)
def test_a_film_lasts_as_long_as_its_picture_track(
    library: Library, worker: RenditionWorker, tmp_path: Path, make, length_ms
):
    taken = add_clip(library, make(tmp_path / "film.mp4"), "film.mp4")
    assert abs(taken.facts.duration_ms - length_ms) <= 1
    shown = convert_item(library, worker, create_clip_item(taken.sha256), create_panel(64, 48))
    assert abs(shown.duration_ms - length_ms) <= 1
    with av.open(str(get_media_path(library, shown))) as film:
        track = film.streams.video[0]
        assert abs(track.duration * track.time_base * 1000 - length_ms) <= 1000 / track.average_rate + 1
        assert track.average_rate <= 30
        assert (film.streams.audio[:] or [None])[0] is None


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("a.mov", {"codec": "libx265"}),
        ("a.webm", {"codec": "libvpx"}),
        ("a.webm", {"codec": "libvpx-vp9"}),
        ("a.mpg", {"codec": "mpeg2video", "sound_s": 1, "sound_codec": "mp2"}),
        ("a.ts", {"codec": "mpeg2video", "container": "mpegts"}),
        ("a.m2v", {"codec": "mpeg1video", "container": "mpeg1video"}),
        ("a.mp4", {"size": (162, 90)}),
    ],
)
def test_films_of_every_kind_become_h264(
    library: Library, worker: RenditionWorker, tmp_path: Path, name: str, more
) -> None:
    taken = add_clip(library, films.write_film(tmp_path / name, frames=25, **more), name)
    assert abs(taken.facts.duration_ms - 1000) <= 41
    shown = convert_item(library, worker, create_clip_item(taken.sha256, look=Style(fit="blur")), create_panel(97, 33))
    with av.open(str(get_media_path(library, shown))) as film:
        track = film.streams.video[0]
        assert (track.codec_context.name, track.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (track.width, track.height) == (98, 34)
        assert sum(1 for _ in film.decode(track)) == 25


@pytest.mark.slow
@pytest.mark.parametrize("fit", ["contain", "blur"])
@pytest.mark.parametrize(("curve", "code"), [("arib-std-b67", 18), ("smpte2084", 16)])
def test_a_film_of_high_dynamic_range_is_tone_mapped(
    library: Library, tmp_path: Path, curve: str, code: int, fit: Fit
) -> None:
    tags = f"log-level=none:colorprim=bt2020:transfer={curve}:colormatrix=bt2020nc"
    path = films.write_film(tmp_path / "hdr.mp4", codec="libx265", frames=5, options={"x265-params": tags})
    with av.open(str(path)) as film:
        assert next(film.decode(video=0)).color_trc == code
    media = convert_only(library, create_clip_item(add_clip(library, path, "hdr.mp4").sha256, look=Style(fit=fit)))
    with av.open(str(library.find_media(media.sha256))) as film:
        frame = next(film.decode(video=0))
        assert (frame.color_trc, frame.colorspace) == (1, 1)
        assert frame.to_image().getpixel((100, 60)) > (180, 180, 180)


def convert_only(library: Library, item: Item) -> PlaylistMedia:
    """Convert a clip without its previews: building the tone map takes seconds for each output."""
    spec = library.catalog._build_spec(create_campaign(item), item, create_panel(160, 90))
    assert isinstance(spec, FilmJob)
    (media,) = convert_clip(spec, library.blobs, library.sandbox, library.config)
    return media


def test_sound_comes_to_one_level_where_the_panel_has_loudspeakers(
    library: Library, worker: RenditionWorker, tmp_path: Path
) -> None:
    taken = add_clip(library, films.write_film(tmp_path / "f.mp4", frames=100, sound_s=4), "f.mp4")
    loud = create_panel(64, 48, codecs=("h264", "aac"))
    with av.open(
        str(get_media_path(library, convert_item(library, worker, create_clip_item(taken.sha256), loud)))
    ) as film:
        assert film.streams.audio[0].codec_context.name == "aac"
        graph = av.filter.Graph()
        source = graph.add_abuffer(template=film.streams.audio[0])
        meter, sink = graph.add("ebur128", "metadata=1:framelog=quiet"), graph.add("abuffersink")
        source.link_to(meter)
        meter.link_to(sink)
        graph.configure()
        level = 0.0
        for frame in film.decode(audio=0):
            graph.push(frame)
            while True:
                try:
                    level = float(graph.pull().metadata["lavfi.r128.I"])
                except av.BlockingIOError:
                    break
    assert level == pytest.approx(-23, abs=0.7)
    quiet = convert_item(library, worker, create_clip_item(taken.sha256), create_panel(64, 48))
    with av.open(str(get_media_path(library, quiet))) as film:
        assert not film.streams.audio


def test_the_same_bytes_give_the_same_bytes(library: Library, worker: RenditionWorker, tmp_path: Path, sandbox) -> None:
    from signage.library.rendition_specs import create_clip_spec

    taken = add_clip(library, films.write_film(tmp_path / "f.mp4", frames=30, sound_s=2), "f.mp4")
    on = create_panel(128, 64, codecs=("h264", "aac"))
    recipe = create_clip_spec(taken.sha256, taken.facts, create_clip_item(taken.sha256), Style(), on, -23.0)
    assert isinstance(recipe, FilmJob)
    first, second = (convert_clip(recipe, library.blobs, sandbox, library.config)[0].sha256 for _ in range(2))
    assert first == second


def test_a_film_is_never_sent_to_a_panel_that_cannot_decode_it(
    library: Library, worker: RenditionWorker, tmp_path: Path
) -> None:
    taken = add_clip(library, films.write_film(tmp_path / "f.mp4", frames=50), "f.mp4")
    still = create_panel(64, 48, plays=frozenset({"still"}))
    shown = convert_item(library, worker, create_clip_item(taken.sha256), still)
    assert (shown.kind, shown.duration_ms, shown.media[0].type) == ("film", 2000, "image/png")
    other, one = create_panel(64, 48, plays=frozenset({"film"}), codecs=("vp9",)), create_clip_item(taken.sha256)
    length = library.catalog.get_length(create_campaign(one), one, other)
    assert not isinstance(length, int) and length.code == "panel-cannot-play"
    assert library.catalog.get_or_create_item(create_campaign(one), one, other) is None
