"""What the panel shows at a time of an item.

Frames are at ``n / fps``, which is no whole number of ms: give their times as fractions, else a strip judders.
"""

from fractions import Fraction

from PIL import Image

from signage.pixels.slogan.slogan_layout import SloganLayout


def get_frame_offset(setting: SloganLayout, t_ms: int | Fraction) -> tuple[int, int]:
    """Which corner of the whole picture the panel's top left is at, *t_ms* into the item."""
    if setting.kind == "scroll-left" and setting.pass_ms and setting.px_per_s:
        return int(t_ms % setting.pass_ms * setting.px_per_s // 1000), 0
    if setting.kind == "pages" and setting.page_ms:
        return 0, int(t_ms // setting.page_ms) % setting.pages * setting.panel_height
    return 0, 0


def get_frame(setting: SloganLayout, image: Image.Image, t_ms: int | Fraction) -> Image.Image:
    """The panel's pixels *t_ms* into the item; *image* is the setting's whole picture."""
    x, y = get_frame_offset(setting, t_ms)
    return image.crop((x, y, x + setting.panel_width, y + setting.panel_height))
