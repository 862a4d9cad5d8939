"""Normalization of a text for drawing: no controls, no bidirectional marks, one kind of line end, visual order.

1. Line ends of any kind (CR LF, NEL, U+2028, U+2029) become a line feed; a tab becomes a space.
2. Characters without a glyph (Cc, Cf, lone surrogates, private use, variation selectors) are dropped, so that none of
   them can reverse or hide the approved text ("Trojan Source", CVE-2021-42574).
3. NFC first, so that a letter with its mark is one glyph if there is one.
4. Right-to-left runs are converted to visual order, Arabic letters to their joined forms (``bidi``).
"""

import re
import unicodedata
from functools import lru_cache

from signage.pixels.text.bidi import convert_to_visual_order

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_INVISIBLE_CATEGORIES = {"Cc", "Cf", "Cs", "Co"}


@lru_cache(8192)
def normalize_text(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the text to draw, and each character that was dropped from it once."""
    text = unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text)).replace("\t", " ")
    if text.isascii() and text.isprintable():
        return text, ()
    drawn, dropped = [], {}
    for char in text:
        if char == "\n" or not (unicodedata.category(char) in _INVISIBLE_CATEGORIES or "\ufe00" <= char <= "\ufe0f"):
            drawn.append(char)
        elif char not in "\ufeff\u200d\u200b\u00ad" and not "\ufe00" <= char <= "\ufe0f":
            dropped[char] = True
    return "\n".join(convert_to_visual_order(line) for line in "".join(drawn).split("\n")), tuple(dropped)
