"""Measurement of a paragraph: the width of any part of it as one line, in thousandths of the em.

1. Full-width punctuation loses its empty half beside other punctuation, and at the beginning and end of a line (CLREQ
   3.1.6, 标点挤压); the empty part is computed from the ink of the glyph.
2. Between Chinese and Latin or digits an eighth of an em is added in outline type (CSS Text 4, ``text-autospace``),
   except between digits and their unit; bitmap type is too coarse for it.
3. The middle dot of a date (3·15) is narrow; between Chinese names it is one em wide.
4. A space between Chinese phrases is half an em; spaces at the ends of a line have no width.
"""

from dataclasses import dataclass
from functools import lru_cache

from signage.pixels.fonts.faces import CLOSING_MARKS, EM, OPENING_MARKS, FontKind, GlyphMetrics, get_glyph_metrics
from signage.pixels.text.line_breaking import UNIT_CHARACTERS

_AUTOSPACE = EM // 8
_HALF = EM // 2


@dataclass(frozen=True, slots=True)
class MeasuredParagraph:
    """*text* with the metrics, pen position and glyph position of each character.

    *start_trim* and *end_trim*: what a character loses at the beginning and end of a line. The last pen position is the
    total width.
    """

    text: str
    glyphs: tuple[GlyphMetrics, ...]
    pen_positions: tuple[int, ...]
    glyph_positions: tuple[int, ...]
    start_trim: tuple[int, ...]
    end_trim: tuple[int, ...]

    def trim_spaces(self, start: int, stop: int) -> tuple[int, int]:
        """Return the part from *start* to *stop* without the spaces at its ends."""
        text = self.text
        while start < stop and text[start].isspace():
            start += 1
        while start < stop and text[stop - 1].isspace():
            stop -= 1
        return start, stop

    def measure_width(self, start: int, stop: int) -> int:
        """Return the width of the line from *start* to *stop*."""
        start, stop = self.trim_spaces(start, stop)
        if start >= stop:
            return 0
        return self.pen_positions[stop] - self.pen_positions[start] - self.start_trim[start] - self.end_trim[stop - 1]


def _is_han(char: str) -> bool:
    return "\u2e80" <= char <= "\u2fff" or "\u3400" <= char <= "\u9fff" or char >= "\U00020000"


def _is_latin(char: str) -> bool:
    return char.isalnum() and char < "\u2e80"


def _measure_empty_halves(metrics: GlyphMetrics) -> tuple[int, int]:
    """Return what a full-width punctuation mark can lose on its left and on its right."""
    if metrics.advance < EM:
        return 0, 0
    left = _HALF if metrics.char in OPENING_MARKS and metrics.left >= _HALF - 40 else 0
    right = _HALF if metrics.char in CLOSING_MARKS and metrics.right <= _HALF + 40 else 0
    return left, right


def _get_autospace(before: str, after: str, font_kind: FontKind) -> int:
    if before.isdigit() and after in UNIT_CHARACTERS:
        return 0
    if font_kind == "outline" and ((_is_han(before) and _is_latin(after)) or (_is_latin(before) and _is_han(after))):
        return _AUTOSPACE
    return 0


def _squeeze_mark(text: str, i: int, empty: tuple[int, int]) -> tuple[int, int]:
    """Return what the mark at *i* loses on its left and right inside a line."""
    before, after = text[i - 1 : i], text[i + 1 : i + 2]
    if text[i] == "·" and before.isdigit() and after.isdigit():
        return (300, 300) if sum(empty) == 0 else empty
    beside = OPENING_MARKS | CLOSING_MARKS
    return (empty[0] if before and before in beside else 0), (empty[1] if after and after in beside else 0)


@lru_cache(4096)
def measure_paragraph(text: str, font_kind: FontKind) -> MeasuredParagraph:
    """Measure *text* (without line feeds) in that kind of type."""
    faces = tuple(get_glyph_metrics(char, font_kind) for char in text)
    empties = [_measure_empty_halves(f) for f in faces]
    at, drawn, head, tail, pen = [], [], [], [], 0
    for i, metrics in enumerate(faces):
        pen += _get_autospace(text[i - 1], text[i], font_kind) if i else 0
        left, right = _squeeze_mark(text, i, empties[i]) if metrics.advance >= EM else (0, 0)
        at.append(pen)
        drawn.append(pen - left)
        head.append(empties[i][0] - left if empties[i][0] else 0)
        tail.append(empties[i][1] - right if empties[i][1] else 0)
        pen += _get_advance(metrics, text, i) - left - right
    return MeasuredParagraph(text, faces, (*at, pen), tuple(drawn), tuple(head), tuple(tail))


def _get_advance(metrics: GlyphMetrics, text: str, i: int) -> int:
    if metrics.char == " " and 0 < i < len(text) - 1 and _is_han(text[i - 1]) and _is_han(text[i + 1]):
        return _HALF
    return metrics.advance
