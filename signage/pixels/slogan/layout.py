"""Layout of a text in a box: the largest size that fits, good line breaks, balanced lines.

The largest size is best, but a break of a lower grade (``line_breaking``) must gain much size to be chosen: a third for
a break inside a phrase, and more where spaces separate the phrases. Among the line breaks at that size the one with
the best grades and the most even lines is chosen (after Knuth and Plass, "Breaking paragraphs into lines", 1981: the
sum of squared slacks and penalties).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from signage.pixels.fonts import bitmap, outline
from signage.pixels.fonts.faces import EM, FontKind
from signage.pixels.text.line_breaking import (
    BREAK_ANYWHERE,
    BREAK_AT_PHRASE,
    BREAK_AT_PUNCTUATION,
    BREAK_AT_SPACE,
    BREAK_BEFORE_UNIT,
    BREAK_GRADES,
    BREAK_INSIDE_WORD,
    BREAK_POOR,
    grade_breaks,
)
from signage.pixels.text.measure import MeasuredParagraph, measure_paragraph

LINE_PITCH = {"dots": 1.0, "outline": 1.16}
"""Least distance from line to line, in sizes: a cell of the bitmap font has its own air."""
_GRADE_WORTH = {
    BREAK_AT_PHRASE: 1.2,
    BREAK_POOR: 0.9,
    BREAK_INSIDE_WORD: 0.8,
    BREAK_BEFORE_UNIT: 0.6,
    BREAK_ANYWHERE: 0.45,
}
_RAGGEDNESS_COST, _UNEVENNESS_COST = 0.3, 0.15
"""What lines of unlike width, and of unlike numbers of phrases, take away from a layout's worth."""


