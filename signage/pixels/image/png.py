"""PNG with fixed settings: the same picture gives the same bytes, small where there are few colours."""

import io

from PIL import Image

from signage.pixels.image.palette import apply_palette, list_colors

_COMPRESS_LEVEL = 6


def encode_png(image: Image.Image) -> bytes:
    """*image* (RGB) as PNG, with a palette where one holds its colours."""
    colors = list_colors(image)
    shown = image if colors is None else apply_palette(image, colors)
    out = io.BytesIO()
    if colors is not None and len(colors) <= 2:
        shown.save(out, "PNG", compress_level=_COMPRESS_LEVEL, bits=1)
    else:
        shown.save(out, "PNG", compress_level=_COMPRESS_LEVEL)
    return out.getvalue()
