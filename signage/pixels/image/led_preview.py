"""Preview of pixels as LEDs: enlarged round dots with black gaps."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

UNLIT_LEVEL = 22
"""How bright an unlit dot's lens looks, so that the grid shows."""
_MAX_WIDTH_PX = 1920


def get_led_scale(width: int) -> int:
    """Return the size of one LED in pixels, 3 to 12, so that a panel of *width* pixels fits a screen."""
    return max(3, min(12, _MAX_WIDTH_PX // width))


@lru_cache(16)
def _render_dot(scale: int) -> NDArray[np.uint16]:
    """Return the coverage of each pixel of a cell by its round dot, 0…256, smoothed by 8 × 8 samples."""
    fine = (np.arange(scale * 8) + 0.5) / 8 - scale / 2
    inside = fine[:, None] ** 2 + fine[None, :] ** 2 <= (0.44 * scale) ** 2
    covered: NDArray[np.float64] = inside.reshape(scale, 8, scale, 8).mean((1, 3))
    return (covered * 256).astype(np.uint16)


def render_leds(image: Image.Image, scale: int) -> Image.Image:
    """Return *image* (RGB, the panel's pixels) as LEDs of *scale* px each."""
    dots = np.maximum(np.asarray(image.convert("RGB"), dtype=np.uint16), UNLIT_LEVEL)
    height, width, _ = dots.shape
    out = np.empty((height, scale, width, scale, 3), dtype=np.uint8)
    for y, row in enumerate(_render_dot(scale)):
        for x, part in enumerate(row):
            out[:, y, :, x] = dots * part >> 8
    return Image.fromarray(out.reshape(height * scale, width * scale, 3), "RGB")
