"""Font selection for a character, with its metrics and its image.

Two kinds of type of a single character: ``dots`` (the bitmap font, designed for 16 px) and ``outline`` (the outline
font from 24 px). Each falls back to the other for a missing character; a character that neither font has is drawn as
〓, the typesetter's mark for a missing glyph, and reported in a warning. Words of shaped scripts: ``shaping``.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from PIL import Image

from signage.pixels.fonts import bitmap, outline

FontKind = Literal["dots", "outline"]
GlyphFont = Literal["dots", "outline", "shaped"]
EM = 1000
MISSING_GLYPH = "〓"
"""What stands for a character that no font has (U+3013)."""


OPENING_MARKS = frozenset("（《「『【〈〔〖“‘")
CLOSING_MARKS = frozenset("，。、；：！？）》」』】〉〕〗”’．")


@dataclass(frozen=True, slots=True)
class GlyphMetrics:
    """The metrics of one character, or of a word of a shaped script: font, advance and ink, in thousandths of the em.

    *shift*: horizontal shift of the glyph in its cell, in pixels; *above*, *below*: how far the ink leaves the em box
    of the line, as descenders of Latin letters do. *script*, *is_rtl*: of a shaped word (``shaping``).
    """

    char: str
    font: GlyphFont
    advance: int
    left: int
    right: int
    shift: int = 0
    above: int = 0
    below: int = 0
    missing: bool = False
    script: str = ""
    is_rtl: bool = False


@dataclass(frozen=True, slots=True)
class GlyphImage:
    """The pixels of a glyph (mode "L") and their offset from the pen position and the top of the em box."""

    image: Image.Image
    dx: int
    dy: int


@lru_cache(16384)
def get_glyph_metrics(char: str, font_kind: FontKind) -> GlyphMetrics:
    """Return the metrics of *char* in that kind of type."""
    fonts: tuple[FontKind, FontKind] = ("dots", "outline") if font_kind == "dots" else ("outline", "dots")
    for font in fonts:
        if font == "dots" and bitmap.has_glyph(char):
            return _measure_bitmap_glyph(char)
        if font == "outline" and outline.has_glyph(char):
            left, top, right, bottom = outline.get_ink_box(char)
            above, below = max(0, -top), max(0, bottom - EM)
            return GlyphMetrics(char, font, outline.get_advance(char), left, right, above=above, below=below)
    geta = get_glyph_metrics(MISSING_GLYPH, font_kind)
    return replace(geta, missing=True)


def _measure_bitmap_glyph(char: str) -> GlyphMetrics:
    """Return the metrics of a Unifont glyph, with full-width punctuation moved to its side as in mainland China."""
    image, own = bitmap.get_glyph(char)
    box = image.getbbox() or (0, 0, 0, 0)
    left, right, width, shift = box[0] + own, box[2] + own, bitmap.get_advance(char), 0
    if width == bitmap.CELL_PX and right - left <= 7:
        shift = 1 - left if char in CLOSING_MARKS else 15 - right if char in OPENING_MARKS else 0
    dot = EM / bitmap.CELL_PX
    return GlyphMetrics(
        char, "dots", round(width * dot), round((left + shift) * dot), round((right + shift) * dot), shift
    )


@lru_cache(64)
def _scale_bitmap_glyph(char: str, size: int, one_bit: bool) -> Image.Image:
    """Return the cell of *char* at *size* px, with smooth edges for fractional scales unless *one_bit*."""
    image = bitmap.get_glyph(char)[0]
    if size == bitmap.CELL_PX:
        return image
    if one_bit:
        return image.resize((size, size), Image.Resampling.NEAREST)
    large = image.resize((8 * bitmap.CELL_PX, 8 * bitmap.CELL_PX), Image.Resampling.NEAREST)
    return large.resize((size, size), Image.Resampling.BOX if size <= 8 * bitmap.CELL_PX else Image.Resampling.NEAREST)


def render_glyph(metrics: GlyphMetrics, size: int, one_bit: bool) -> GlyphImage:
    """Return the pixels of a character at *size* px, without smoothing if *one_bit*."""
    if metrics.font == "outline":
        image, dx, dy = outline.render_glyph(metrics.char, size, one_bit)
        return GlyphImage(image, dx, dy + round(size * outline.BASELINE / outline.UNITS_PER_EM))
    shift = (bitmap.get_glyph(metrics.char)[1] + metrics.shift) * size / bitmap.CELL_PX
    return GlyphImage(_scale_bitmap_glyph(metrics.char, size, one_bit), round(shift), 0)
