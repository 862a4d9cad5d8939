"""Clips of every kind, as people bring them, on a street screen: a real server, a real browser, the right pictures."""

import io
import struct
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.library import films
from tests.library.films import draw_test_card
from tests.library.renditions import create_deep_png
from tests.support.installation import wait_until
from tests.web.browser import needs_browser, open_chromium

pytestmark = [needs_browser, pytest.mark.slow]
SIZE = (320, 180)
BLACK = (0, 0, 0)
CHART = {(0.25, 0.25): (255, 0, 0), (0.75, 0.25): (0, 255, 0), (0.25, 0.8): (0, 0, 255), (0.75, 0.8): (255, 255, 255)}
SHOWN = "() => globalThis.signage?.player.current?.item ?? null"
HEAD = """
format = "signage.campaign/1"
id = "all"
title = "all kinds"
timezone = "Asia/Shanghai"
from = 2021-01-01T00:00:00
until = 2099-01-01T00:00:00
[[placement]]
screens = ["*"]
items = ["*"]
order = "listed"
"""
PICTURES = ("exif", "deep", "print", "clear", "webp", "bmp")
ANIMATIONS = ("gif", "animated-webp")
FILMS = ("h264", "hevc", "vp9", "mpeg1", "mpeg2", "phone", "uneven")


def pictures(folder: Path) -> dict[str, str]:
    """Files by item: a phone's picture lying on its side, deep, print, cut out, and the plain ones."""
    exif = Image.Exif()
    exif[0x0112] = 6
    draw_test_card(*SIZE).transpose(Image.Transpose.ROTATE_90).save(folder / "exif.jpg", quality=95, exif=exif)
    row = b"".join(struct.pack(">HHH", 65535, 257 * 128, 0) for _ in range(320))
    (folder / "deep.png").write_bytes(create_deep_png(2, row, 320))
    Image.new("CMYK", SIZE, (0, 255, 255, 0)).save(folder / "print.jpg", quality=95)
    cut = Image.new("P", SIZE, 1)
    cut.putpalette([0, 0, 0, 255, 255, 0])
    cut.paste(0, (0, 0, SIZE[0] // 2, SIZE[1]))
    cut.save(folder / "clear.png", transparency=0)
    draw_test_card(*SIZE).save(folder / "webp.webp", lossless=True)
    draw_test_card(*SIZE).save(folder / "bmp.bmp")
    return {"exif": "exif.jpg", "deep": "deep.png", "print": "print.jpg", "clear": "clear.png"} | {
        name: f"{name}.{name}" for name in ("webp", "bmp")
    }


def animations(folder: Path) -> dict[str, str]:
    frames = [Image.new("RGB", SIZE, color) for color in ("red", "blue")]
    frames[0].save(folder / "gif.gif", save_all=True, append_images=frames[1:], duration=1500, loop=0)
    frames[0].save(folder / "anim.webp", save_all=True, append_images=frames[1:], duration=1500, lossless=True)
    return {"gif": "gif.gif", "animated-webp": "anim.webp"}


def moving(folder: Path) -> dict[str, str]:
    """Two seconds each, of every codec that is taken; one turned, one of uneven frames."""
    plain: dict[str, Any] = {"size": SIZE, "frames": 50}
    films.write_film(folder / "h264.mp4", **plain, sound_s=2)
    films.write_film(folder / "hevc.mov", **plain, codec="libx265", options={"x265-params": "log-level=none"})
    films.write_film(
        folder / "vp9.webm", **plain, codec="libvpx-vp9", options={"deadline": "realtime", "cpu-used": "8"}
    )
    films.write_film(folder / "mpeg1.mpg", **plain, codec="mpeg1video")
    films.write_film(folder / "mpeg2.mpg", **plain, codec="mpeg2video")
    films.write_film(folder / "phone.mp4", size=(180, 320), frames=50, turn=90)
    films.write_film(folder / "uneven.mp4", [0, 40, 500, 540, 1200, 1960], size=SIZE, last_ms=40)
    names = {"h264": "mp4", "hevc": "mov", "vp9": "webm", "mpeg1": "mpg", "mpeg2": "mpg", "phone": "mp4"}
    return {name: f"{name}.{ending}" for name, ending in (names | {"uneven": "mp4"}).items()}


def campaign(files: dict[str, str]) -> str:
    items = [
        f'[[item]]\nid = "{name}"\nfile = "assets/{file}"\n' + ("duration_s = 3\n" if name not in FILMS else "")
        for name, file in files.items()
    ]
    return HEAD + "\n".join(items)


def colors(page: Any, places: list[tuple[float, float]]) -> list[tuple[int, int, int]]:
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return [shot.getpixel((int(shot.width * x), int(shot.height * y))) for x, y in places]  # type: ignore[misc]


def is_near(found: tuple[int, int, int], wanted: tuple[int, int, int], far: int = 60) -> bool:
    return all(abs(a - b) <= far for a, b in zip(found, wanted, strict=True))


def is_right(name: str, seen: list[tuple[int, int, int]]) -> bool:
    """Whether the colours at the places of ``CHART``, and in the middle, are those that the clip has there."""
    if name == "deep":
        return is_near(seen[-1], (255, 128, 0))
    if name == "print":
        return all(red > 170 and green < 90 and blue < 90 for red, green, blue in seen)
    if name == "clear":
        return is_near(seen[0], BLACK) and is_near(seen[1], (255, 255, 0))
    if name in ANIMATIONS:
        return is_near(seen[0], (255, 0, 0)) or is_near(seen[0], (0, 0, 255))
    wanted = list(CHART.values())
    if name == "phone":  # turned a quarter against the clock
        wanted = [wanted[1], wanted[3], wanted[0], wanted[2]]
    return all(is_near(a, b) for a, b in zip(seen[:4], wanted, strict=True))


def test_clips_of_every_kind_show_as_they_are(install) -> None:
    office = install(campaigns=False)
    assets = office.folder / "assets"
    files = pictures(assets) | animations(assets) | moving(assets)
    assert set(files) == {*PICTURES, *ANIMATIONS, *FILMS}
    (office.folder / "playlists" / "all.toml").write_text(campaign(files), "utf-8")
    office.start()
    command = ("screens", "add", "street-1", "--kind", "street", "--panel", "street-1920x1080")
    token = office.run_json(*command)["token"]
    wait_until(
        lambda: office.get_playlist(token).text.count('"all/') >= 2 * len(files), "all are made", office.read_log
    )
    right: set[str] = set()
    wrong: dict[str, Any] = {}
    with open_chromium() as browser:
        page = browser.new_context(viewport={"width": 480, "height": 270}).new_page()  # type: ignore[attr-defined]
        page.goto(f"{office.url}/s/{token}/")
        end = time.monotonic() + 150
        while time.monotonic() < end and right != set(files):
            before = page.evaluate(SHOWN)
            seen = colors(page, [*CHART, (0.5, 0.5)])
            if before is None or before != page.evaluate(SHOWN) or not before.startswith("all/"):
                continue
            name = before.removeprefix("all/")
            if is_right(name, seen):
                right.add(name)
            else:
                wrong[name] = seen
    assert set(files) - right == set(), wrong
