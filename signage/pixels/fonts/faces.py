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

Type = Literal["dots", "outline"]
EM = 1000
GETA = "〓"
"""What stands for a character that no font has (U+3013)."""


OPENING = frozenset("（《「『【〈〔〖“‘")
CLOSING = frozenset("，。、；：！？）》」』】〉〕〗”’．")


@dataclass(frozen=True, slots=True)
class Face:
    """How one character is set: the font that has it, its advance and where its ink is, in thousandths of the em.

    *shift*: how many dots its picture is moved in its cell; *above*, *below*: how far it leaves the line's em box, as
    the tails of Latin letters do.
    """

    char: str
    font: Type
    advance: int
    left: int
    right: int
    shift: int = 0
    above: int = 0
    below: int = 0
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A glyph's pixels (mode "L") and where they stand from the pen and from the top of the line's em box."""

    image: Image.Image
    dx: int
    dy: int


@lru_cache(16384)
def face(char: str, type_: Type) -> Face:
    """How *char* is set in that type."""
    fonts: tuple[Type, Type] = ("dots", "outline") if type_ == "dots" else ("outline", "dots")
    for font in fonts:
        if font == "dots" and bitmap.has(char):
            return _dots(char)
        if font == "outline" and outline.has(char):
            left, top, right, bottom = outline.ink(char)
            above, below = max(0, -top), max(0, bottom - EM)
            return Face(char, font, outline.advance(char), left, right, above=above, below=below)
    geta = face(GETA, type_)
    return replace(geta, missing=True)


def _dots(char: str) -> Face:
    """Full-width punctuation stands in the middle of its cell in Unifont; on the mainland it belongs to one side."""
    image, own = bitmap.glyph(char)
    box = image.getbbox() or (0, 0, 0, 0)
    left, right, width, shift = box[0] + own, box[2] + own, bitmap.advance(char), 0
    if width == bitmap.CELL and right - left <= 7:
        shift = 1 - left if char in CLOSING else 15 - right if char in OPENING else 0
    dot = EM / bitmap.CELL
    return Face(char, "dots", round(width * dot), round((left + shift) * dot), round((right + shift) * dot), shift)


@lru_cache(64)
def _scaled(char: str, size: int, one_bit: bool) -> Image.Image:
    """The cell of *char* at *size* px; where dots don't come out whole, their edges are smoothed if they may be."""
    image = bitmap.glyph(char)[0]
    if size == bitmap.CELL:
        return image
    if one_bit:
        return image.resize((size, size), Image.Resampling.NEAREST)
    large = image.resize((8 * bitmap.CELL, 8 * bitmap.CELL), Image.Resampling.NEAREST)
    return large.resize((size, size), Image.Resampling.BOX if size <= 8 * bitmap.CELL else Image.Resampling.NEAREST)


def picture(set_as: Face, size: int, one_bit: bool) -> Picture:
    """The pixels of a character at *size* px, without smoothing where *one_bit*."""
    if set_as.font == "outline":
        image, dx, dy = outline.glyph(set_as.char, size, one_bit)
        return Picture(image, dx, dy + round(size * outline.BASELINE / outline.UNITS))
    shift = (bitmap.glyph(set_as.char)[1] + set_as.shift) * size / bitmap.CELL
    return Picture(_scaled(set_as.char, size, one_bit), round(shift), 0)
