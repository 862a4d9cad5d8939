"""Measurement of a paragraph: the width of any part of it as one line, in thousandths of the em.

1. Full-width punctuation loses its empty half beside other punctuation, and at the beginning and end of a line (CLREQ
   3.1.6, 标点挤压); the empty part is computed from the ink of the glyph.
2. Between Chinese and Latin or digits an eighth of an em is added in outline type (CSS Text 4, ``text-autospace``),
   except between digits and their unit; bitmap type is too coarse for it.
3. The middle dot of a date (3·15) is narrow; between Chinese names it is one em wide.
4. A space between Chinese phrases is half an em; spaces at the ends of a line have no width.
5. A word of a shaped script is measured as one: its first character has the metrics of the whole, the others none.
6. A paragraph is measured in reading order. A line with right-to-left letters is put in visual order when it is drawn
   (``order_visually``); its width is the same.
"""

from dataclasses import dataclass
from functools import lru_cache

from signage.pixels.fonts import outline
from signage.pixels.fonts.faces import CLOSING_MARKS, EM, OPENING_MARKS, FontKind, GlyphMetrics, get_glyph_metrics
from signage.pixels.fonts.shaping import measure_word
from signage.pixels.text.bidi import mirror, order_line, resolve_levels
from signage.pixels.text.line_breaking import UNIT_CHARACTERS, find_shaped_words
from signage.pixels.text.scripts import ScriptFace

_AUTOSPACE = EM // 8
_HALF = EM // 2
_CONTINUATION = GlyphMetrics("", "shaped", 0, 0, 0)
"""The characters of a shaped word after its first."""


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
    levels: tuple[int, ...] | None = None

    def order_visually(self, start: int, stop: int) -> list[int]:
        """Return the indices of the line from *start* to *stop* from left to right."""
        return list(range(start, stop)) if self.levels is None else order_line(self.text, self.levels, start, stop)

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
    levels = resolve_levels(text)
    faces = _list_glyphs(text, font_kind, levels)
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
    return MeasuredParagraph(text, faces, (*at, pen), tuple(drawn), tuple(head), tuple(tail), levels)


def list_glyphs(text: str, font_kind: FontKind) -> list[tuple[str, GlyphMetrics]]:
    """Return each character of a paragraph that is drawn, with its metrics; a shaped word as its first character."""
    glyphs = measure_paragraph(text, font_kind).glyphs
    return [(char, glyph) for char, glyph in zip(text, glyphs, strict=True) if glyph.char and not char.isspace()]


def _list_glyphs(text: str, font_kind: FontKind, levels: tuple[int, ...] | None) -> tuple[GlyphMetrics, ...]:
    """Return the metrics of each character (5); brackets of right-to-left text are mirrored."""
    words = {start: (stop, face) for start, stop, face in find_shaped_words(text)}
    glyphs: list[GlyphMetrics] = []
    while len(glyphs) < len(text):
        i = len(glyphs)
        is_rtl = levels is not None and levels[i] % 2 == 1
        if i in words and _is_shaped(words[i][1], text[i], font_kind):
            stop, face = words[i]
            glyphs += [measure_word(text[i:stop], face, is_rtl), *[_CONTINUATION] * (stop - i - 1)]
        else:
            glyphs.append(get_glyph_metrics(mirror(text[i]) if is_rtl else text[i], font_kind))
    return tuple(glyphs)


def _is_shaped(face: ScriptFace, char: str, font_kind: FontKind) -> bool:
    """Whether the shaping engine sets the word; single letters of Yi and Zhuang have a bitmap for small sizes."""
    return face.is_word or (font_kind == "outline" and not outline.has_glyph(char))


def _get_advance(metrics: GlyphMetrics, text: str, i: int) -> int:
    if metrics.char == " " and 0 < i < len(text) - 1 and _is_han(text[i - 1]) and _is_han(text[i + 1]):
        return _HALF
    return metrics.advance
