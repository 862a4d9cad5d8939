"""Pictures and animations: rotation, bit depth, colour, transparency, delays."""

import struct
from pathlib import Path

import av
import pytest
from PIL import Image

from signage.library.rendition_worker import RenditionWorker
from signage.library.service import Library
from signage.model.item import Style
from tests.library import films
from tests.library.items import create_clip_item, create_panel
from tests.library.renditions import convert_item, create_deep_png, get_media_path, write_gif
from tests.support.clips import add_clip

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
        get_media_path(
            library, convert_item(library, worker, create_clip_item(taken.sha256, 5), create_panel(320, 240))
        )
    ) as shown:
        assert shown.size == (320, 240)
        assert not shown.getexif()
        for place, color in CORNERS.items():
            assert all(abs(a - b) < 12 for a, b in zip(shown.convert("RGB").getpixel(place), color, strict=True))


@pytest.mark.parametrize("kind", [0, 2, 4, 6], ids=["grey", "rgb", "grey with alpha", "rgb with alpha"])
def test_sixteen_bits_are_scaled_not_clamped(
    library: Library, worker: RenditionWorker, tmp_path: Path, kind: int
) -> None:
    values = {0: 1, 2: 3, 4: 1, 6: 3}[kind]
    opaque = b"\xff\xff" if kind >= 4 else b""
    row = b"".join(struct.pack(">H", 257 * x) * values + opaque for x in range(256))
    path = tmp_path / "ramp.png"
    path.write_bytes(create_deep_png(kind, row))
    taken = add_clip(library, path, "ramp.png")
    converted = convert_item(library, worker, create_clip_item(taken.sha256, 5), create_panel(256, 64))
    with Image.open(get_media_path(library, converted)) as shown:
        ramp = [shown.convert("RGB").getpixel((x, 32)) for x in range(256)]
    assert all(abs(channel - x) <= 2 for x, pixel in enumerate(ramp) for channel in pixel)


def test_colours_of_print_and_of_profiles_come_out_as_they_look(
    library: Library, worker: RenditionWorker, tmp_path: Path
) -> None:
    path = tmp_path / "print.jpg"
    Image.new("CMYK", (64, 64), (0, 255, 255, 0)).save(path, quality=95)
    taken = add_clip(library, path, "print.jpg")
    converted = convert_item(library, worker, create_clip_item(taken.sha256, 5), create_panel(64, 64))
    with Image.open(get_media_path(library, converted)) as shown:
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
    with Image.open(get_media_path(library, convert_item(library, worker, one, create_panel(32, 32)))) as shown:
        pixels = shown.convert("RGB")
    assert pixels.getpixel((4, 16)) == (0, 0, 255)
    assert pixels.getpixel((28, 16)) == (255, 0, 0)


@pytest.mark.parametrize(("delays", "round_ms"), [([0, 0, 0], 300), ([0, 50, 2], 620), ([1, 1, 1], 300)])
def test_a_delay_too_short_is_a_tenth_of_a_second(
    library: Library, tmp_path: Path, delays: list[int], round_ms: int
) -> None:
    facts = add_clip(library, write_gif(tmp_path / "a.gif", delays), "a.gif").facts
    assert (facts.kind, facts.frames, facts.duration_ms) == ("animation", 3, round_ms)


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_other_animations_are_films_too(library: Library, worker: RenditionWorker, tmp_path: Path, kind: str) -> None:
    frames = [Image.new("RGBA", (32, 32), c) for c in ("red", "lime", "#0000ff80")]
    path = tmp_path / "moving"
    frames[0].save(path, kind, save_all=True, append_images=frames[1:], duration=[200, 5, 300], loop=0)
    taken = add_clip(library, path, "moving")
    assert (taken.facts.kind, taken.facts.duration_ms) == ("animation", 600)
    assert convert_item(library, worker, create_clip_item(taken.sha256, 1), create_panel(32, 32)).duration_ms == 1200


def test_an_animation_shows_whole_rounds_as_a_film(library: Library, worker: RenditionWorker, tmp_path: Path) -> None:
    taken = add_clip(library, write_gif(tmp_path / "a.gif", [0, 0, 0]), "a.gif")
    shown = convert_item(library, worker, create_clip_item(taken.sha256, 4), create_panel(96, 32))
    assert (shown.kind, shown.duration_ms, shown.media[0].type) == ("film", 4200, "video/mp4")
    with av.open(str(get_media_path(library, shown))) as film:
        track = film.streams.video[0]
        assert round(track.duration * track.time_base * 1000) == 4200
        seen = [(round(f.time * 1000), f.to_image().getpixel((48, 16))) for f in film.decode(track)]
    assert [at for at, _ in seen] == list(range(0, 4200, 100))
    assert [max(range(3), key=color.__getitem__) for _, color in seen] == [0, 1, 2] * 14
