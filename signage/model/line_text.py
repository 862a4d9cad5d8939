"""A line of text from outside: what screens, browsers and strangers write into fields that are shown, logged or mailed.

1. Control characters, line breaks, bidirectional controls and lone surrogates become one space each run.
2. White space is collapsed, and the length is limited.

It is made once, where the text comes in; headers, logs, notices and pages may then use it as it is.
"""

from typing import NewType

from signage.model.toml.forbidden_characters import replace_forbidden_characters

LineText = NewType("LineText", str)


def clean_line(text: str, max_chars: int) -> LineText:
    """Return *text* as a line of at most *max_chars* characters (rules 1 and 2)."""
    line = " ".join(replace_forbidden_characters(text, " ").split())
    return LineText(line if len(line) <= max_chars else line[: max_chars - 1] + "…")
