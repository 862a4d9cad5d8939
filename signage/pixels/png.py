"""PNG with fixed settings: the same picture gives the same bytes, small where there are few colours."""

import io

import numpy as np
from PIL import Image

_LEVEL = 6
_MOST = 256


def encode(image: Image.Image) -> bytes:
    """*image* (RGB) as PNG; a palette where its colours fit into one, in the order of their values."""
    shown, colors = _in_palette(image)
    out = io.BytesIO()
    if colors <= 2:
        shown.save(out, "PNG", compress_level=_LEVEL, bits=1)
    else:
        shown.save(out, "PNG", compress_level=_LEVEL)
    return out.getvalue()


def _in_palette(image: Image.Image) -> tuple[Image.Image, int]:
    """The picture with a palette and the number of its colours; as it is where they are too many."""
    counted = image.getcolors(_MOST)
    if counted is None:
        return image, _MOST + 1
    colors = sorted(color for _, color in counted if isinstance(color, tuple))
    values = np.array([red << 16 | green << 8 | blue for red, green, blue in colors], dtype=np.uint32)
    dots = np.asarray(image, dtype=np.uint32)
    packed = dots[..., 0] << 16 | dots[..., 1] << 8 | dots[..., 2]
    shown = Image.fromarray(np.searchsorted(values, packed).astype(np.uint8), "L")
    shown.putpalette([part for color in colors for part in color])
    return shown, len(colors)
