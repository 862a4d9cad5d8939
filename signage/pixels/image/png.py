"""PNG encoding with fixed settings: equal images give equal bytes, few colours give small files."""

import io

from PIL import Image

from signage.pixels.image.palette import apply_palette, list_colors

_COMPRESS_LEVEL = 6


def encode_png(image: Image.Image) -> bytes:
    """Encode *image* (RGB) as PNG, with a palette if its colours fit into one."""
    colors = list_colors(image)
    shown = image if colors is None else apply_palette(image, colors)
    out = io.BytesIO()
    if colors is not None and len(colors) <= 2:
        shown.save(out, "PNG", compress_level=_COMPRESS_LEVEL, bits=1)
    else:
        shown.save(out, "PNG", compress_level=_COMPRESS_LEVEL)
    return out.getvalue()
