"""Which font draws a character, how wide it is there, and its picture.

Two settings of type: ``dots`` (the bitmap font at 16 px, its home) and ``outline`` (the outline font at any size from
24 px). Each falls back to the other for a character that it lacks; what neither has is set as 〓, the typesetter's mark
for a missing sort, and named in a warning.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from PIL import Image

from signage.pixels.fonts import bitmap, outline

FontKind = Literal["dots", "outline"]
EM = 1000
MISSING_GLYPH = "〓"
"""What stands for a character that no font has (U+3013)."""


OPENING_MARKS = frozenset("（《「『【〈〔〖“‘")
CLOSING_MARKS = frozenset("，。、；：！？）》」』】〉〕〗”’．")


@dataclass(frozen=True, slots=True)
class GlyphMetrics:
    """How one character is set: the font that has it, its advance and where its ink is, in thousandths of the em.

    *shift*: how many dots its picture is moved in its cell; *above*, *below*: how far it leaves the line's em box, as
    the tails of Latin letters do.
    """

    char: str
    font: FontKind
    advance: int
    left: int
    right: int
    shift: int = 0
    above: int = 0
    below: int = 0
    missing: bool = False


@dataclass(frozen=True, slots=True)
class GlyphImage:
    """A glyph's pixels (mode "L") and where they stand from the pen and from the top of the line's em box."""

    image: Image.Image
    dx: int
    dy: int


@lru_cache(16384)
def get_glyph_metrics(char: str, type_: FontKind) -> GlyphMetrics:
    """How *char* is set in that type."""
    fonts: tuple[FontKind, FontKind] = ("dots", "outline") if type_ == "dots" else ("outline", "dots")
    for font in fonts:
        if font == "dots" and bitmap.has_glyph(char):
            return _measure_bitmap_glyph(char)
        if font == "outline" and outline.has_glyph(char):
            left, top, right, bottom = outline.get_ink_box(char)
            above, below = max(0, -top), max(0, bottom - EM)
            return GlyphMetrics(char, font, outline.get_advance(char), left, right, above=above, below=below)
    geta = get_glyph_metrics(MISSING_GLYPH, type_)
    return replace(geta, missing=True)


def _measure_bitmap_glyph(char: str) -> GlyphMetrics:
    """Full-width punctuation stands in the middle of its cell in Unifont; on the mainland it belongs to one side."""
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
    """The cell of *char* at *size* px; where dots don't come out whole, their edges are smoothed if they may be."""
    image = bitmap.get_glyph(char)[0]
    if size == bitmap.CELL_PX:
        return image
    if one_bit:
        return image.resize((size, size), Image.Resampling.NEAREST)
    large = image.resize((8 * bitmap.CELL_PX, 8 * bitmap.CELL_PX), Image.Resampling.NEAREST)
    return large.resize((size, size), Image.Resampling.BOX if size <= 8 * bitmap.CELL_PX else Image.Resampling.NEAREST)


def render_glyph(set_as: GlyphMetrics, size: int, one_bit: bool) -> GlyphImage:
    """The pixels of a character at *size* px, without smoothing where *one_bit*."""
    if set_as.font == "outline":
        image, dx, dy = outline.render_glyph(set_as.char, size, one_bit)
        return GlyphImage(image, dx, dy + round(size * outline.BASELINE / outline.UNITS_PER_EM))
    shift = (bitmap.get_glyph(set_as.char)[1] + set_as.shift) * size / bitmap.CELL_PX
    return GlyphImage(_scale_bitmap_glyph(set_as.char, size, one_bit), round(shift), 0)
