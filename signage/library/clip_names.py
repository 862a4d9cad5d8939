"""Names that people give to clips: kept to the letter, shown in one line that reads as it is written."""

import unicodedata

MAX_CHARACTERS = 1000
_MAX_DISPLAY_CHARACTERS = 255
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
"""Characters that turn a line about, by which ``gnp.exe`` can be made to look like ``exe.png``."""


def normalize_name(name: str) -> str:
    """The name as it is kept: whole, but for what no text can hold (NUL, halves of characters)."""
    whole = name.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")
    return _shorten(whole, MAX_CHARACTERS) or "?"


def format_display_name(name: str) -> str:
    """The name for sentences, tables and pages: in one line, nothing in it turned about, not endlessly long."""
    plain = "".join(
        c for c in normalize_name(name) if unicodedata.category(c) != "Cc" and c not in _BIDI_CONTROLS
    ).strip()
    return _shorten(plain, _MAX_DISPLAY_CHARACTERS) or "?"


def _shorten(text: str, most: int) -> str:
    """At most so many characters, the ending among them."""
    return text if len(text) <= most else text[: most - 12] + "…" + text[-11:]
