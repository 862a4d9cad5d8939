"""The built-in fallback image, shown when there is nothing else: neutral, rendered for any panel.

A small mark, the i of information in a ring (ISO 7001, PI PF 001), and 公共信息; with English below where there is
room.
"""

from functools import lru_cache

from PIL import Image, ImageDraw

from signage.model.item import Style
from signage.model.panel import Panel
from signage.pixels.fonts.faces import EM
from signage.pixels.image.colors import BLACK, Rgb, TextColors, choose_colors, is_lcd
from signage.pixels.slogan.layout import TextBlock, TextLine, choose_font_kind
from signage.pixels.slogan.slogan_layout import PlacedBlock, SloganLayout
from signage.pixels.text import raster
from signage.pixels.text.measure import measure_paragraph

FALLBACK_TEXT = "公共信息"
FALLBACK_TEXT_EN = "Public Information"
FALLBACK_DURATION_MS = 10_000
_NIGHT: Rgb = (16, 42, 62)
_PALE: Rgb = (214, 230, 238)
_SUPERSAMPLING = 8


def render_fallback_image(panel: Panel) -> Image.Image:
    """Return the fallback image for *panel*, mode "RGB"."""
    return _render_fallback_image(panel).copy()


@lru_cache(32)
def _render_fallback_image(panel: Panel) -> Image.Image:
    page = Image.new("L", (panel.width, panel.height))
    size = _choose_text_size(panel)
    wide = panel.width >= 3 * panel.height
    mark = size if wide else round(1.6 * size)
    text_px = _measure_text_px(FALLBACK_TEXT, size)
    gap = max(2, size // 3)
    if wide:
        shows_mark = text_px + gap + mark <= panel.width
        left = (panel.width - text_px - (gap + mark if shows_mark else 0)) // 2
        if shows_mark:
            page.paste(_render_mark(mark, panel), (left, (panel.height - mark) // 2))
            left += mark + gap
        _draw_text(page, FALLBACK_TEXT, size, left, (panel.height - size) // 2, panel)
        return raster.apply_colors(page, _get_colors(panel))
    small = max(16, size * 3 // 10) if size >= 48 else 0
    top = (panel.height - mark - gap - size - (small + gap // 2 if small else 0)) // 2
    page.paste(_render_mark(mark, panel), ((panel.width - mark) // 2, top))
    _draw_text(page, FALLBACK_TEXT, size, (panel.width - text_px) // 2, top + mark + gap, panel)
    if small:
        under = top + mark + gap + size + gap // 2
        _draw_text(
            page, FALLBACK_TEXT_EN, small, (panel.width - _measure_text_px(FALLBACK_TEXT_EN, small)) // 2, under, panel
        )
    return raster.apply_colors(page, _get_colors(panel))


def _choose_text_size(panel: Panel) -> int:
    """Return a moderate size: about half of the largest that fits."""
    wide = panel.width >= 3 * panel.height
    size = min(panel.width // 7, panel.height // 2 if wide else panel.height // 6)
    return size if size >= 24 else 16


def _get_colors(panel: Panel) -> TextColors:
    if panel.color != "rgb":
        return choose_colors(Style(), panel)
    return TextColors(_PALE, _NIGHT if is_lcd(panel) else BLACK)


def _measure_text_px(text: str, size: int) -> int:
    return measure_paragraph(text, choose_font_kind(size)).measure_width(0, len(text)) * size // EM


def _draw_text(page: Image.Image, text: str, size: int, left: int, top: int, panel: Panel) -> None:
    font_kind = choose_font_kind(size)
    line = TextLine(measure_paragraph(text, font_kind), 0, len(text))
    layout = SloganLayout(
        kind="still",
        width=panel.width,
        height=panel.height,
        panel_width=panel.width,
        panel_height=panel.height,
        duration_ms=FALLBACK_DURATION_MS,
        size_px=size,
        colors=_get_colors(panel),
        one_bit=panel.color != "rgb",
        placed_blocks=(PlacedBlock(TextBlock((line,), size, font_kind, 0), top, 0),),
        left=left,
    )
    page.paste(255, (0, 0), raster.render_coverage(layout))


def _render_mark(size: int, panel: Panel) -> Image.Image:
    """Return an i in a ring, *size* px wide."""
    large = Image.new("L", (size * _SUPERSAMPLING, size * _SUPERSAMPLING))
    pen = ImageDraw.Draw(large)
    unit = size * _SUPERSAMPLING / 16
    pen.ellipse((0, 0, 16 * unit - 1, 16 * unit - 1), fill=255)
    pen.ellipse((1.4 * unit, 1.4 * unit, 14.6 * unit, 14.6 * unit), fill=0)
    pen.ellipse((6.9 * unit, 3.4 * unit, 9.1 * unit, 5.6 * unit), fill=255)
    pen.rectangle((7 * unit, 6.9 * unit, 9 * unit - 1, 12.6 * unit), fill=255)
    shown = large.resize((size, size), Image.Resampling.BOX)
    return shown.point(lambda v: 255 if v >= 128 else 0) if panel.color != "rgb" else shown
