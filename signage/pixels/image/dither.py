"""Dithering for panels whose pixels are lit or dark, in the panel's own colours.

1. Shades are computed in linear light, because at a distance the eye mixes light: half of the pixels lit is half of the
   light, which is sRGB 188, not 128.
2. A still image is sharpened and its range stretched (near-black becomes dark, near-maximum fully lit; otherwise
   letters would have holes); on mono panels the error is diffused (Floyd and Steinberg, 1976): edges stay, flat areas
   stay flat.
3. Frames of a video all use the same pattern (Bayer, 1973); the range adapts slowly, like a camera's exposure, and a
   pixel changes only when its light clearly crosses its threshold, so static areas do not flicker.
4. The red and green pixels of a two-colour panel are thresholded separately by the same pattern, so that grey becomes
   yellow instead of random red and green; blue, which the panel lacks, lights both a little.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from signage.model.panel import Panel
from signage.pixels.image.colors import TWO_COLOR_LEDS, Rgb, parse_hex_color

LinearLight = NDArray[np.float32]
"""Linear light 0…1 by row, column and kind of dot."""
_LUMA_WEIGHTS = np.array((0.30, 0.59, 0.11), np.float32)
_BLUE_WEIGHT = np.float32(0.3)
_DARKEST, _BRIGHTEST = (0.01, 0.15), (0.25, 0.8)
"""Within which the ends of the range lie."""
_RANGE_SMOOTHING = 0.05
_HYSTERESIS = np.float32(0.02)
_SRGB = (np.arange(256, dtype=np.float64) / 255).astype(np.float32)
_LINEAR = np.where(_SRGB <= 0.04045, _SRGB / 12.92, ((_SRGB + 0.055) / 1.055) ** 2.4).astype(np.float32)


def get_dot_colors(panel: Panel) -> tuple[Rgb, ...] | None:
    """Return the colours in which the panel's pixels light up; None for a panel with shades."""
    if panel.color == "rgb":
        return None
    return TWO_COLOR_LEDS if panel.color == "two-color" else (parse_hex_color(panel.led_color),)


def dither_still(image: Image.Image, colors: tuple[Rgb, ...]) -> Image.Image:
    """Return a still image (RGB) in *colors* and black (2)."""
    light = _convert_to_linear_light(_sharpen(image), colors)
    light = _stretch(light, _find_range(light))
    if len(colors) > 1:
        return _apply_dot_colors(light > _tile_thresholds(light), colors)
    grey = Image.fromarray((light[..., 0] * 255 + 0.5).astype(np.uint8), "L")
    return _apply_dot_colors(np.asarray(grey.convert("1"))[..., None], colors)


class FrameDitherer:
    """Dithers the frames of one video (3), in order and all of one size."""

    def __init__(self, colors: tuple[Rgb, ...]) -> None:
        self._colors = colors
        self._range: tuple[float, float] | None = None
        self._lit: NDArray[np.bool_] | None = None

    def __call__(self, image: Image.Image) -> Image.Image:
        """Return the next frame (RGB) in the colours and black."""
        light = _convert_to_linear_light(_sharpen(image), self._colors)
        now = _find_range(light)
        before = self._range or now
        low, high = (old + (new - old) * _RANGE_SMOOTHING for old, new in zip(before, now, strict=True))
        self._range = low, high
        light, threshold = _stretch(light, self._range), _tile_thresholds(light)
        if self._lit is not None:
            threshold = np.where(self._lit, threshold - _HYSTERESIS, threshold + _HYSTERESIS).clip(0.001, 0.999)
        self._lit = light > threshold
        return _apply_dot_colors(self._lit, self._colors)


def _sharpen(image: Image.Image) -> Image.Image:
    return image.convert("RGB").filter(ImageFilter.UnsharpMask(1, 60, 2))


def _tile_thresholds(light: LinearLight) -> LinearLight:
    """Return the thresholds of all pixels."""
    height, width, _ = light.shape
    size = len(_BAYER)
    return np.tile(_BAYER, (-(-height // size), -(-width // size)))[:height, :width, None]


def _build_bayer_matrix(doublings: int) -> LinearLight:
    """Return thresholds arranged so that any share of lit pixels is evenly distributed."""
    matrix = np.zeros((1, 1))
    for _ in range(doublings):
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    return ((matrix + 0.5) / matrix.size).astype(np.float32)


_BAYER = _build_bayer_matrix(3)


def _convert_to_linear_light(image: Image.Image, colors: tuple[Rgb, ...]) -> LinearLight:
    linear: LinearLight = _LINEAR[np.asarray(image)]
    mixed: LinearLight = (
        (linear @ _LUMA_WEIGHTS)[..., None] if len(colors) == 1 else linear[..., :2] + _BLUE_WEIGHT * linear[..., 2:]
    )
    return mixed.clip(0, 1)


def _find_range(light: LinearLight) -> tuple[float, float]:
    """Return the light levels that count as dark and as fully lit."""
    dots = np.sort(light.max(axis=2), axis=None)  # not np.percentile, which loads modules when it is first used
    outside = len(dots) // 100
    return float(np.clip(dots[outside], *_DARKEST)), float(np.clip(0.9 * dots[-1 - outside], *_BRIGHTEST))


def _stretch(light: LinearLight, ends: tuple[float, float]) -> LinearLight:
    low, high = ends
    return ((light - low) / (high - low)).clip(0, 1).astype(np.float32)


def _apply_dot_colors(lit: NDArray[np.bool_], colors: tuple[Rgb, ...]) -> Image.Image:
    palette = np.array([(0, 0, 0), *colors], np.uint8)
    which = lit.astype(np.uint8) @ np.array([1] if len(colors) == 1 else [1, 2], np.uint8)
    return Image.fromarray(palette[which], "RGB")
