"""CSV that Chinese spreadsheets open correctly and without running formulas. All CSV is written and read here.

1. UTF-8 with one byte order mark at the beginning; lines end in CR LF (RFC 4180).
2. Text that a spreadsheet would run as a formula (``= + - @``, tab, carriage return, and the full-width forms of the
   four signs) gets an apostrophe in front; numbers written by the product stay numbers.
3. Text that would be read as another number (leading zeros, ``12e5``, more digits than a number has), or digits that
   are not a quantity but a telephone or card number (five digits and more: 12315), gets an apostrophe too.
4. Reading restores the text: ``unescape_cell`` removes such an apostrophe, and text that starts with an apostrophe
   before such a word is written with a second one. Files are UTF-8 (a BOM is allowed) or GB 18030, as Chinese
   spreadsheets write them.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

BYTE_ORDER_MARK = "\ufeff"
_FORMULA_PREFIXES = tuple("=+-@\t\r\n＝＋－＠")
_MISREAD_NUMBER = re.compile(r"(?:0\d+|\d{5,}|\d+(?:\.\d*)?[eE][+-]?\d+|\d*\.\d{12,})\Z")


def escape_cell(value: object) -> object:
    """Escape *value* for a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    text = str(value)
    return "'" + text if _needs_escape(text) else text


def unescape_cell(text: str) -> str:
    """Return the text of a cell that this module wrote; cells of other programs are returned unchanged."""
    return text[1:] if text.startswith("'") and _needs_escape(text[1:]) else text


def _needs_escape(text: str) -> bool:
    bare_text = text.lstrip("'")
    return bare_text.startswith(_FORMULA_PREFIXES) or _MISREAD_NUMBER.match(bare_text) is not None


def iter_csv_text(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the file in pieces: byte order mark and header, then some hundred rows each."""
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
    """Yield the file in pieces of bytes."""
    for piece in iter_csv_text(heads, rows):
        yield piece.encode("utf-8", "replace")


class CsvRow(NamedTuple):
    """A row with the number of its last line, counted from 1."""

    line: int
    cells: list[str]


class CsvEncodingError(ValueError):
    """The file is neither UTF-8 nor GB 18030."""


class CsvSyntaxError(ValueError):
    """A line is not CSV."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


def iter_csv_rows(data: bytes) -> Iterator[CsvRow]:
    """Iterate over the rows of a file, cells stripped and unescaped. Raises CsvEncodingError, CsvSyntaxError."""
    reader = csv.reader(io.StringIO(_decode(data), newline=""), strict=True)
    try:
        for cells in reader:
            yield CsvRow(reader.line_num, [unescape_cell(cell.strip()) for cell in cells])
    except csv.Error as error:
        raise CsvSyntaxError(reader.line_num, str(error)) from error


def _decode(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CsvEncodingError
