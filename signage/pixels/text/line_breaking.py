"""Line breaking: where a line may break, with a grade for each break.

1. UAX #14 (Unicode line breaking) by ``uniseg`` is the base: 、，。；：？！）》」 do not begin a line, （《「 do not
   end one, Latin words and numbers are not broken (CLREQ 3.1.3, GB/T 15834); beside Chinese, a line may break outside a
   quotation mark (its LB19a).
2. A line feed is a mandatory break; a plain or ideographic space in a slogan is its natural break.
3. Digits are not separated from their unit, classifier or 第, nor a standard from its number: 2021年, 7天, 第3届, GB
   7718.
4. Between Chinese characters a line breaks between words (``word_segmentation``), preferably after 的 and before 是,
   和, 在, and avoids 的, 了, 等 at the beginning of a line (按意群断行).
5. Only text without another layout breaks anywhere (a web address longer than the panel).
6. A word of a shaped script (``scripts``) never breaks inside; Tibetan breaks after the mark between its syllables.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import groupby, pairwise

from uniseg.linebreak import line_break_boundaries

from signage.pixels.text import word_segmentation
from signage.pixels.text.scripts import ScriptFace, list_script_runs

(
    BREAK_MANDATORY,
    BREAK_AT_SPACE,
    BREAK_AT_PUNCTUATION,
    BREAK_AT_PHRASE,
    BREAK_AT_WORD,
    BREAK_POOR,
    BREAK_INSIDE_WORD,
    BREAK_BEFORE_UNIT,
    BREAK_ANYWHERE,
    BREAK_NEVER,
) = -1, 0, 1, 2, 3, 6, 12, 40, 100, 1000
"""Grades of a break, as penalties."""
BREAK_GRADES = (
    BREAK_AT_PUNCTUATION,
    BREAK_AT_PHRASE,
    BREAK_AT_WORD,
    BREAK_POOR,
    BREAK_INSIDE_WORD,
    BREAK_BEFORE_UNIT,
    BREAK_ANYWHERE,
)

UNIT_CHARACTERS = frozenset(
    "年月日号天周时点分秒个元角万亿千百折届条项种家次倍岁件人户期路级楼层米克斤吨升度页章节版%％℃‰"
)
_HAN_RUN = re.compile("[㐀-鿿豈-﫿\U00020000-\U000323af]+")
_JOINING_SPACE_PATTERN = re.compile(r"\b[A-Z]{1,4}(?:/T)? (?=\d)|\d (?=[A-Za-z]{1,3}\b)")
_CLOSING_MARKS = frozenset("，。、；：！？…—）》」』”’】〉,;:!?)")
_PHRASE_STARTERS = frozenset("是和与及并在让为不从由将把")
_NOT_FIRST = frozenset("的了等地得着们吗呢吧")
_NOT_LAST = frozenset("和与及并在让为不从由将把是")


@lru_cache(8192)
def grade_breaks(text: str) -> tuple[int, ...]:
    """Return the grade of the break before each character of *text* (ANYWHERE before the first)."""
    allowed = set(line_break_boundaries(text))
    ends = _find_word_ends(text)
    inside = {i for start, stop, _ in find_shaped_words(text) for i in range(start + 1, stop)}
    return tuple(
        BREAK_NEVER if i in inside else _grade_break(text, i, i in allowed, ends) if i else BREAK_ANYWHERE
        for i in range(len(text))
    )


@lru_cache(8192)
def find_shaped_words(text: str) -> tuple[tuple[int, int, ScriptFace], ...]:
    """Return begin, end and face of each part of *text* that is shaped as one, up to the next possible break."""
    words: list[tuple[int, int, ScriptFace]] = []
    runs = list_script_runs(text)
    allowed = sorted(line_break_boundaries(text)) if runs else []
    for run in runs:
        cuts = [i for i in allowed if run.start < i < run.stop] if run.face.is_word else range(run.start + 1, run.stop)
        edges = [run.start, *cuts, run.stop]
        words += [(start, stop, run.face) for start, stop in pairwise(edges)]
    return tuple(word for start, stop, face in words for word in _split_directions(text, start, stop, face))


def _split_directions(text: str, start: int, stop: int, face: ScriptFace) -> list[tuple[int, int, ScriptFace]]:
    """Split a part into letters, numbers and marks of punctuation: they may run in different directions."""
    kinds = [_get_direction_kind(char) for char in text[start:stop]]
    parts, at = [], start
    for kind, group in groupby(kinds):
        count = len(list(group))
        ends = [at + count] if kind != "punctuation" else list(range(at + 1, at + count + 1))
        for end in ends:
            parts.append((at, end, face))
            at = end
    return parts


def _get_direction_kind(char: str) -> str:
    kind = unicodedata.bidirectional(char)
    if kind in ("AN", "EN"):
        return "number"
    return "letters" if kind in ("L", "R", "AL", "NSM", "BN", "") else "punctuation"


@lru_cache(8192)
def _find_joining_spaces(text: str) -> frozenset[int]:
    """Return the positions of joining spaces: in a standard's number (GB 7718), before a Latin unit (500 g)."""
    return frozenset(m.end() for m in _JOINING_SPACE_PATTERN.finditer(text))


def _find_word_ends(text: str) -> frozenset[int]:
    return frozenset(
        m.start() + end for m in _HAN_RUN.finditer(text) for end in word_segmentation.find_word_ends(m.group())
    )


def _grade_break(text: str, i: int, allowed: bool, ends: frozenset[int]) -> int:
    before, after = text[i - 1], text[i]
    if before == "\n":
        return BREAK_MANDATORY
    if before in " \u3000" and not after.isspace():
        return BREAK_BEFORE_UNIT if i in _find_joining_spaces(text) else BREAK_AT_SPACE
    if (before in "”’" and _HAN_RUN.match(after)) or (after in "“‘" and _HAN_RUN.match(before)):
        return BREAK_AT_WORD
    if not allowed or after.isspace():
        return BREAK_ANYWHERE
    if (before.isdigit() and after in UNIT_CHARACTERS) or (before == "第" and after.isdigit()):
        return BREAK_BEFORE_UNIT
    if before in _CLOSING_MARKS or after == "（":
        return BREAK_AT_PUNCTUATION
    if not (_HAN_RUN.match(before) and _HAN_RUN.match(after)):
        return BREAK_AT_WORD
    if i not in ends:
        return BREAK_INSIDE_WORD
    if after in _NOT_FIRST or before in _NOT_LAST:
        return BREAK_POOR
    return BREAK_AT_PHRASE if after in _PHRASE_STARTERS or before in "的" else BREAK_AT_WORD
