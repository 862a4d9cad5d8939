"""Rendering of a layout: coverage first (one channel), then the two colours."""

from collections import OrderedDict
from itertools import chain
from threading import Lock

from PIL import Image

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
    page = Image.new("L", (layout.width, layout.height))
    for placed in layout.placed_blocks:
        for row, line in enumerate(placed.block.lines):
            left = layout.left
            if left is None:
                left = (layout.width - line.measure_width(placed.block.size)) // 2
            _draw_line(page, line, left, placed.top + row * placed.pitch, placed.block.size, layout.one_bit)
    return page


def _draw_line(page: Image.Image, line: TextLine, left: int, top: int, size: int, one_bit: bool) -> None:
    source = line.source
    start, stop = source.trim_spaces(line.start, line.stop)
    if start >= stop:
        return
    origin = source.pen_positions[start] + source.start_trim[start]
    for i in range(start, stop):
        if source.text[i].isspace():
            continue
        glyph = render_glyph(source.glyphs[i], size, one_bit)
        x = left + round((source.glyph_positions[i] - origin) * size / EM)
        page.paste(255, (x + glyph.dx, top + glyph.dy), glyph.image)


def apply_colors(page: Image.Image, colors: TextColors) -> Image.Image:
    """Convert coverage to the two colours, mode "RGB"."""
    steps = (
        tuple(round(b + (t - b) * n / 255) for t, b in zip(colors.text, colors.background, strict=True))
        for n in range(256)
    )
    shown = page.copy()
    shown.putpalette(list(chain.from_iterable(steps)))
    return shown.convert("RGB")
