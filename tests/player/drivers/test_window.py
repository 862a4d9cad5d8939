"""The window driver against mpv."""

import shutil
import subprocess
import threading

import pytest

from signage.player.drivers import ItemStart
from signage.player.drivers.window import WindowDriver
from signage.player.health import PlayerError
from signage.protocol.playlist import Motion
from tests.support.player_harness import NOON
from tests.support.screen_server import create_media, create_png

needs_mpv = pytest.mark.skipif(shutil.which("mpv") is None, reason="mpv is not installed")


@needs_mpv
def test_mpv_shows_an_item_from_its_position(tmp_path):
    (tmp_path / "a.png").write_bytes(create_png((255, 0, 0)))
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=64x32:d=4:r=10", str(tmp_path / "b.mp4")], check=True
    ) if shutil.which("ffmpeg") else pytest.skip("ffmpeg is not installed")
    driver = WindowDriver("--vo=null", tmp_path)
    driver.open((32, 16))
    driver.start_item(ItemStart("c/a", tmp_path / "a.png", create_media(b"x"), 0, NOON))
    assert driver.send_command("get_property", "mpv-version").startswith("mpv")
    film = create_media(b"y", "video/mp4")
    driver.start_item(ItemStart("c/b", tmp_path / "b.mp4", film, 2000, NOON))
    for _ in range(100):
        try:
            place = driver.send_command("get_property", "time-pos")
        except PlayerError:
            place = None
        if place:
            break
        threading.Event().wait(0.05)
    assert place >= 1.9
    driver.set_brightness(50)
    assert driver.send_command("get_property", "brightness") == -50
    process = driver._process
    process.kill()
    process.wait()
    driver.start_item(ItemStart("c/a", tmp_path / "a.png", create_media(b"x"), 0, NOON))  # it starts again by itself
    driver.show_black(NOON)
    driver.close(NOON)
    assert driver._process.poll() is not None and not (tmp_path / "mpv.socket").exists()


@needs_mpv
def test_a_window_needs_the_film_of_a_strip(tmp_path):
    driver = WindowDriver("", tmp_path)
    assert not driver.can_play(create_media(b"x", motion=Motion("scroll-left", px_per_s=60)))
    assert driver.can_play(create_media(b"x", "video/mp4"))


def test_a_missing_mpv_is_reported(tmp_path):
    with pytest.raises(PlayerError, match="driver-missing no-such-mpv"):
        WindowDriver("", tmp_path, ("no-such-mpv",))
