"""Normalization of a text for drawing: no controls, no bidirectional marks, one kind of line end.

1. Line ends of any kind (CR LF, NEL, U+2028, U+2029) become a line feed; a tab becomes a space.
2. Characters that are not drawn by their nature (Cc, Cf, lone surrogates, private use, variation selectors, the joiners
   and skin tones of emoji, keycaps) are dropped, so that none of them can reverse or hide the approved text ("Trojan
   Source", CVE-2021-42574). The flag of a country becomes its two letters.
3. NFC first, so that a letter with its mark is one glyph if there is one.
4. Joiners and variation selectors between letters of a shaped script decide their form: they stay (``scripts``).
"""

import re
import unicodedata
from functools import lru_cache

from signage.pixels.text.scripts import list_script_runs

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_INVISIBLE_CATEGORIES = {"Cc", "Cf", "Cs", "Co"}
_SILENTLY_DROPPED = re.compile(
    "[\ufeff\u200b-\u200d\u00ad\u20e3\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e01ef]"
)
"""Parts of an emoji or a variant: the sign that they belong to is drawn without them."""
_FLAG_LETTERS = {0x1F1E6 + n: 0x41 + n for n in range(26)}


@lru_cache(8192)
def normalize_text(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the text to draw, and each character that was dropped from it once."""
    text = unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text)).replace("\t", " ").translate(_FLAG_LETTERS)
    if text.isascii() and text.isprintable():
        return text, ()
    shaped = {i for run in list_script_runs(text) for i in range(run.start, run.stop)}
    drawn, dropped = [], {}
    for i, char in enumerate(text):
        if _SILENTLY_DROPPED.match(char) and i not in shaped:
            continue
        if char == "\n" or i in shaped or unicodedata.category(char) not in _INVISIBLE_CATEGORIES:
            drawn.append(char)
        else:
            dropped[char] = True
    return "".join(drawn), tuple(dropped)
