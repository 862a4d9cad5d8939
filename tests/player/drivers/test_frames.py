"""Frames as PNG files and as one GIF."""

from datetime import timedelta

from PIL import Image

from signage.player.drivers.frames import FramesDriver
from tests.player.drivers.gradient import create_gradient
from tests.support.player_harness import NOON, create_duration


def test_frames_are_named_by_their_instant(tmp_path):
    driver = FramesDriver(tmp_path / "out")
    driver.open((32, 16))
    driver.show_image(create_gradient((32, 16)), NOON + timedelta(milliseconds=40))
    driver.show_black(NOON + create_duration(1))
    names = sorted(p.name for p in (tmp_path / "out").iterdir())
    assert names == ["2026-03-10T04-00-00.040.png", "2026-03-10T04-00-01.000.png"]
    assert Image.open(tmp_path / "out" / names[0]).convert("RGB").tobytes() == create_gradient((32, 16)).tobytes()


def test_a_gif_shows_each_image_for_its_duration(tmp_path):
    driver = FramesDriver(tmp_path / "out.gif")
    for n, color in enumerate([(255, 0, 0), (0, 255, 0), (0, 0, 255)]):
        driver.show_image(Image.new("RGB", (32, 16), color), NOON + create_duration(n * 2))
    driver.close(NOON + create_duration(5))
    gif = Image.open(tmp_path / "out.gif")
    times, colors = [], []
    for n in range(gif.n_frames):
        gif.seek(n)
        times.append(gif.info["duration"])
        colors.append(gif.convert("RGB").getpixel((0, 0)))
    assert times == [2000, 2000, 1000]
    assert colors == [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
