"""Rendering of a layout: coverage first (one channel), then the two colours."""

from collections import OrderedDict
from itertools import chain
from threading import Lock

from PIL import Image

from signage.pixels.fonts import shaping
from signage.pixels.fonts.faces import EM, render_glyph
from signage.pixels.image.colors import TextColors
from signage.pixels.slogan.layout import TextLine
from signage.pixels.slogan.slogan_layout import SloganLayout

_MAX_CACHE_BYTES = 48_000_000


class _ImageCache:
    """Thread-safe LRU cache of rendered layouts, limited by bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes, self._bytes = max_bytes, 0
        self._lock = Lock()
        self._entries: OrderedDict[int, tuple[SloganLayout, Image.Image]] = OrderedDict()

    def get(self, layout: SloganLayout) -> Image.Image | None:
        with self._lock:
            entry = self._entries.get(id(layout))
            if entry is None:
                return None
            self._entries.move_to_end(id(layout))
            return entry[1]

    def put(self, layout: SloganLayout, image: Image.Image) -> None:
        with self._lock:
            if id(layout) in self._entries:
                return
            self._entries[id(layout)] = layout, image
            self._bytes += 3 * image.width * image.height
            while self._bytes > self._max_bytes and len(self._entries) > 1:
                _, (_, old) = self._entries.popitem(last=False)
                self._bytes -= 3 * old.width * old.height


_cache = _ImageCache(_MAX_CACHE_BYTES)


def render_layout(layout: SloganLayout) -> Image.Image:
    """Return the cached image of *layout*; callers must not change it."""
    image = _cache.get(layout)
    if image is None:
        image = apply_colors(render_coverage(layout), layout.colors)
        _cache.put(layout, image)
    return image


def render_coverage(layout: SloganLayout) -> Image.Image:
    """Return the text coverage of each pixel, mode "L"; 0 or 255 only if the layout has no smoothing."""
    if layout.is_vertical:
        return _render_columns(layout)
    page = Image.new("L", (layout.width, layout.height))
    for placed in layout.placed_blocks:
        for row, line in enumerate(placed.block.lines):
            left = layout.left
            if left is None:
                left = (layout.width - line.measure_width(placed.block.size)) // 2
            _draw_line(page, line, left, placed.top + row * placed.pitch, placed.block.size, layout.one_bit)
    return page


def _render_columns(layout: SloganLayout) -> Image.Image:
    """Draw each block on a page that lies on its side, the last line on top, and turn it clockwise."""
    page = Image.new("L", (layout.width, layout.height))
    for number, placed in enumerate(layout.placed_blocks):
        lying = Image.new("L", (layout.panel_height, layout.panel_width))
        size, lines = placed.block.size, placed.block.lines
        top = placed.top - number * layout.panel_width
        for row, line in enumerate(reversed(lines)):
            left = (lying.width - line.measure_width(size)) // 2 if len(lines) == 1 else _get_column_top(layout)
            _draw_line(lying, line, left, top + row * placed.pitch, size, layout.one_bit)
        page.paste(lying.transpose(Image.Transpose.ROTATE_270), (0, number * layout.panel_height))
    return page


def _get_column_top(layout: SloganLayout) -> int:
    """Return the space above columns: the widest is centred, all begin at one height."""
    widest = max(
        line.measure_width(placed.block.size) for placed in layout.placed_blocks for line in placed.block.lines
    )
    return max(0, (layout.panel_height - widest) // 2)


def _draw_line(page: Image.Image, line: TextLine, left: int, top: int, size: int, one_bit: bool) -> None:
    source = line.source
    start, stop = source.trim_spaces(line.start, line.stop)
    if start >= stop:
        return
    pen = -source.start_trim[start]
    for i in source.order_visually(start, stop):
        metrics = source.glyphs[i]
        if metrics.char and not source.text[i].isspace():
            glyph = (
                shaping.render_word(metrics, size, one_bit) if metrics.script else render_glyph(metrics, size, one_bit)
            )
            x = left + round((pen + source.glyph_positions[i] - source.pen_positions[i]) * size / EM)
            page.paste(255, (x + glyph.dx, top + glyph.dy), glyph.image)
        pen += source.pen_positions[i + 1] - source.pen_positions[i]


def apply_colors(page: Image.Image, colors: TextColors) -> Image.Image:
    """Convert coverage to the two colours, mode "RGB"."""
    steps = (
        tuple(round(b + (t - b) * n / 255) for t, b in zip(colors.text, colors.background, strict=True))
        for n in range(256)
    )
    shown = page.copy()
    shown.putpalette(list(chain.from_iterable(steps)))
    return shown.convert("RGB")
