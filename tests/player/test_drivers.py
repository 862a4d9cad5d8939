"""The faces of panels, each tried against something that is not ours: a receiver, a fake of the API, mpv itself."""

import shutil
import socket
import struct
import subprocess
import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from PIL import Image, ImageDraw

from signage.player.drivers import ItemStart
from signage.player.drivers.ddp import DdpDriver
from signage.player.drivers.factory import create_driver
from signage.player.drivers.frames import FramesDriver
from signage.player.drivers.gamma import LevelTable, compute_levels
from signage.player.drivers.matrix import MatrixDriver, parse_options
from signage.player.drivers.window import WindowDriver
from signage.player.health import PlayerError
from signage.protocol.playlist import Motion
from tests.support.player_harness import NOON, create_duration
from tests.support.screen_server import create_media, create_png


def pattern(size: tuple[int, int]) -> Image.Image:
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    ImageDraw.Draw(image).line([(0, 0), size], fill=(255, 3, 200))
    return image


class Receiver:
    """A DDP display, written from the protocol's own text: collects packets into a frame, shows it at PUSH."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(5)
        self.port = self.socket.getsockname()[1]
        self.buffer = bytearray(size[0] * size[1] * 3)
        self.sequences: list[int] = []

    def frame(self) -> bytes:
        while True:
            packet = self.socket.recv(2000)
            flags, sequence, kind, target = packet[:4]
            offset, length = struct.unpack(">IH", packet[4:10])
            assert flags & 0xC0 == 0x40 and kind == 0x0B and target == 1
            assert len(packet) - 10 == length <= 1440
            self.buffer[offset : offset + length] = packet[10:]
            if flags & 1:
                self.sequences.append(sequence)
                return bytes(self.buffer)


@pytest.mark.parametrize("size", [(192, 64), (96, 16), (480, 1), (7, 3)])
def test_what_a_ddp_display_receives_are_the_pixels(size):
    receiver = Receiver(size)
    driver = DdpDriver(f"127.0.0.1:{receiver.port}", 40, 1.0)
    driver.open(size)
    image = pattern(size)
    for n in range(20):
        driver.show_image(image.rotate(n), NOON)
        assert receiver.frame() == image.rotate(n).tobytes()
    assert receiver.sequences == [*range(1, 16), *range(1, 6)]
    driver.refresh(NOON)
    driver.refresh(NOON + create_duration(1.1))
    assert receiver.frame() == image.rotate(19).tobytes()
    driver.set_brightness(50)
    assert max(receiver.frame()) == 128
    driver.show_black(NOON)
    assert not any(receiver.frame())
    driver.close(NOON)


def test_gamma_and_brightness_keep_thin_strokes_lit():
    assert compute_levels(1.0, 100) == list(range(256))
    assert compute_levels(1.0, 0) == [0] * 256
    assert compute_levels(1.0, 10)[1] == 1 and compute_levels(1.0, 10)[255] == 26
    assert compute_levels(2.2, 100)[128] == 56
    light = LevelTable()
    image = pattern((8, 8))
    assert light.apply(image) is image
    assert light.set_brightness(40) and not light.set_brightness(40)
    assert light.apply(image).getpixel((7, 7)) == tuple(compute_levels(1.0, 40)[v] for v in image.getpixel((7, 7)))


def fake_rgbmatrix():
    """The face of rpi-rgb-led-matrix as its documentation gives it: what is drawn off screen shows at the swap."""
    made = []

    class Canvas:
        def __init__(self):
            self.image = None

        def SetImage(self, image, x=0, y=0, unsafe=True):  # noqa: N802
            self.image = image.copy()

        def Clear(self):  # noqa: N802
            self.image = None

    class RGBMatrixOptions:
        def __init__(self):
            self.rows, self.cols, self.chain_length = 32, 32, 1

    class RGBMatrix(Canvas):
        def __init__(self, options):
            super().__init__()
            self.options, self.showing, self.brightness = options, None, 100
            made.append(self)

        def CreateFrameCanvas(self):  # noqa: N802
            return Canvas()

        def SwapOnVSync(self, canvas, framerate_fraction=1):  # noqa: N802
            old, self.showing = self.showing, canvas
            return old or Canvas()

    return SimpleNamespace(RGBMatrix=RGBMatrix, RGBMatrixOptions=RGBMatrixOptions, made=made)


def test_the_matrix_is_double_buffered_and_dimmed_by_its_own_hardware():
    module = fake_rgbmatrix()
    driver = MatrixDriver("rows=64 cols=64 chain_length=3 hardware_mapping=adafruit-hat", 60, module)
    driver.set_brightness(40)
    driver.open((192, 64))
    (panel,) = module.made
    assert (panel.options.rows, panel.options.cols, panel.options.chain_length) == (64, 64, 3)
    assert panel.options.hardware_mapping == "adafruit-hat" and panel.brightness == 40
    shown = []
    for n in range(4):
        driver.show_image(pattern((192, 64)).rotate(n), NOON)
        shown.append(panel.showing)
        assert panel.showing.image.tobytes() == pattern((192, 64)).rotate(n).tobytes()
    assert shown[0] is not shown[1] and shown[0] is shown[2]
    driver.set_brightness(90)
    assert panel.brightness == 90
    driver.show_black(NOON)
    assert panel.showing.image is None
    driver.close(NOON)


def test_options_of_the_matrix_are_words():
    assert parse_options("rows=64 hardware_mapping=regular") == {"rows": 64, "hardware_mapping": "regular"}
    with pytest.raises(PlayerError, match="driver-option"):
        parse_options("rows 64")


def test_without_the_matrix_library_the_driver_says_so(monkeypatch):
    monkeypatch.setattr("signage.player.drivers.matrix.LIBRARY_NAMES", ("no_such_matrix",))
    with pytest.raises(PlayerError, match="driver-missing rgbmatrix"):
        create_driver("matrix")


def test_frames_are_named_by_their_instant(tmp_path):
    driver = FramesDriver(tmp_path / "out")
    driver.open((32, 16))
    driver.show_image(pattern((32, 16)), NOON + timedelta(milliseconds=40))
    driver.show_black(NOON + create_duration(1))
    names = sorted(p.name for p in (tmp_path / "out").iterdir())
    assert names == ["2026-03-10T04-00-00.040.png", "2026-03-10T04-00-01.000.png"]
    assert Image.open(tmp_path / "out" / names[0]).convert("RGB").tobytes() == pattern((32, 16)).tobytes()


def test_one_gif_holds_each_picture_for_as_long_as_it_showed(tmp_path):
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


needs_mpv = pytest.mark.skipif(shutil.which("mpv") is None, reason="mpv is not installed")


@needs_mpv
def test_mpv_is_told_what_to_show_and_where_to_begin(tmp_path):
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
def test_a_window_takes_the_film_of_a_strip(tmp_path):
    driver = WindowDriver("", tmp_path)
    assert not driver.can_play(create_media(b"x", motion=Motion("scroll-left", px_per_s=60)))
    assert driver.can_play(create_media(b"x", "video/mp4"))


def test_a_window_without_mpv_says_so(tmp_path):
    with pytest.raises(PlayerError, match="driver-missing no-such-mpv"):
        WindowDriver("", tmp_path, ("no-such-mpv",))
