"""What people bring: phone pictures, deep pictures, animations, upright films, uneven films, any name."""

import struct
import zlib
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

from signage.library.clip_names import format_display_name, normalize_name
from signage.library.rendition_worker import RenditionWorker
from signage.library.service import Library
from signage.model.item import Item, Style
from signage.model.panel import Panel
from signage.protocol.playlist import PlaylistItem as Shown
from signage.store.library import clips
from tests.library import films
from tests.library.items import create_campaign, create_clip_item, create_panel
from tests.support.clips import add_clip


def show(library: Library, worker: RenditionWorker, one: Item, on: Panel) -> Shown:
    """The item as made for a panel."""
    whole = create_campaign(one)
    library.catalog.request_rendition(whole, one, on)
    worker.drain()
    shown = library.catalog.get_or_create_item(whole, one, on)
    assert shown is not None, library.catalog.get_length(whole, one, on)
    return shown


def media_path(library: Library, shown: Shown) -> Path:
    path = library.find_media(shown.media[0].sha256)
    assert path is not None
    return path


# -- pictures ---------------------------------------------------------------------------------------------------------

T = Image.Transpose
STORED = {1: None, 2: T.FLIP_LEFT_RIGHT, 3: T.ROTATE_180, 4: T.FLIP_TOP_BOTTOM, 5: T.TRANSPOSE, 6: T.ROTATE_90}
STORED |= {7: T.TRANSVERSE, 8: T.ROTATE_270}
CORNERS = {(40, 30): (255, 0, 0), (280, 30): (0, 255, 0), (40, 210): (0, 0, 255), (280, 210): (255, 255, 255)}


@pytest.mark.parametrize("orientation", STORED)
def test_a_phone_picture_is_turned_upright_and_its_tag_dropped(
    library: Library, worker: RenditionWorker, tmp_path: Path, orientation: int
) -> None:
    up, turn = films.draw_test_card(320, 240), STORED[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "phone.jpg"
    (up.transpose(turn) if turn is not None else up).save(path, quality=95, exif=exif)
    taken = add_clip(library, path, "phone.jpg")
    assert (taken.facts.width, taken.facts.height) == (320, 240)
    with Image.open(
        media_path(library, show(library, worker, create_clip_item(taken.sha256, 5), create_panel(320, 240)))
    ) as shown:
        assert shown.size == (320, 240)
        assert not shown.getexif()
        for place, color in CORNERS.items():
            assert all(abs(a - b) < 12 for a, b in zip(shown.convert("RGB").getpixel(place), color, strict=True))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def deep_png(kind: int, row: bytes, width: int = 256) -> bytes:
    head = struct.pack(">IIBBBBB", width, 64, 16, kind, 0, 0, 0)
    rows = zlib.compress((b"\0" + row) * 64)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", [0, 2, 4, 6], ids=["grey", "rgb", "grey with alpha", "rgb with alpha"])
def test_sixteen_bits_are_scaled_not_clamped(
    library: Library, worker: RenditionWorker, tmp_path: Path, kind: int
) -> None:
    values = {0: 1, 2: 3, 4: 1, 6: 3}[kind]
    opaque = b"\xff\xff" if kind >= 4 else b""
    row = b"".join(struct.pack(">H", 257 * x) * values + opaque for x in range(256))
    path = tmp_path / "ramp.png"
    path.write_bytes(deep_png(kind, row))
    taken = add_clip(library, path, "ramp.png")
    with Image.open(
        media_path(library, show(library, worker, create_clip_item(taken.sha256, 5), create_panel(256, 64)))
    ) as shown:
        ramp = [shown.convert("RGB").getpixel((x, 32)) for x in range(256)]
    assert all(abs(channel - x) <= 2 for x, pixel in enumerate(ramp) for channel in pixel)


def test_colours_of_print_and_of_profiles_come_out_as_they_look(
    library: Library, worker: RenditionWorker, tmp_path: Path
) -> None:
    path = tmp_path / "print.jpg"
    Image.new("CMYK", (64, 64), (0, 255, 255, 0)).save(path, quality=95)
    taken = add_clip(library, path, "print.jpg")
    with Image.open(
        media_path(library, show(library, worker, create_clip_item(taken.sha256, 5), create_panel(64, 64)))
    ) as shown:
        red, green, blue = shown.convert("RGB").getpixel((32, 32))
    assert red > 180 and green < 70 and blue < 70
    assert shown.info.get("icc_profile") is None


def test_what_is_transparent_shows_the_background(library: Library, worker: RenditionWorker, tmp_path: Path) -> None:
    picture = Image.new("P", (32, 32), 1)
    picture.putpalette([0, 0, 0, 255, 0, 0])
    picture.paste(0, (0, 0, 16, 32))
    path = tmp_path / "logo.gif"
    picture.save(path, transparency=0)
    taken = add_clip(library, path, "logo.gif")
    one = create_clip_item(taken.sha256, 5, Style(background="#0000ff"))
    with Image.open(media_path(library, show(library, worker, one, create_panel(32, 32)))) as shown:
        pixels = shown.convert("RGB")
    assert pixels.getpixel((4, 16)) == (0, 0, 255)
    assert pixels.getpixel((28, 16)) == (255, 0, 0)


# -- animations -------------------------------------------------------------------------------------------------------


def gif(path: Path, delays: list[int]) -> Path:
    """Frames red, green, blue with these delays in 1/100 s, really in the file."""
    frames = [Image.new("RGB", (96, 32), c) for c in ("red", "lime", "blue")]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=[990] * 3, loop=0)
    data, at = bytearray(path.read_bytes()), 0
    for delay in delays:
        at = data.index(b"\x21\xf9\x04", at)
        data[at + 4 : at + 6] = delay.to_bytes(2, "little")
        at += 8
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(("delays", "round_ms"), [([0, 0, 0], 300), ([0, 50, 2], 620), ([1, 1, 1], 300)])
def test_a_delay_too_short_is_a_tenth_of_a_second(
    library: Library, tmp_path: Path, delays: list[int], round_ms: int
) -> None:
    facts = add_clip(library, gif(tmp_path / "a.gif", delays), "a.gif").facts
    assert (facts.kind, facts.frames, facts.duration_ms) == ("animation", 3, round_ms)


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_other_animations_are_films_too(library: Library, worker: RenditionWorker, tmp_path: Path, kind: str) -> None:
    frames = [Image.new("RGBA", (32, 32), c) for c in ("red", "lime", "#0000ff80")]
    path = tmp_path / "moving"
    frames[0].save(path, kind, save_all=True, append_images=frames[1:], duration=[200, 5, 300], loop=0)
    taken = add_clip(library, path, "moving")
    assert (taken.facts.kind, taken.facts.duration_ms) == ("animation", 600)
    assert show(library, worker, create_clip_item(taken.sha256, 1), create_panel(32, 32)).duration_ms == 1200


