"""Pictures on panels whose dots have no shades: lit or not, in the panel's own colours.

1. Shades are reckoned in linear light, since what the eye mixes from far off is light: half of the dots lit is half the
   light, which is sRGB 188, not 128.
2. A still picture is sharpened a little and stretched (what is nearly black goes dark, what is nearly its brightest is
   fully lit, or letters would have holes); on mono panels its error is diffused (Floyd and Steinberg, 1976): edges
   stay, plain parts stay plain.
3. What moves gets the same pattern in every frame (Bayer, 1973); its range follows slowly, as a camera's does, and a
   dot changes only when its light moves clearly past its threshold: nothing boils where nothing moves.
4. A two-colour panel's red and green dots are set each for itself by that one pattern, so that grey becomes yellow and
   not a confetti of red and green; blue, which it lacks, lights both a little.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from signage.model.panel import Panel
from signage.pixels.image.colors import TWO, Rgb, parse

Light = NDArray[np.float32]
"""Linear light 0…1 by row, column and kind of dot."""
_LUMA = np.array((0.30, 0.59, 0.11), np.float32)
_BLUE = np.float32(0.3)
_DARKEST, _BRIGHTEST = (0.01, 0.15), (0.25, 0.8)
"""Within which the ends of the range lie."""
_FOLLOWS = 0.05
_STAY = np.float32(0.02)
_SRGB = (np.arange(256, dtype=np.float64) / 255).astype(np.float32)
_LINEAR = np.where(_SRGB <= 0.04045, _SRGB / 12.92, ((_SRGB + 0.055) / 1.055) ** 2.4).astype(np.float32)


def own_colors(panel: Panel) -> tuple[Rgb, ...] | None:
    """The colours that the panel's dots light up in; None where it has shades."""
    if panel.color == "rgb":
        return None
    return TWO if panel.color == "two-color" else (parse(panel.led_color),)


def still(image: Image.Image, colors: tuple[Rgb, ...]) -> Image.Image:
    """A still picture (RGB) in *colors* and black (2)."""
    light = _light(_sharp(image), colors)
    light = _stretched(light, _ends(light))
    if len(colors) > 1:
        return _colored(light > _pattern(light), colors)
    grey = Image.fromarray((light[..., 0] * 255 + 0.5).astype(np.uint8), "L")
    return _colored(np.asarray(grey.convert("1"))[..., None], colors)


class Moving:
    """Frames of what moves (3), one after the other, all of one size."""

    def __init__(self, colors: tuple[Rgb, ...]) -> None:
        self._colors = colors
        self._ends: tuple[float, float] | None = None
        self._lit: NDArray[np.bool_] | None = None

    def __call__(self, image: Image.Image) -> Image.Image:
        """The next frame (RGB) in the colours and black."""
        light = _light(_sharp(image), self._colors)
        now = _ends(light)
        before = self._ends or now
        low, high = (old + (new - old) * _FOLLOWS for old, new in zip(before, now, strict=True))
        self._ends = low, high
        light, threshold = _stretched(light, self._ends), _pattern(light)
        if self._lit is not None:
            threshold = np.where(self._lit, threshold - _STAY, threshold + _STAY).clip(0.001, 0.999)
        self._lit = light > threshold
        return _colored(self._lit, self._colors)


def _sharp(image: Image.Image) -> Image.Image:
    return image.convert("RGB").filter(ImageFilter.UnsharpMask(1, 60, 2))


def _pattern(light: Light) -> Light:
    """The thresholds of all dots."""
    height, width, _ = light.shape
    size = len(_BAYER)
    return np.tile(_BAYER, (-(-height // size), -(-width // size)))[:height, :width, None]


def _bayer(doublings: int) -> Light:
    """Thresholds so spread that any share of dots lies evenly."""
    matrix = np.zeros((1, 1))
    for _ in range(doublings):
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    return ((matrix + 0.5) / matrix.size).astype(np.float32)


_BAYER = _bayer(3)


def _light(image: Image.Image, colors: tuple[Rgb, ...]) -> Light:
    linear: Light = _LINEAR[np.asarray(image)]
    mixed: Light = (linear @ _LUMA)[..., None] if len(colors) == 1 else linear[..., :2] + _BLUE * linear[..., 2:]
    return mixed.clip(0, 1)


def _ends(light: Light) -> tuple[float, float]:
    """What of the picture counts as dark, and as fully lit."""
    dots = np.sort(light.max(axis=2), axis=None)  # not np.percentile, which loads modules when it is first used
    outside = len(dots) // 100
    return float(np.clip(dots[outside], *_DARKEST)), float(np.clip(0.9 * dots[-1 - outside], *_BRIGHTEST))


def _stretched(light: Light, ends: tuple[float, float]) -> Light:
    low, high = ends
    return ((light - low) / (high - low)).clip(0, 1).astype(np.float32)


def _colored(lit: NDArray[np.bool_], colors: tuple[Rgb, ...]) -> Image.Image:
    palette = np.array([(0, 0, 0), *colors], np.uint8)
    which = lit.astype(np.uint8) @ np.array([1] if len(colors) == 1 else [1, 2], np.uint8)
    return Image.fromarray(palette[which], "RGB")
