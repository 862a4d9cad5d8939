"""Clip names: stored as given, displayed in one line without characters that change its direction."""

import unicodedata

MAX_CHARACTERS = 1000
_MAX_DISPLAY_CHARACTERS = 255
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
"""Bidirectional control characters, with which ``gnp.exe`` can be displayed as ``exe.png``."""


def normalize_name(name: str) -> str:
    """Return the name to be stored: as given, with NUL and lone surrogates replaced."""
    text = name.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")
    return _shorten(text, MAX_CHARACTERS) or "?"


def format_display_name(name: str) -> str:
    """Return the name for messages, tables and pages: one line of limited length without control characters."""
    plain = "".join(
        c for c in normalize_name(name) if unicodedata.category(c) != "Cc" and c not in _BIDI_CONTROLS
    ).strip()
    return _shorten(plain, _MAX_DISPLAY_CHARACTERS) or "?"


def _shorten(text: str, max_characters: int) -> str:
    """Cut out the middle of a long text: a file extension stays."""
    return text if len(text) <= max_characters else text[: max_characters - 12] + "…" + text[-11:]
