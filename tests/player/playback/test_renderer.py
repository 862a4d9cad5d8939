"""What the panel shows: each frame at its due instant, nothing black between items."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from signage.player.health import PlayerError
from signage.player.playback.renderer import get_brightness
from signage.player.player import Player
from signage.player.settings import PlayerConfig
from signage.protocol.playlist import BrightnessChange, Motion, PlaylistItem, Program
from tests.player.media.sample_media import create_film, create_ramp, encode_image, is_close_color
from tests.support.player_harness import NOON, PlayerHarness, RecordingDriver
from tests.support.screen_server import TOKEN, ScreenServer, create_media, create_playlist, create_png

RED, GREEN, BLUE = create_png((255, 0, 0)), create_png((0, 255, 0)), create_png((0, 0, 255))


START = NOON - timedelta(hours=1)


@pytest.fixture
def server():
    with ScreenServer() as running:
        yield running


def test_frames_change_at_the_due_instants_and_none_is_black(tmp_path, server):
    server.serve_playlist({"c/r": (RED, 2000), "c/g": (GREEN, 1000), "c/b": (BLUE, 3000)}, begin=START)
    bench = PlayerHarness(tmp_path / "cache", server.url)
    server.clock = bench.time_source.now
    bench.poll_and_download()
    bench.play(24)
    begun = [
        (round((at - START) / timedelta(milliseconds=1)) % 6000, image.getpixel((0, 0)))
        for at, image in bench.driver.shown
    ]
    due = {0: (255, 0, 0), 2000: (0, 255, 0), 3000: (0, 0, 255)}
    assert all(due[ms] == color for ms, color in begun)
    assert len(begun) == 13
    bench.close()


def test_the_frame_of_a_single_image_does_not_change_between_loops(tmp_path, server):
    server.serve_playlist({"only/only": (RED, 8000)}, begin=START)
    bench = PlayerHarness(tmp_path / "cache", server.url)
    server.clock = bench.time_source.now
    bench.poll_and_download()
    bench.play(40)
    assert len(bench.driver.shown) == 1 and bench.driver.get_color() == (255, 0, 0)
    bench.close()
    bench.player.play_log._open()
    assert [p.duration_ms for p in bench.player.play_log._read_oldest(99)] == [8000] * 5


def test_two_runs_give_the_same_frames_at_the_same_instants(tmp_path, server):
    strip = create_media(encode_image(create_ramp(200)), size=(200, 16), motion=Motion("scroll-left", px_per_s=60))
    server.add_media(encode_image(create_ramp(200)))
    item = PlaylistItem(kind="slogan", text="x", duration_ms=2800, media=(strip,))
    server.playlist = create_playlist({}, begin=START, items={"c/s": item})
    seen = []
    for n, late in enumerate((0.0, 0.003)):
        bench = PlayerHarness(tmp_path / str(n), server.url)
        server.clock = bench.time_source.now
        bench.poll_and_download()
        bench.time_source.advance(late)
        bench.play(5.6)
        seen.append({at: image.tobytes() for at, image in bench.driver.shown})
        bench.close()
    assert set(seen[0]) - {min(seen[0])} <= set(seen[1]) | {max(seen[0])}
    assert all(seen[0][at] == seen[1][at] for at in set(seen[0]) & set(seen[1]))
    assert len(seen[0]) > 90


def test_a_broken_image_is_replaced_by_the_fallback_and_reported_once(tmp_path, server):
    junk = b"no picture at all"
    server.serve_playlist({"c/r": (RED, 2000), "c/junk": (junk, 2000)}, begin=START)
    bench = PlayerHarness(tmp_path / "cache", server.url)
    server.clock = bench.time_source.now
    bench.poll_and_download()
    bench.play(16)
    colors = {image.getpixel((0, 0)) for _, image in bench.driver.shown}
    assert colors == {(255, 0, 0), (0, 0, 90)}
    assert bench.list_faults() == ["media-broken c/junk"]
    results = [(p.item, p.result) for p in bench.player.play_log._read_oldest(99)]
    assert results.count(("c/junk", "failed")) == 4 and ("c/r", "completed") in results
    bench.close()


def test_a_dark_program_is_black_and_brightness_follows_the_playlist(tmp_path, server):
    noon = NOON
    programs = (
        Program(START, noon + timedelta(seconds=10), "a", 0, "x"),
        Program(noon + timedelta(seconds=10), START + timedelta(days=1), None, 0, "operating hours"),
    )
    levels = (BrightnessChange(START, 80), BrightnessChange(noon + timedelta(seconds=5), 30))
    server.serve_playlist({"c/r": (RED, 2000)}, begin=START, programs=programs, brightness=levels)
    bench = PlayerHarness(tmp_path / "cache", server.url)
    server.clock = bench.time_source.now
    bench.poll_and_download()
    bench.play(12)
    assert bench.driver.get_color() == (0, 0, 0)
    assert bench.driver.shown[-1][0] == noon + timedelta(seconds=10)
    assert bench.driver.brightness_levels == [80, 30]
    assert get_brightness(server.playlist, START - timedelta(days=1)) == 100
    bench.close()


def test_a_single_film_that_follows_itself_never_goes_black(tmp_path, server):
    data = create_film(tmp_path / "film.mp4", [(250, 0, 0), (0, 250, 0)], each=6)
    server.add_media(data)
    item = PlaylistItem(kind="film", duration_ms=1200, media=(create_media(data, "video/mp4"),))
    server.playlist = create_playlist({}, begin=START, items={"c/film": item})
    panel = RecordingDriver()
    player = Player(PlayerConfig(server.url, tmp_path / "cache", TOKEN), panel, time_source=Live(NOON))
    server.clock = player.clock._time_source.now
    player.run(5.0)
    assert len(panel.shown) > 15
    for at, image in panel.shown:
        place = round((at - START) / timedelta(milliseconds=1)) % 1200
        color = (250, 0, 0) if place < 600 else (0, 250, 0)
        other = (0, 250, 0) if place < 600 else (250, 0, 0)
        pixel = image.getpixel((8, 8))
        assert is_close_color(pixel, color) or is_close_color(pixel, other), (
            at,
            pixel,
        )
    results = [p["result"] for _, p in sorted(server.plays.items())]
    assert results[1:-1] == ["completed"] * (len(results) - 2)


class Live:
    """Running clocks that start at an instant of the test."""

    def __init__(self, wall) -> None:
        self._wall, self._began = wall.timestamp(), time.monotonic()

    def wall(self) -> float:
        return self._wall + self.steady()

    def steady(self) -> float:
        return time.monotonic() - self._began

    def now(self):
        return datetime.fromtimestamp(self.wall(), UTC)


def test_a_failing_panel_is_reported_and_retried(tmp_path, server):
    server.serve_playlist({"c/r": (RED, 1000)}, begin=START)
    broken = []

    class Shaky(RecordingDriver):
        def show_image(self, image, at):
            if broken:
                raise PlayerError("driver-failed", "shaky")
            super().show_image(image, at)

        def start_item(self, turn):
            if broken:
                raise PlayerError("driver-failed", "shaky")

    bench = PlayerHarness(tmp_path / "cache", server.url, driver=Shaky())
    server.clock = bench.time_source.now
    bench.poll_and_download()
    bench.play(2)
    broken.append(True)
    bench.play(2)
    assert bench.list_faults() == ["driver-failed shaky"]
    broken.clear()
    bench.play(3)
    assert bench.list_faults() == []
    results = [p.result for p in bench.player.play_log._read_oldest(99)]
    assert "failed" in results and results[-1] == "completed"
    bench.close()
