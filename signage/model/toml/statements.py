"""Split a TOML file into its statements, each with its line and the path of its table or key.

The splitter accepts faulty text: it only looks at line ends, strings, comments and brackets. Its running time grows
linearly with the length of the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

KeyPath = tuple[str | int, ...]
"""Path of a value: ``("placement", 1, "dayparts", 0)``. Indexes count from 0."""

STRING = (
    r'"""(?:[^"\\]++|\\[\s\S]|"{1,2}(?!"))*+"{3,5}|\'\'\'(?:[^\']++|\'{1,2}(?!\'))*+\'{3,5}'
    r"|\"(?:[^\"\\\n]++|\\.)*+\"|'[^'\n]*+'"
)
COMMENT = r"\#[^\n]*+"
_BOUNDARY_PATTERN = re.compile(rf"{STRING}|{COMMENT}|[\[\]{{}}\n]")
_KEY_PART = r"(?:[A-Za-z0-9_-]++|\"(?:[^\"\\\n]++|\\.)*+\"|'[^'\n]*+')"
_KEY_PART_PATTERN = re.compile(_KEY_PART)
_KEY = rf"[ \t]*+({_KEY_PART}(?:[ \t]*+\.[ \t]*+{_KEY_PART})*+)[ \t]*+"
_HEADER_PATTERN = re.compile(rf"\s*+(?:\[{_KEY}\]|\[\[{_KEY}\]\])[ \t]*+(?:{COMMENT})?\s*\Z")
_PAIR_PATTERN = re.compile(rf"\s*+{_KEY}=[ \t]*+")

StatementKind = Literal["table", "array", "pair", "other"]


@dataclass(frozen=True, slots=True)
class TomlStatement:
    """A ``[table]`` header, an ``[[array]]`` header, a ``key = value`` pair, or text that is none of them.

    *path* is the path of the table or key in the file; empty for *other*. *closed* is False where a bracket is still
    open at the end of the file. *value* is the text behind the equals sign, which begins on *line*.
    """

    line: int
    kind: StatementKind
    path: KeyPath
    text: str
    value: str = ""
    closed: bool = True


def split_statements(text: str) -> Iterator[TomlStatement]:
    """Yield the statements of *text* (lines ended by LF) in order."""
    header: KeyPath = ()
    last_index: dict[KeyPath, int] = {}
    for line, source, closed in _iter_sources(text):
        if match := _HEADER_PATTERN.match(source):
            kind: StatementKind = "table" if match[1] else "array"
            header = _resolve_header(_split_key(match[1] or match[2]), kind == "array", last_index)
            yield TomlStatement(line, kind, header, source)
        elif match := _PAIR_PATTERN.match(source):
            yield TomlStatement(line, "pair", header + _split_key(match[1]), source, source[match.end() :], closed)
        else:
            yield TomlStatement(line, "other", (), source, "", closed)


def _iter_sources(text: str) -> Iterator[tuple[int, str, bool]]:
    """Yield line, text and "all brackets are closed" of each statement; blank lines and comments are left out."""
    begin, line, depth, blank = 0, 1, 0, re.compile(rf"\s*+(?:{COMMENT})?\Z")
    for match in _BOUNDARY_PATTERN.finditer(text):
        sign = match[0]
        if sign in "[{":
            depth += 1
        elif sign in "]}":
            depth = max(0, depth - 1)
        elif sign == "\n" and not depth:
            source = text[begin : match.start()]
            if not blank.match(source):
                yield line, source, True
            line += source.count("\n") + 1
            begin = match.end()
    if not blank.match(text, begin):
        yield line, text[begin:], not depth


def _split_key(key: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _KEY_PART_PATTERN.findall(key))


def _resolve_header(parts: tuple[str, ...], is_array: bool, last_index: dict[KeyPath, int]) -> KeyPath:
    """Return the path of the table that a header opens, with the indexes of the arrays that it lies in."""
    path: KeyPath = ()
    for number, part in enumerate(parts, 1):
        path += (part,)
        if is_array and number == len(parts):
            last_index[path] = last_index.get(path, -1) + 1
        if path in last_index:
            path += (last_index[path],)
    return path
