"""What is on the panel: strips by the formula, pages, animations, films in true time, nothing black between."""

import io
import os
import time
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from signage.player.health import PlayerError
from signage.player.media.media_sources import open_image
from signage.player.media.video_decoder import VideoDecoder
from signage.player.playback.renderer import get_brightness
from signage.player.player import Player
from signage.player.settings import PlayerConfig
from signage.protocol.playlist import BrightnessChange, Motion, PlaylistItem, Program
from tests.support.player_harness import NOON, PlayerHarness, RecordingDriver
from tests.support.screen_server import TOKEN, ScreenServer, create_media, create_playlist, create_png

RED, GREEN, BLUE = create_png((255, 0, 0)), create_png((0, 255, 0)), create_png((0, 0, 255))
START = NOON - timedelta(hours=1)
PANEL = (32, 16)


def encoded(image: Image.Image, kind: str = "PNG", **facts) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **facts)
    return out.getvalue()


def ramp(width: int, height: int = 16) -> Image.Image:
    """A picture whose columns tell their own number."""
    image = Image.new("RGB", (width, height))
    for x in range(width):
        ImageDraw.Draw(image).line([(x, 0), (x, height)], fill=(x % 256, x // 256, 7))
    return image


@given(st.integers(33, 600), st.integers(1, 200), st.integers(0, 100_000))
def test_a_strip_shows_the_columns_of_the_formula(width, px_per_s, elapsed_ms):
    strip = create_media(encoded(ramp(width)), size=(width, 16), motion=Motion("scroll-left", px_per_s=px_per_s))
    source = open_image(encoded(ramp(width)), strip, PANEL)
    pass_ms = -(-(width - 32) * 1000 // px_per_s)
    tau = Fraction(elapsed_ms % pass_ms, 1000)
    x = int(tau * px_per_s)
    picture = source.get_frame(elapsed_ms).image
    assert picture.size == PANEL
    assert picture.getpixel((0, 0)) == (x % 256, x // 256, 7)
    assert picture.getpixel((31, 15)) == ((x + 31) % 256, (x + 31) // 256, 7)


def test_pages_follow_one_another():
    tall = Image.new("RGB", (32, 48))
    for n, color in enumerate([(255, 0, 0), (0, 255, 0), (0, 0, 255)]):
        tall.paste(color, (0, 16 * n, 32, 16 * n + 16))
    data = encoded(tall)
    source = open_image(data, create_media(data, size=(32, 48), motion=Motion("pages", page_ms=3000)), PANEL)
    seen = [source.get_frame(ms).image.getpixel((5, 5)) for ms in (0, 2999, 3000, 6000, 8999, 9000)]
    red, green, blue = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    assert seen == [red, red, green, blue, blue, red]


def test_an_animation_with_delays_of_zero_takes_a_tenth_of_a_second_each():
    frames = [Image.new("RGB", PANEL, c) for c in ((255, 0, 0), (0, 255, 0))]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=0, loop=0)
    source = open_image(data, create_media(data, "image/gif"), PANEL)
    marks = [source.get_frame(ms).frame_id for ms in (0, 99, 100, 199, 200)]
    assert marks == [0, 0, 1, 1, 0]


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n", RED[:40], os.urandom(500), b"BM" + bytes(200)])
def test_a_picture_that_is_none_is_a_trouble(data):
    with pytest.raises(PlayerError, match="media-broken"):
        open_image(data, create_media(data), PANEL)


def film(path, colors, fps: int = 10, each: int = 10) -> bytes:
    """A film that shows each of *colors* for *each* frames."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=fps, options={"crf": "10", "g": "7"})
        stream.width, stream.height, stream.pix_fmt = 32, 16, "yuv420p"
        for color in colors:
            for _ in range(each):
                frame = av.VideoFrame.from_image(Image.new("RGB", (32, 16), color))
                for packet in stream.encode(frame):
                    out.mux(packet)
        for packet in stream.encode():
            out.mux(packet)
    return path.read_bytes()


def near(pixel, color) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(pixel, color, strict=True))


@pytest.mark.parametrize("start_ms", [0, 50, 950, 1000, 1500, 2950])
def test_a_film_shows_the_frame_of_its_time_from_wherever_it_is_joined(tmp_path, start_ms):
    colors = [(250, 0, 0), (0, 250, 0), (0, 0, 250)]
    data = film(tmp_path / "film.mp4", colors)
    showing = VideoDecoder(tmp_path / "film.mp4", create_media(data, "video/mp4"), PANEL, start_ms)
    for ms in range(start_ms, 3000, 50):
        until = 200
        while True:
            picture = showing.get_frame(ms)
            if near(picture.image.getpixel((8, 8)), colors[ms // 1000]) or not until:
                break
            until -= 1
            time.sleep(0.005)
        assert near(picture.image.getpixel((8, 8)), colors[ms // 1000]), ms
        assert picture.frame_id <= max(ms, start_ms)
    assert near(showing.get_frame(3500).image.getpixel((8, 8)), colors[2])
    showing.close()


@pytest.mark.parametrize("data", [b"", b"#EXTM3U\nhttp://127.0.0.1/x.ts\n", os.urandom(3000)])
def test_a_film_that_is_none_is_a_trouble(tmp_path, data):
    (tmp_path / "x.mp4").write_bytes(data)
    with pytest.raises(PlayerError, match="media-broken"):
        VideoDecoder(tmp_path / "x.mp4", create_media(data, "video/mp4"), PANEL, 0)


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


def test_over_the_seam_of_a_single_still_the_frame_does_not_change(tmp_path, server):
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
    strip = create_media(encoded(ramp(200)), size=(200, 16), motion=Motion("scroll-left", px_per_s=60))
    server.add_media(encoded(ramp(200)))
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


def test_a_broken_picture_is_replaced_by_the_still_and_told_once(tmp_path, server):
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


def test_dark_by_order_is_black_and_brightness_goes_by_the_document(tmp_path, server):
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
    data = film(tmp_path / "film.mp4", [(250, 0, 0), (0, 250, 0)], each=6)
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
        assert near(pixel, color) or near(pixel, other), (at, pixel)  # a loaded machine may be late, never black
    results = [p["result"] for _, p in sorted(server.plays.items())]
    assert results[1:-1] == ["completed"] * (len(results) - 2)


class Live:
    """Clocks that run, from an instant of the test's."""

    def __init__(self, wall) -> None:
        self._wall, self._began = wall.timestamp(), time.monotonic()

    def wall(self) -> float:
        return self._wall + self.steady()

    def steady(self) -> float:
        return time.monotonic() - self._began

    def now(self):
        return datetime.fromtimestamp(self.wall(), UTC)


def test_a_panel_that_fails_is_told_and_tried_again(tmp_path, server):
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
