"""A paragraph measured: how wide any stretch of it is when set as one line, in thousandths of the em.

1. Full-width punctuation gives up its empty half beside other punctuation, and at a line's beginning and end (CLREQ
   3.1.6, 标点挤压); how much is empty is taken from the glyph's own ink.
2. Between Chinese and Latin or digits an eighth of an em is added in outline type (CSS Text 4, ``text-autospace``),
   but not between digits and their unit; dots are too coarse for it.
3. The middle dot of a date (3·15) is narrow; between Chinese names it keeps its em.
4. A space between Chinese phrases is half an em; spaces at a line's ends count nothing.
"""

from dataclasses import dataclass
from functools import lru_cache

from signage.pixels.fonts.faces import CLOSING, EM, OPENING, Face, Type, face
from signage.pixels.text.line_breaking import UNITS

_AUTOSPACE = EM // 8
_HALF = EM // 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """*text* with, for each character, its face, its pen position *at* and where its glyph is drawn (*drawn*).

    *head* and *tail* are what a character gives up at a line's beginning and end. ``at[len(text)]`` is the whole width.
    """

    text: str
    faces: tuple[Face, ...]
    at: tuple[int, ...]
    drawn: tuple[int, ...]
    head: tuple[int, ...]
    tail: tuple[int, ...]

    def trim(self, start: int, stop: int) -> tuple[int, int]:
        """The stretch without the spaces at its ends."""
        text = self.text
        while start < stop and text[start].isspace():
            start += 1
        while start < stop and text[stop - 1].isspace():
            stop -= 1
        return start, stop

    def width(self, start: int, stop: int) -> int:
        """How wide the line from *start* to *stop* is."""
        start, stop = self.trim(start, stop)
        if start >= stop:
            return 0
        return self.at[stop] - self.at[start] - self.head[start] - self.tail[stop - 1]


def _is_han(char: str) -> bool:
    return "\u2e80" <= char <= "\u2fff" or "\u3400" <= char <= "\u9fff" or char >= "\U00020000"


def _is_latin(char: str) -> bool:
    return char.isalnum() and char < "\u2e80"


def _empty(set_as: Face) -> tuple[int, int]:
    """What a full-width punctuation mark can give up on its left and on its right."""
    if set_as.advance < EM:
        return 0, 0
    left = _HALF if set_as.char in OPENING and set_as.left >= _HALF - 40 else 0
    right = _HALF if set_as.char in CLOSING and set_as.right <= _HALF + 40 else 0
    return left, right


def _gap(before: str, after: str, type_: Type) -> int:
    if before.isdigit() and after in UNITS:
        return 0
    if type_ == "outline" and ((_is_han(before) and _is_latin(after)) or (_is_latin(before) and _is_han(after))):
        return _AUTOSPACE
    return 0


def _squeeze(text: str, i: int, empty: tuple[int, int]) -> tuple[int, int]:
    """What the mark at *i* gives up on its left and right, standing where it stands inside a line."""
    before, after = text[i - 1 : i], text[i + 1 : i + 2]
    if text[i] == "·" and before.isdigit() and after.isdigit():
        return (300, 300) if sum(empty) == 0 else empty
    beside = OPENING | CLOSING
    return (empty[0] if before and before in beside else 0), (empty[1] if after and after in beside else 0)


@lru_cache(4096)
def paragraph(text: str, type_: Type) -> Paragraph:
    """*text* (no line feed in it) measured in that type."""
    faces = tuple(face(char, type_) for char in text)
    empties = [_empty(f) for f in faces]
    at, drawn, head, tail, pen = [], [], [], [], 0
    for i, set_as in enumerate(faces):
        pen += _gap(text[i - 1], text[i], type_) if i else 0
        left, right = _squeeze(text, i, empties[i]) if set_as.advance >= EM else (0, 0)
        at.append(pen)
        drawn.append(pen - left)
        head.append(empties[i][0] - left if empties[i][0] else 0)
        tail.append(empties[i][1] - right if empties[i][1] else 0)
        pen += _advance(set_as, text, i) - left - right
    return Paragraph(text, faces, (*at, pen), tuple(drawn), tuple(head), tuple(tail))


def _advance(set_as: Face, text: str, i: int) -> int:
    if set_as.char == " " and 0 < i < len(text) - 1 and _is_han(text[i - 1]) and _is_han(text[i + 1]):
        return _HALF
    return set_as.advance
