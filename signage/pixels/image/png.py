"""PNG with fixed settings: the same picture gives the same bytes, small where there are few colours."""

import io

from PIL import Image

from signage.pixels.image.palette import colors_of, indexed

_LEVEL = 6


def encode(image: Image.Image) -> bytes:
    """*image* (RGB) as PNG, with a palette where one holds its colours."""
    colors = colors_of(image)
    shown = image if colors is None else indexed(image, colors)
    out = io.BytesIO()
    if colors is not None and len(colors) <= 2:
        shown.save(out, "PNG", compress_level=_LEVEL, bits=1)
    else:
        shown.save(out, "PNG", compress_level=_LEVEL)
    return out.getvalue()
