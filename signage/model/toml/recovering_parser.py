"""Parse TOML with ``tomllib`` and report every faulty statement with its line.

``tomllib`` alone decides whether a text is TOML, but it stops at the first fault. A text that it refuses is therefore
split into statements, each of them is parsed by itself, and the sound ones are parsed together. Three rules:

1. A faulty pair is reported and left out; its path is recorded, so that no reader reports the key as missing.
2. Where the extent of a fault is unknown (an open bracket or string, a faulty header), the file is not read further.
3. The text is never edited, and no fault is recognised by the wording of an error of ``tomllib``.
"""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from signage.model.toml.findings import Finding, ellipsize
from signage.model.toml.statements import COMMENT, STRING, KeyPath, StatementKind, TomlStatement, split_statements

_POSITION_PATTERN = re.compile(r"\s*\(at (?:line \d+, column \d+|end of document)\)")
_TIME_WITHOUT_SECONDS_PATTERN = re.compile(r"(?:\d{4}-\d{2}-\d{2}[Tt ])?\d{2}:\d{2}\Z")
_DATE_TIME_PATTERN = re.compile(
    r"(?<![\w.:-])(?:\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})?)?"
    r"|\d{2}:\d{2}:\d{2}(?:\.\d+)?)(?![\w.:-])"
)
_MAX_SYNTAX_FAULTS = 20
_STRING_PATTERN = re.compile(STRING)
_NOT_LINE_END_PATTERN = re.compile(r"[^\n]")
_STRING_OR_COMMENT_PATTERN = re.compile(rf"{STRING}|{COMMENT}")


@dataclass(slots=True)
class ParsedToml:
    """The tables that could be read. *unreadable_paths* are the keys and tables that were left out."""

    tables: dict[str, Any]
    text: str
    findings: list[Finding] = field(default_factory=list)
    unreadable_paths: set[KeyPath] = field(default_factory=set)


def parse_toml(text: str) -> ParsedToml:
    """Parse *text*; its faults are in ``findings``. ``tables`` is empty where nothing could be read."""
    try:
        return ParsedToml(tomllib.loads(text), text)
    except RecursionError:
        return ParsedToml({}, text, [Finding("error", "toml-unreadable", (), {}, 1)])
    except ValueError:
        return _parse_by_statement(text)


def _parse_by_statement(text: str) -> ParsedToml:
    parsed, sound = ParsedToml({}, text), []
    kinds: dict[KeyPath, StatementKind] = {}
    in_repeated_table = False
    for statement in split_statements(text):
        is_header = statement.kind in ("table", "array")
        if in_repeated_table and not is_header:
            continue
        reason, repeated = _find_error(statement.text), _is_repeated(statement, kinds)
        if is_header:
            in_repeated_table = repeated
        if reason is not None and (_has_unknown_extent(statement) or len(parsed.findings) >= _MAX_SYNTAX_FAULTS):
            parsed.findings.append(_describe_unreadable(statement, reason))
            return parsed
        if reason is not None:
            parsed.findings.append(_describe_faulty(statement, reason))
            parsed.unreadable_paths.add(statement.path)
        elif repeated:
            code = "table-twice" if is_header else "key-twice"
            path = statement.path[:-1] if statement.kind == "array" else statement.path
            name = ".".join(map(str, path)) if is_header else str(path[-1])
            parsed.findings.append(Finding("error", code, path, {"name": ellipsize(name)}, statement.line))
        else:
            sound.append(statement)
    _parse_sound_statements(parsed, sound)
    return parsed


def _parse_sound_statements(parsed: ParsedToml, sound: list[TomlStatement]) -> None:
    """Parse the statements together that are valid one by one; two of them may still contradict each other."""

    def parse_first(count: int) -> dict[str, Any]:
        return tomllib.loads("\n".join(statement.text for statement in sound[:count]))

    try:
        parsed.tables = parse_first(len(sound))
    except ValueError:
        first_bad = bisect_left(range(1, len(sound)), True, key=lambda n: _raises_value_error(parse_first, n))
        statement = sound[first_bad]
        reason = _find_error("\n".join(s.text for s in sound[: first_bad + 1])) or ""
        parsed.findings.append(_describe_unreadable(statement, reason))


def _raises_value_error(function: Callable[[int], object], argument: int) -> bool:
    try:
        function(argument)
    except ValueError:
        return True
    return False


def _find_error(text: str) -> str | None:
    """Return why *text* is not TOML, without the position; None if it is."""
    try:
        tomllib.loads(text)
    except ValueError as error:
        return ellipsize(_POSITION_PATTERN.sub("", str(error)).strip(), 120)
    return None


def _is_repeated(statement: TomlStatement, kinds: dict[KeyPath, StatementKind]) -> bool:
    """Return whether an earlier statement defines the same table or key; add the statement to *kinds* otherwise."""
    if statement.kind == "other":
        return False
    path = statement.path[:-1] if statement.kind == "array" else statement.path
    known = kinds.get(path)
    kinds.setdefault(path, statement.kind)
    return known is not None and not known == statement.kind == "array"


def _has_unknown_extent(statement: TomlStatement) -> bool:
    """Return whether the fault may reach beyond the statement, or leaves the table of the next keys unknown."""
    return not statement.closed or statement.value.startswith(('"""', "'''")) or statement.text.lstrip()[0] == "["


def _describe_unreadable(statement: TomlStatement, reason: str) -> Finding:
    excerpt = ellipsize(statement.text.strip().partition("\n")[0])
    return Finding("error", "toml-syntax", statement.path, {"why": reason, "shown": excerpt}, statement.line)


def _describe_faulty(statement: TomlStatement, reason: str) -> Finding:
    """Return the most helpful fault of a statement that is no TOML by itself."""
    if statement.kind == "other":
        return _describe_unreadable(statement, reason)
    masked = _STRING_OR_COMMENT_PATTERN.sub(_mask, statement.value)
    for match in _DATE_TIME_PATTERN.finditer(masked):
        if _find_error(f"value = {match[0]}") is not None:
            line = statement.line + masked.count("\n", 0, match.start())
            return Finding("error", "date-impossible", statement.path, {"value": match[0]}, line)
    code = "toml-line"
    if not masked.strip() and not _STRING_PATTERN.search(statement.value):
        code = "value-missing"
    elif _TIME_WITHOUT_SECONDS_PATTERN.match(masked.strip()):
        code = "time-without-seconds"
    facts = {"name": ellipsize(str(statement.path[-1])), "why": reason, "value": ellipsize(statement.value.strip())}
    return Finding("error", code, statement.path, facts, statement.line)


def _mask(match: re.Match[str]) -> str:
    """Return blanks in place of a string or comment, with its line ends."""
    return _NOT_LINE_END_PATTERN.sub(" ", match[0])
