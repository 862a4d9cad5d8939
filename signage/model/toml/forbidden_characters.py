"""Characters that are forbidden in text for public screens.

Control characters (Unicode category Cc), the bidirectional controls of UAX #9 (with them a text can read differently
than it was approved), line and paragraph separators, interlinear marks, the byte order mark, noncharacters and lone
surrogates; private-use and unassigned characters, which no two fonts draw alike. Joiners are allowed: emoji and several
scripts need them.
"""

import re
import unicodedata

_FORBIDDEN = re.compile(
    "[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb\ufdd0-\ufdef"
    "\ufffe\uffff\ud800-\udfff"
    + "".join(f"{chr(p * 0x10000 + 0xFFFE)}{chr(p * 0x10000 + 0xFFFF)}" for p in range(1, 17))
    + "]"
)


def replace_forbidden_characters(text: str, replacement: str) -> str:
    """Return *text* with each forbidden character replaced; line feeds stay."""
    return _FORBIDDEN.sub(replacement, text)


def find_forbidden_character(text: str, *, multiline: bool) -> tuple[str, int] | None:
    """Return the first one as ``U+202E`` and its position (from 1); line feeds are allowed only in *multiline* text."""
    match = _FORBIDDEN.search(text)
    at = match.start() if match else len(text)
    if not text.isascii():
        at = next((i for i, char in enumerate(text[:at]) if unicodedata.category(char) in ("Co", "Cn")), at)
    if not multiline:
        at = min(at, text.find("\n") if "\n" in text else at)
    return (f"U+{ord(text[at]):04X}", at + 1) if at < len(text) else None
