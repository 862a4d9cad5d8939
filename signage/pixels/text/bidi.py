"""The bidirectional algorithm (UAX #9): levels of a paragraph, and the visual order of one of its lines.

Explicit marks are refused in texts for screens, so each paragraph is one level run of the implicit rules: P2-P3,
W1-W7, N0 (paired brackets), N1-N2, I1-I2. Lines are broken first; L1 and L2 reorder each line by itself.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import groupby

_MAY_BE_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_NEUTRAL = frozenset(("B", "S", "WS", "ON", "BN"))
_BRACKETS = {"(": ")", "[": "]", "{": "}", "（": "）", "《": "》", "「": "」", "『": "』", "【": "】", "〈": "〉"}
_MIRRORED = str.maketrans("()[]{}<>«»（）《》〈〉【】「」", ")(][}{><»«）（》《〉〈】【」「")
MAX_OPEN_BRACKETS = 63


def mirror(char: str) -> str:
    """Return the mirrored form of a character, for right-to-left text."""
    return char.translate(_MIRRORED)


@lru_cache(4096)
def resolve_levels(text: str) -> tuple[int, ...] | None:
    """Return the level of each character of a paragraph (odd: right to left); None for text without such letters."""
    if not _MAY_BE_RTL.search(text):
        return None
    base = get_base_level(text)
    embedding = "R" if base else "L"
    types = [unicodedata.bidirectional(char) or "L" for char in text]
    originals = list(types)
    _resolve_weak(types, embedding)
    _resolve_brackets(text, types, originals, embedding)
    _resolve_neutral(types, embedding)
    levels = [base + _get_implicit_step(kind, base) for kind in types]
    return tuple(levels)


def get_base_level(text: str) -> int:
    """Return 1 for a paragraph whose first strong letter is right-to-left, else 0 (P2, P3)."""
    strong = next((kind for kind in map(unicodedata.bidirectional, text) if kind in ("L", "R", "AL")), "L")
    return int(strong != "L")


def _get_implicit_step(kind: str, level: int) -> int:
    """Return what rules I1 and I2 add to the level."""
    if level % 2:
        return int(kind in ("L", "EN", "AN"))
    return {"R": 1, "AN": 2, "EN": 2}.get(kind, 0)


def _resolve_weak(types: list[str], embedding: str) -> None:
    """Apply W1 to W7 to *types*."""
    before = strong = embedding
    for i, kind in enumerate(types):
        if kind == "NSM":  # W1
            types[i] = kind = before
        if kind == "EN" and strong == "AL":  # W2
            types[i] = kind = "AN"
        if kind in ("L", "R", "AL"):
            strong = kind
        before = kind
    types[:] = ["R" if kind == "AL" else kind for kind in types]  # W3
    for i in range(1, len(types) - 1):  # W4
        around = types[i - 1], types[i + 1]
        if types[i] in ("ES", "CS") and around == ("EN", "EN"):
            types[i] = "EN"
        elif types[i] == "CS" and around == ("AN", "AN"):
            types[i] = "AN"
    _join_terminators(types)
    types[:] = ["ON" if kind in ("ES", "ET", "CS") else kind for kind in types]  # W6
    strong = embedding
    for i, kind in enumerate(types):  # W7
        if kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            types[i] = "L"


def _join_terminators(types: list[str]) -> None:
    """Apply W5: signs such as % beside a number belong to it."""
    at = 0
    for kind, run in groupby(list(types)):
        count = len(list(run))
        stop = at + count
        if kind == "ET" and ((at and types[at - 1] == "EN") or (stop < len(types) and types[stop] == "EN")):
            types[at:stop] = ["EN"] * count
        at = stop


def _resolve_brackets(text: str, types: list[str], originals: list[str], embedding: str) -> None:
    """Apply N0: a pair of brackets takes the direction of what it encloses."""
    for first, last in sorted(_find_bracket_pairs(text, types)):
        inside = {_get_direction(kind) for kind in types[first + 1 : last]} - {None}
        if embedding in inside:
            direction = embedding
        elif inside:
            before = next((d for kind in reversed(types[:first]) if (d := _get_direction(kind))), embedding)
            direction = before if before in inside else embedding
        else:
            continue
        for at in (first, last):
            types[at] = direction
            after = at + 1
            while after < len(types) and originals[after] == "NSM":
                types[after] = direction
                after += 1


def _find_bracket_pairs(text: str, types: list[str]) -> list[tuple[int, int]]:
    opened: list[tuple[str, int]] = []
    pairs = []
    for i, char in enumerate(text):
        if types[i] != "ON":
            continue
        if char in _BRACKETS:
            if len(opened) >= MAX_OPEN_BRACKETS:
                break
            opened.append((_BRACKETS[char], i))
            continue
        at = next((n for n in range(len(opened) - 1, -1, -1) if opened[n][0] == char), None)
        if at is not None:
            pairs.append((opened[at][1], i))
            del opened[at:]
    return pairs


def _get_direction(kind: str) -> str | None:
    return "R" if kind in ("R", "EN", "AN") else "L" if kind == "L" else None


def _resolve_neutral(types: list[str], embedding: str) -> None:
    """Apply N1 and N2."""
    at = 0
    for is_neutral, run in groupby([kind in _NEUTRAL for kind in types]):
        count = len(list(run))
        if is_neutral:
            before = _get_direction(types[at - 1]) if at else embedding
            after = _get_direction(types[at + count]) if at + count < len(types) else embedding
            types[at : at + count] = [before if before == after and before else embedding] * count
        at += count


def order_line(text: str, levels: tuple[int, ...], start: int, stop: int) -> list[int]:
    """Return the indices of the characters from *start* to *stop* in visual order, from left to right (L1, L2)."""
    base = min(get_base_level(text), 1)
    line = list(levels[start:stop])
    for n in range(len(line) - 1, -1, -1):  # L1
        if not text[start + n].isspace():
            break
        line[n] = base
    order = list(range(start, stop))
    odd = [level for level in line if level % 2]
    for level in range(max(line, default=0), min(odd, default=1) - 1, -1):  # L2
        at = 0
        while at < len(line):
            end = at
            while end < len(line) and line[end] >= level:
                end += 1
            if end > at:
                order[at:end] = order[at:end][::-1]
                line[at:end] = line[at:end][::-1]
            at = max(end, at + 1)
    return order