@dataclass(frozen=True, slots=True)
class TextBox:
    """The area for text, in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line: the characters of *source* from *start* to *stop*."""

    source: MeasuredParagraph
    start: int
    stop: int

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.stop]

    def measure_width(self, size: int) -> int:
        """Return the width in pixels at *size*, rounded up."""
        return math.ceil(self.source.measure_width(self.start, self.stop) * size / EM)


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Lines of one size, below one another."""

    lines: tuple[TextLine, ...]
    size: int
    font_kind: FontKind
    worst_grade: int
    """The lowest grade of break in it."""

    def measure_height(self) -> int:
        """Return the height from the top of the first em box to the bottom of the last one."""
        return measure_stack_height(len(self.lines), self.size, self.font_kind)


def measure_stack_height(lines: int, size: int, font_kind: FontKind) -> int:
    """Return the height of that many lines."""
    return size + math.ceil((lines - 1) * size * LINE_PITCH[font_kind])


def choose_font_kind(size: int) -> FontKind:
    """Return the kind of type for that size."""
    return "outline" if size >= outline.MIN_SIZE_PX else "dots"


def count_fitting_lines(size: int, height: int) -> int:
    """Return how many lines of that size fit."""
    return (
        max(0, 1 + math.floor((height - size) / (size * LINE_PITCH[choose_font_kind(size)]))) if height >= size else 0
    )


@lru_cache(4096)
def measure_overhang(text: str, size: int) -> tuple[int, int]:
    """Return how many pixels of the glyphs are above and below the em boxes of the lines."""
    faces = [f for part in text.split("\n") for f in measure_paragraph(part, choose_font_kind(size)).glyphs]
    above, below = max((f.above for f in faces), default=0), max((f.below for f in faces), default=0)
    return math.ceil(above * size / EM), math.ceil(below * size / EM)


def count_fitting_text_lines(text: str, size: int, box: TextBox) -> int:
    """Return how many lines of *text* fit at that size."""
    return count_fitting_lines(size, box.height - sum(measure_overhang(text, size)))


@lru_cache(4096)
def wrap_greedily(text: str, size: int, width: int, grade: int, most: int) -> tuple[TextLine, ...] | None:
    """Wrap *text* into lines of *width* px at breaks of that grade or better; None if more than *most* lines."""
    lines: list[TextLine] = []
    limit = width * EM // size
    for part in text.split("\n"):
        source = measure_paragraph(part, choose_font_kind(size))
        stops = [i for i, g in enumerate(grade_breaks(part)) if i and g <= grade] + [len(part)]
        start = last = 0
        for stop in stops:
            if source.measure_width(start, stop) > limit:
                if last == start or source.measure_width(last, stop) > limit or len(lines) >= most:
                    return None
                lines.append(TextLine(source, start, last))
                start = last
            last = stop
        lines.append(TextLine(source, start, len(part)))
    return tuple(lines) if len(lines) <= most else None


def list_sizes(box: TextBox, largest: int | None = None) -> list[int]:
    """Return the possible sizes in *box*, ascending: 16 px, then every size of the outline font."""
    top = min(box.height, largest or box.height)
    return [s for s in (bitmap.CELL_PX,) if s <= top] + list(range(outline.MIN_SIZE_PX, top + 1))


def _find_largest_size(text: str, box: TextBox, grade: int, choice: list[int]) -> int | None:
    """Return the largest of *choice* at which *text* fits, by bisection."""
    low, high, largest = 0, len(choice) - 1, None
    while low <= high:
        middle = (low + high) // 2
        size = choice[middle]
        if wrap_greedily(text, size, box.width, grade, count_fitting_text_lines(text, size, box)) is not None:
            largest, low = size, middle + 1
        else:
            high = middle - 1
    return largest


@dataclass(frozen=True, slots=True)
class LayoutConstraints:
    """Constraints of a layout: sizes from *least* to *largest*, no break below *grade*, unbroken phrases if *whole*.

    Size beyond *comfort* px (comfortably legible at the viewing distance) counts an eighth: good breaks are worth more.
    """

    least: int = bitmap.CELL_PX
    largest: int | None = None
    comfort: int = 48
    grade: int = BREAK_ANYWHERE
    whole: bool = False


def fit_text(text: str, box: TextBox, constraints: LayoutConstraints) -> TextBlock | None:
    """Return the best layout of *text* in *box*; None if the constraints cannot be satisfied."""
    candidates = sorted(_iter_candidates(text, box, constraints), key=lambda c: -c[0])
    best: tuple[float, TextBlock] | None = None
    for bound, source, size, grade in candidates:
        if best is not None and bound <= best[0]:
            break
        block = balance_lines(source, size, box, grade)
        if block is not None:
            worth = (
                bound
                * (1 - _RAGGEDNESS_COST * _measure_raggedness(block))
                * (1 - _UNEVENNESS_COST * _is_uneven(text, block))
            )
            if best is None or worth > best[0]:
                best = worth, block
    return None if best is None else best[1]


def split_phrases(text: str) -> str:
    """Put each phrase of *text* that spaces separate on its own line."""
    grades = (*grade_breaks(text)[1:], BREAK_ANYWHERE)
    return "".join("\n" if g == BREAK_AT_SPACE else c for c, g in zip(text, grades, strict=True))


def _iter_candidates(text: str, box: TextBox, constraints: LayoutConstraints) -> Iterator[tuple[float, str, int, int]]:
    """Yield the possible layouts of *text*: upper bound of the score, text, size and lowest grade of break."""
    phrases = split_phrases(text)
    choice = [s for s in list_sizes(box, constraints.largest) if s >= constraints.least]
    for source in dict.fromkeys((text, phrases)):
        mixed, before = source != phrases, 0
        for grade in BREAK_GRADES:
            if grade > constraints.grade or (mixed and constraints.whole and grade > BREAK_AT_PUNCTUATION):
                continue
            size = _find_largest_size(source, box, grade, choice)
            if size is not None and size > before:
                before = size
                worth = _rate_grade(grade, source, mixed)
                worth *= min(size, constraints.comfort) + max(0, size - constraints.comfort) / 8
                yield worth, source, size, grade


def _rate_grade(grade: int, source: str, mixed: bool) -> float:
    """Return the weight of a size with breaks of that grade; breaking phrases that spaces separate is penalized."""
    if grade == BREAK_AT_PUNCTUATION:
        return (
            1.35 if "\n" in source or min(grade_breaks(source), default=BREAK_ANYWHERE) <= BREAK_AT_PUNCTUATION else 1.1
        )
    return _GRADE_WORTH.get(grade, 1.0) * (0.62 if mixed else 1.0)


def _measure_raggedness(block: TextBlock) -> float:
    """Return the relative standard deviation of the line widths."""
    widths = [line.source.measure_width(line.start, line.stop) for line in block.lines]
    mean = sum(widths) / len(widths) if widths else 0.0
    if not mean:
        return 0.0
    return math.sqrt(sum((w - mean) ** 2 for w in widths) / len(widths)) / mean


def _is_uneven(text: str, block: TextBlock) -> bool:
    """Return whether some of three or more phrases share a line while others have a line of their own."""
    counts = {len(line.text.split()) for line in block.lines}
    return len(text.split()) > 2 and len(counts) > 1


def balance_lines(text: str, size: int, box: TextBox, grade: int) -> TextBlock | None:
    """Break *text* at that size into the fewest lines, at the best and most even breaks."""
    font_kind = choose_font_kind(size)
    rough = wrap_greedily(text, size, box.width, grade, count_fitting_text_lines(text, size, box))
    if rough is None:
        return None
    lines: list[TextLine] = []
    worst = BREAK_AT_SPACE
    for part in text.split("\n"):
        count = sum(1 for line in rough if line.source.text == part) // max(1, text.split("\n").count(part))
        source = measure_paragraph(part, font_kind)
        cuts = _find_cuts(source, count, box.width * EM // size, grade)
        grades = grade_breaks(part)
        worst = max([worst, *(grades[i] for i in cuts[1:-1])])
        lines += [TextLine(source, *source.trim_spaces(a, b)) for a, b in pairwise(cuts)]
    return TextBlock(tuple(lines), size, font_kind, worst)


def _find_cuts(source: MeasuredParagraph, count: int, limit: int, grade: int) -> list[int]:
    """Return the positions that divide *source* into *count* lines no wider than *limit*."""
    length, grades = len(source.text), grade_breaks(source.text)
    if count <= 1:
        return [0, length]
    stops = [0, *(i for i in range(1, length) if grades[i] <= grade), length]
    even = source.measure_width(0, length) / count
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    for row in range(count):
        reached: dict[int, tuple[float, int]] = {}
        for start, (cost, _) in best[row].items():
            for stop in stops:
                if stop <= start:
                    continue
                width = source.measure_width(start, stop)
                if width > limit:
                    break
                slack = (width - even) / EM
                total = cost + slack * slack + (2.0 * grades[stop] if stop < length else 0.0)
                if stop not in reached or total < reached[stop][0]:
                    reached[stop] = total, start
        best.append(reached)
    cuts = [length]
    for row in range(count, 0, -1):
        cuts.append(best[row][cuts[-1]][1])
    return cuts[::-1]
