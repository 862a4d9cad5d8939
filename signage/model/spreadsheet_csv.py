"""CSV as a Chinese spreadsheet opens it rightly, and runs nothing in it. Every CSV of the program is written here.

1. UTF-8 with the mark EF BB BF, once, at the beginning; lines end in CR LF (RFC 4180).
2. Text that a spreadsheet would run as a formula (``= + - @``, tab, carriage return, and the full-width forms of the
   four signs) has an apostrophe before it; numbers that we wrote ourselves stay numbers.
3. Text that would be read as another number than it says (leading zeros, ``12e5``, more digits than a number keeps), or
   that is no quantity but a telephone or a card (five digits and more: 12315), has an apostrophe too.
4. What was written comes back equal: ``plain`` takes such an apostrophe away, and text that had one of its own before
   such a word was given a second.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

BYTE_ORDER_MARK = "\ufeff"
_FORMULA_PREFIXES = tuple("=+-@\t\r\n＝＋－＠")
_MISREAD_NUMBER = re.compile(r"(?:0\d+|\d{5,}|\d+(?:\.\d*)?[eE][+-]?\d+|\d*\.\d{12,})\Z")


def escape_cell(value: object) -> object:
    """*value* as it stands in a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    text = str(value)
    return "'" + text if _needs_escape(text) else text


def unescape_cell(text: str) -> str:
    """The text that stands in a cell of ours; cells of other hands stay as they are."""
    return text[1:] if text.startswith("'") and _needs_escape(text[1:]) else text


def _needs_escape(text: str) -> bool:
    own = text.lstrip("'")
    return own.startswith(_FORMULA_PREFIXES) or _MISREAD_NUMBER.match(own) is not None


def iter_csv_text(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The file piece by piece: the mark and the heads, then a piece for some hundred rows."""
    buffer = io.StringIO(newline="")
    write = csv.writer(buffer, lineterminator="\r\n").writerow
    buffer.write(BYTE_ORDER_MARK)
    write([escape_cell(head) for head in heads])
    for number, row in enumerate(rows, 1):
        write([escape_cell(value) for value in row])
        if number % 500 == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def iter_csv_bytes(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """The file piece by piece, as bytes."""
    for piece in iter_csv_text(heads, rows):
        yield piece.encode("utf-8", "replace")
