"""Right-to-left runs in visual order (the core of UAX #9, without its explicit marks) and joined Arabic letters.

The text as a whole is left-to-right, like a slogan with a foreign word. A run from the first to the last right-to-left
letter is reversed, except for the numbers in it.
"""

import re
import unicodedata
from functools import cache

_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_NUMBERS = re.compile(r"[0-9\u0660-\u0669\u06f0-\u06f9]+(?:[.,:/][0-9\u0660-\u0669\u06f0-\u06f9]+)*|[A-Za-z]+")
_MIRRORED = str.maketrans("()[]{}<>«»（）《》", ")(][}{><»«）（》《")
_FORMS = ("isolated", "final", "initial", "medial")


def convert_to_visual_order(line: str) -> str:
    """Return *line* with its characters in visual order, from left to right."""
    if not _RTL.search(line):
        return line
    return re.sub(_RTL.pattern + "(?:[^\n\u3400-\u9fff]*" + _RTL.pattern + ")?", _reverse_run, line)


def _reverse_run(match: re.Match[str]) -> str:
    turned = _shape_arabic(match.group())[::-1].translate(_MIRRORED)
    return _NUMBERS.sub(lambda m: m.group()[::-1], turned)


def _shape_arabic(run: str) -> str:
    """Replace the Arabic letters of *run* (logical order) by their presentation forms."""
    letters = [c for c in run if not unicodedata.combining(c)]
    out = []
    for i, char in enumerate(letters):
        before = i > 0 and _has_form(letters[i - 1], "initial") and _has_form(char, "final")
        after = i + 1 < len(letters) and _has_form(char, "initial") and _has_form(letters[i + 1], "final")
        form = _FORMS[before + 2 * after]
        out.append(_load_presentation_forms().get((char, form), char))
    return "".join(out)


def _has_form(char: str, form: str) -> bool:
    return char == "\u0640" or (char, form) in _load_presentation_forms()


@cache
def _load_presentation_forms() -> dict[tuple[str, str], str]:
    """Return (letter, form) → presentation form, from the Unicode character database."""
    forms = {}
    for code in (*range(0xFB50, 0xFC00), *range(0xFE80, 0xFEF5)):
        kind, _, rest = unicodedata.decomposition(chr(code)).partition(" ")
        if kind[1:-1] in _FORMS and len(rest) == 4:
            forms[chr(int(rest, 16)), kind[1:-1]] = chr(code)
    return forms