def test_an_animation_shows_whole_rounds_as_a_film(library: Library, worker: RenditionWorker, tmp_path: Path) -> None:
    taken = add_clip(library, gif(tmp_path / "a.gif", [0, 0, 0]), "a.gif")
    shown = show(library, worker, create_clip_item(taken.sha256, 4), create_panel(96, 32))
    assert (shown.kind, shown.duration_ms, shown.media[0].type) == ("film", 4200, "video/mp4")
    with av.open(str(media_path(library, shown))) as film:
        track = film.streams.video[0]
        assert round(track.duration * track.time_base * 1000) == 4200
        seen = [(round(f.time * 1000), f.to_image().getpixel((48, 16))) for f in film.decode(track)]
    assert [at for at, _ in seen] == list(range(0, 4200, 100))
    assert [max(range(3), key=color.__getitem__) for _, color in seen] == [0, 1, 2] * 14


# -- films ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("turn", [0, -90, 90, 180])
def test_an_upright_film_stands_upright(library: Library, worker: RenditionWorker, tmp_path: Path, turn: int) -> None:
    path = films.write_film(tmp_path / "phone.mp4", size=(160, 120), frames=10, turn=turn)
    taken = add_clip(library, path, "phone.mp4")
    upright = (120, 160) if turn in (90, -90) else (160, 120)
    assert (taken.facts.width, taken.facts.height) == upright
    shown = show(library, worker, create_clip_item(taken.sha256), create_panel(320, 120))
    with av.open(str(media_path(library, shown))) as film:
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
    shown = show(library, worker, create_clip_item(taken.sha256), create_panel(64, 48))
    assert abs(shown.duration_ms - length_ms) <= 1
    with av.open(str(media_path(library, shown))) as film:
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
    shown = show(library, worker, create_clip_item(taken.sha256, look=Style(fit="blur")), create_panel(97, 33))
    with av.open(str(media_path(library, shown))) as film:
        track = film.streams.video[0]
        assert (track.codec_context.name, track.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (track.width, track.height) == (98, 34)
        assert sum(1 for _ in film.decode(track)) == 25


@pytest.mark.parametrize(("curve", "code"), [("arib-std-b67", 18), ("smpte2084", 16)])
def test_a_film_of_high_dynamic_range_is_tone_mapped(
    library: Library, worker: RenditionWorker, tmp_path: Path, curve: str, code: int
) -> None:
    tags = f"log-level=none:colorprim=bt2020:transfer={curve}:colormatrix=bt2020nc"
    path = films.write_film(tmp_path / "hdr.mp4", codec="libx265", frames=5, options={"x265-params": tags})
    with av.open(str(path)) as film:
        assert next(film.decode(video=0)).color_trc == code
    taken = add_clip(library, path, "hdr.mp4")
    for fit in ("contain", "blur"):
        shown = show(library, worker, create_clip_item(taken.sha256, look=Style(fit=fit)), create_panel(160, 90))  # type: ignore[arg-type]
        with av.open(str(media_path(library, shown))) as film:
            frame = next(film.decode(video=0))
            assert (frame.color_trc, frame.colorspace) == (1, 1)
            assert frame.to_image().getpixel((100, 60)) > (180, 180, 180)


def test_sound_comes_to_one_level_where_the_panel_has_loudspeakers(
    library: Library, worker: RenditionWorker, tmp_path: Path
) -> None:
    taken = add_clip(library, films.write_film(tmp_path / "f.mp4", frames=100, sound_s=4), "f.mp4")
    loud = create_panel(64, 48, codecs=("h264", "aac"))
    with av.open(str(media_path(library, show(library, worker, create_clip_item(taken.sha256), loud)))) as film:
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
    quiet = show(library, worker, create_clip_item(taken.sha256), create_panel(64, 48))
    with av.open(str(media_path(library, quiet))) as film:
        assert not film.streams.audio


def test_the_same_bytes_give_the_same_bytes(library: Library, worker: RenditionWorker, tmp_path: Path, jail) -> None:
    from signage.library.codecs.clip_jobs import FilmJob
    from signage.library.rendition_maker import convert_clip
    from signage.library.rendition_specs import create_clip_spec

    taken = add_clip(library, films.write_film(tmp_path / "f.mp4", frames=30, sound_s=2), "f.mp4")
    on = create_panel(128, 64, codecs=("h264", "aac"))
    recipe = create_clip_spec(taken.sha256, taken.facts, create_clip_item(taken.sha256), Style(), on, -23.0)
    assert isinstance(recipe, FilmJob)
    first, second = (convert_clip(recipe, library.blobs, jail, library.config)[0].sha256 for _ in range(2))
    assert first == second


# -- panels that cannot ------------------------------------------------------------------------------------------------


def test_a_film_is_never_sent_to_a_panel_that_cannot_decode_it(
    library: Library, worker: RenditionWorker, tmp_path: Path
) -> None:
    taken = add_clip(library, films.write_film(tmp_path / "f.mp4", frames=50), "f.mp4")
    still = create_panel(64, 48, plays=frozenset({"still"}))
    shown = show(library, worker, create_clip_item(taken.sha256), still)
    assert (shown.kind, shown.duration_ms, shown.media[0].type) == ("film", 2000, "image/png")
    other, one = create_panel(64, 48, plays=frozenset({"film"}), codecs=("vp9",)), create_clip_item(taken.sha256)
    length = library.catalog.get_length(create_campaign(one), one, other)
    assert not isinstance(length, int) and length.code == "panel-cannot-play"
    assert library.catalog.get_or_create_item(create_campaign(one), one, other) is None


# -- names -------------------------------------------------------------------------------------------------------------

NAMES = [
    "守护安全.png", "𠮷野家.png", "🎬.png", "a" * 200 + ".png", "无扩展名", "../../etc/passwd.png",
    "C:\\temp\\海报.png", "空 格 与 加+号%20.png", ".png", "CON.png", "\u00e9t\u00e9.png",
    "e\u0301te\u0301.png", "مرحبا.png", "换\u202egnp.exe.png", "zwei\nZeilen.png",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_clip_is_kept_shown_and_found_by_its_full_name(library: Library, tmp_path: Path, name: str) -> None:
    path = tmp_path / "source"
    Image.new("RGB", (8, 8), "red").save(path, "PNG")
    taken = add_clip(library, path, name)
    with library.store.read() as connection:
        assert [clip.sha256 for clip in clips.find_clips_by_name(connection, name)] == [taken.sha256]
        assert clips.list_clip_names(connection, taken.sha256) == [name]
    inside = tmp_path / "state"
    assert {p for p in tmp_path.rglob("*") if p.is_file() and not p.is_relative_to(inside)} == {path}
    assert {p.name for p in (inside / "library").rglob("*") if p.is_file()} == {taken.sha256}


def test_two_names_with_the_same_bytes_are_one_clip(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "source"
    Image.new("RGB", (8, 8), "red").save(path, "PNG")
    first, second = (add_clip(library, path, name) for name in ("守护安全.png", "🎬.png"))
    assert first.sha256 == second.sha256
    assert (first.is_new, second.is_new) == (True, False)
    with library.store.read() as connection:
        assert clips.list_clip_names(connection, first.sha256) == sorted(["守护安全.png", "🎬.png"])


def test_what_is_shown_of_a_name_reads_as_it_is_written() -> None:
    assert format_display_name("换\u202egnp.exe.png\nX-Header: 1") == "换gnp.exe.pngX-Header: 1"
    assert format_display_name("a" * 5000 + ".png").endswith("aaa.png") and len(format_display_name("a" * 5000)) < 300
    assert normalize_name("a\udc80\0b") == "a?\ufffdb"
    assert format_display_name("\n") == normalize_name("") == "?"


def test_one_form_of_a_letter_finds_the_other(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "source"
    Image.new("RGB", (8, 8), "red").save(path, "PNG")
    add_clip(library, path, "e\u0301te\u0301.png")
    with library.store.read() as connection:
        for search in ("\u00e9t\u00e9", "e\u0301te\u0301", "%"):
            assert len(clips.list_newest_clips(connection, 10, search)) == (search != "%")
