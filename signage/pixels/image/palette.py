"""Exact palettes for images with few colours (Pillow's quantizer rounds)."""

import numpy as np
from PIL import Image

from signage.pixels.image.colors import Rgb

MAX_PALETTE_COLORS = 256


def list_colors(image: Image.Image) -> list[Rgb] | None:
    """Return the colours of *image* (RGB), sorted by value; None if there are more than a palette has."""
    counted = image.getcolors(MAX_PALETTE_COLORS)
    return None if counted is None else sorted(color for _, color in counted)  # type: ignore[misc]


def apply_palette(image: Image.Image, colors: list[Rgb]) -> Image.Image:
    """Return *image* with a palette of *colors* (sorted by value), which must include all its colours."""
    values = np.array([red << 16 | green << 8 | blue for red, green, blue in colors], dtype=np.uint32)
    dots = np.asarray(image, dtype=np.uint32)
    packed = dots[..., 0] << 16 | dots[..., 1] << 8 | dots[..., 2]
    shown = Image.fromarray(np.searchsorted(values, packed).astype(np.uint8), "L")
    shown.putpalette([part for color in colors for part in color])
    return shown
