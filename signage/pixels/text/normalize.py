"""What of a text is drawn: no controls, no bidirectional marks, one kind of line end, visual order.

1. Line ends of any kind (CR LF, NEL, U+2028, U+2029) are a line feed; a tab is a space.
2. Characters that have no picture (Cc, Cf, lone surrogates, private use, variation selectors) are left out, so that
   none of them can reverse or hide what was approved ("Trojan Source", CVE-2021-42574).
3. NFC first, so that a letter with its mark is one glyph where there is one.
4. Right-to-left runs are set in visual order, Arabic letters in their joined shapes (``righttoleft``).
"""

import re
import unicodedata
from functools import lru_cache

from signage.pixels.text.bidi import convert_to_visual_order

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_INVISIBLE_CATEGORIES = {"Cc", "Cf", "Cs", "Co"}


@lru_cache(8192)
def normalize_text(text: str) -> tuple[str, tuple[str, ...]]:
    """The text to set, and the characters that were left out of it, each once."""
    text = unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text)).replace("\t", " ")
    if text.isascii() and text.isprintable():
        return text, ()
    kept, dropped = [], {}
    for char in text:
        if char == "\n" or not (unicodedata.category(char) in _INVISIBLE_CATEGORIES or "\ufe00" <= char <= "\ufe0f"):
            kept.append(char)
        elif char not in "\ufeff\u200d\u200b\u00ad" and not "\ufe00" <= char <= "\ufe0f":
            dropped[char] = True
    return "\n".join(convert_to_visual_order(line) for line in "".join(kept).split("\n")), tuple(dropped)
