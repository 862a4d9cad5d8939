"""The built-in still: what a screen shows when nothing else holds. Calm, of no city, drawn for any panel.

A small mark, the i of information in a ring (ISO 7001, PI PF 001), and 公共信息; where there is room, English under it.
"""

from functools import lru_cache

from PIL import Image, ImageDraw

from signage.model.item import Look
from signage.model.panel import Panel
from signage.pixels.fonts.faces import EM
from signage.pixels.image.colors import BLACK, Colors, Rgb, choose, is_lcd
from signage.pixels.slogan.layout import Block, Line, type_for
from signage.pixels.slogan.slogan_layout import Placed, Setting
from signage.pixels.text import raster as painting
from signage.pixels.text.measure import paragraph

TEXT = "公共信息"
ENGLISH = "Public Information"
DURATION_MS = 10_000
_NIGHT: Rgb = (16, 42, 62)
_PALE: Rgb = (214, 230, 238)
_FINE = 8


def draw(panel: Panel) -> Image.Image:
    """The still for *panel*, mode "RGB"."""
    return _draw(panel).copy()


@lru_cache(32)
def _draw(panel: Panel) -> Image.Image:
    page = Image.new("L", (panel.width, panel.height))
    size = _size(panel)
    wide = panel.width >= 3 * panel.height
    mark = size if wide else round(1.6 * size)
    text_px = _width(TEXT, size)
    gap = max(2, size // 3)
    if wide:
        shows_mark = text_px + gap + mark <= panel.width
        left = (panel.width - text_px - (gap + mark if shows_mark else 0)) // 2
        if shows_mark:
            page.paste(_mark(mark, panel), (left, (panel.height - mark) // 2))
            left += mark + gap
        _write(page, TEXT, size, left, (panel.height - size) // 2, panel)
        return painting.colored(page, _colors(panel))
    small = max(16, size * 3 // 10) if size >= 48 else 0
    top = (panel.height - mark - gap - size - (small + gap // 2 if small else 0)) // 2
    page.paste(_mark(mark, panel), ((panel.width - mark) // 2, top))
    _write(page, TEXT, size, (panel.width - text_px) // 2, top + mark + gap, panel)
    if small:
        under = top + mark + gap + size + gap // 2
        _write(page, ENGLISH, small, (panel.width - _width(ENGLISH, small)) // 2, under, panel)
    return painting.colored(page, _colors(panel))


def _size(panel: Panel) -> int:
    """A quiet size: about half of what would fit."""
    wide = panel.width >= 3 * panel.height
    size = min(panel.width // 7, panel.height // 2 if wide else panel.height // 6)
    return size if size >= 24 else 16


def _colors(panel: Panel) -> Colors:
    if panel.color != "rgb":
        return choose(Look(), panel)
    return Colors(_PALE, _NIGHT if is_lcd(panel) else BLACK)


def _width(text: str, size: int) -> int:
    return paragraph(text, type_for(size)).width(0, len(text)) * size // EM


def _write(page: Image.Image, text: str, size: int, left: int, top: int, panel: Panel) -> None:
    type_ = type_for(size)
    line = Line(paragraph(text, type_), 0, len(text))
    setting = Setting(
        kind="still",
        width=panel.width,
        height=panel.height,
        panel_width=panel.width,
        panel_height=panel.height,
        duration_ms=DURATION_MS,
        size_px=size,
        colors=_colors(panel),
        one_bit=panel.color != "rgb",
        placed=(Placed(Block((line,), size, type_, 0), top, 0),),
        left=left,
    )
    page.paste(255, (0, 0), painting.coverage(setting))


def _mark(size: int, panel: Panel) -> Image.Image:
    """An i in a ring, *size* px across."""
    large = Image.new("L", (size * _FINE, size * _FINE))
    pen = ImageDraw.Draw(large)
    unit = size * _FINE / 16
    pen.ellipse((0, 0, 16 * unit - 1, 16 * unit - 1), fill=255)
    pen.ellipse((1.4 * unit, 1.4 * unit, 14.6 * unit, 14.6 * unit), fill=0)
    pen.ellipse((6.9 * unit, 3.4 * unit, 9.1 * unit, 5.6 * unit), fill=255)
    pen.rectangle((7 * unit, 6.9 * unit, 9 * unit - 1, 12.6 * unit), fill=255)
    shown = large.resize((size, size), Image.Resampling.BOX)
    return shown.point(lambda v: 255 if v >= 128 else 0) if panel.color != "rgb" else shown
