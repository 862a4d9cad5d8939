"""Output of commands: JSON, and tables for people."""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import click
import msgspec


def json_option(command: Any) -> Any:
    """Add the option ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def print_json(value: object) -> None:
    """Print *value* as indented JSON; bytes of a file name that are not UTF-8 are escaped."""
    try:
        encoded = msgspec.json.encode(value)
    except UnicodeEncodeError:  # a file name may be any bytes, JSON only text
        encoded = msgspec.json.encode(_escape_text(msgspec.to_builtins(value)))
    click.echo(msgspec.json.format(encoded, indent=2).decode())


def print_table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print *rows* below *heads* in aligned columns (Chinese characters are two columns wide)."""
    lines = [tuple(heads), *(tuple(_format_cell(cell) for cell in row) for row in rows)]
    widths = [max(map(_measure_width, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell + " " * (width - _measure_width(cell)) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _escape_text(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_escape_text(key): _escape_text(inner) for key, inner in value.items()}
    return [_escape_text(inner) for inner in value] if isinstance(value, list | tuple) else value


def _format_cell(cell: object) -> str:
    """Format a cell on one line without control characters, whoever sent the text."""
    text = "" if cell is None else str(cell)
    return text if text.isprintable() else "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def _measure_width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
