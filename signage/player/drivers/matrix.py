"""Driver for LED panels on a Raspberry Pi's pins, by the Python binding of rpi-rgb-led-matrix (installed separately).

Double-buffered: an image is drawn on the hidden canvas, and the canvases are swapped at the panel's refresh.
``--out`` contains the library's options: ``rows=64 cols=64 chain_length=3 gpio_slowdown=2 hardware_mapping=regular``.
"""

import importlib
from datetime import datetime
from types import ModuleType
from typing import Any

from PIL import Image

from signage.player.drivers import BaseDriver
from signage.player.health import PlayerError
from signage.player.media.images import Size

LIBRARY_NAMES = ("rgbmatrix", "RGBMatrixEmulator")


def import_library() -> ModuleType:
    """Import the library, or its emulator if that is installed. Raises PlayerError."""
    for name in LIBRARY_NAMES:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise PlayerError("driver-missing", "rgbmatrix")


class MatrixDriver(BaseDriver):
    """Driver of a chain of panels on this machine's pins."""

    name = "matrix"
    wants_images = True

    def __init__(self, options: str, fps: float, module: ModuleType | None = None) -> None:
        self._library: Any = module or import_library()
        self._options = parse_options(options)
        self.frame_ms = 1000.0 / fps
        self._matrix: Any = None
        self._canvas: Any = None
        self._size: Size = (1, 1)
        self._percent = 100

    def open(self, size: Size) -> None:
        if self._matrix is not None and size == self._size:
            return
        self._size = size
        options = self._library.RGBMatrixOptions()
        if hasattr(options, "drop_privileges"):
            options.drop_privileges = (
                False  # otherwise the library drops privileges to a user who cannot write the cache
            )
        for name, value in ({"rows": size[1], "cols": size[0]} | self._options).items():
            setattr(options, name, value)
        self._matrix = self._library.RGBMatrix(options=options)
        self._matrix.brightness = self._percent
        self._canvas = self._matrix.CreateFrameCanvas()

    def show_image(self, image: Image.Image, at: datetime) -> None:
        self._canvas.SetImage(image)
        self._canvas = self._matrix.SwapOnVSync(self._canvas)

    def show_black(self, at: datetime) -> None:
        self._canvas.Clear()
        self._canvas = self._matrix.SwapOnVSync(self._canvas)

    def set_brightness(self, percent: int) -> None:
        self._percent = percent
        if self._matrix is not None:
            self._matrix.brightness = percent

    def close(self, at: datetime) -> None:
        if self._matrix is not None:
            self._matrix.Clear()


def parse_options(options: str) -> dict[str, int | str]:
    """Parse ``name=value`` words; integers become numbers. Raises PlayerError for a malformed word."""
    parsed: dict[str, int | str] = {}
    for word in options.split():
        name, equals, value = word.partition("=")
        if not equals or not name.isidentifier():
            raise PlayerError("driver-option", word)
        parsed[name] = int(value) if value.lstrip("-").isdigit() else value
    return parsed
