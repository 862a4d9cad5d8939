"""Frames of a slogan: what the panel shows at a time of the item.

Frames are at ``n / fps``, which is not a whole number of ms: pass times as fractions, otherwise a strip judders.
"""

from fractions import Fraction

from PIL import Image

from signage.pixels.slogan.slogan_layout import SloganLayout


def get_frame_offset(layout: SloganLayout, t_ms: int | Fraction) -> tuple[int, int]:
    """Return the top left corner of the panel in the whole picture, *t_ms* into the item."""
    if layout.kind == "scroll-left" and layout.pass_ms and layout.px_per_s:
        return int(t_ms % layout.pass_ms * layout.px_per_s // 1000), 0
    if layout.kind == "pages" and layout.page_ms:
        return 0, int(t_ms // layout.page_ms) % layout.pages * layout.panel_height
    return 0, 0


def get_frame(layout: SloganLayout, image: Image.Image, t_ms: int | Fraction) -> Image.Image:
    """Return the pixels of the panel *t_ms* into the item; *image* is the whole picture of the layout."""
    x, y = get_frame_offset(layout, t_ms)
    return image.crop((x, y, x + layout.panel_width, y + layout.panel_height))
