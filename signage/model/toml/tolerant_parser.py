"""Text to tables, with every fault of the TOML itself that can be told apart.

The parser stops at the first fault. A statement on a line of its own is set aside, an impossible date is put right,
and the rest is read again, so that one slip does not hide the others.
"""

import re
import tomllib
from dataclasses import dataclass, field
from typing import Any

from signage.model.toml.findings import Finding, KeyPath, ellipsize
from signage.model.toml.line_index import LineIndex

_MAX_TRIES = 20
_LARGE_TEXT_LENGTH = 256 * 1024
_POSITION_PATTERN = re.compile(r"\(at line (\d+), column (\d+)\)")
_STATEMENT_PATTERN = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')(?:\s*\.\s*[A-Za-z0-9_-]+)*)\s*=\s*(.*)"""
)
_HEADER_PATTERN = re.compile(r"\[\[?\s*([^\[\]\n]+?)\s*\]\]?\s*(?:#.*)?\Z")
_TIME_WITHOUT_SECONDS_PATTERN = re.compile(r"(?:\d{4}-\d{2}-\d{2}[T ])?\d{2}:\d{2}\s*(?:#.*)?\Z")
_DATE_TIME_PATTERN = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})?)?|\d{2}:\d{2}:\d{2}(?:\.\d+)?"
)


@dataclass(slots=True)
class ParsedToml:
    """What could be read: the values at the paths *aside* stand for ones that could not, *text* is what was read."""

    tables: dict[str, Any]
    text: str
    findings: list[Finding] = field(default_factory=list)
    unreadable_paths: set[KeyPath] = field(default_factory=set)


def parse_toml(text: str) -> ParsedToml:
    """Read *text*; what is wrong with it is in ``found``. ``tables`` is empty where nothing can be read."""
    parsed = ParsedToml({}, text)
    for _ in range(_MAX_TRIES if len(text) < _LARGE_TEXT_LENGTH else 3):
        try:
            parsed.tables = tomllib.loads(parsed.text)
        except tomllib.TOMLDecodeError as e:
            if not _repair_line(parsed, str(e)):
                return parsed
        except (RecursionError, ValueError):
            parsed.findings.append(Finding("error", "toml-unreadable", (), {}, 1))
            return parsed
        else:
            return parsed
    return parsed


def _repair_line(parsed: ParsedToml, message: str) -> bool:
    """Note the fault; put the line out of the way. False where what follows could not be trusted."""
    lines = parsed.text.split("\n")
    at = _POSITION_PATTERN.search(message)
    number, column = (min(int(at[1]), len(lines)), int(at[2])) if at else (len(lines), 1)
    line = lines[number - 1]
    why = ellipsize(_POSITION_PATTERN.sub("", message).strip(), 120)
    statement, opening = _STATEMENT_PATTERN.match(line), _HEADER_PATTERN.match(line.strip())
    path = _get_key_path(lines, number, statement)
    if "Invalid date or datetime" in message and (moment := _find_date_time(line, column)):
        code, facts = "date-impossible", {"value": moment[0]}
        lines[number - 1] = line[: moment.start()] + _make_valid_date_time(moment[0]) + line[moment.end() :]
    elif opening and "Cannot" in message:
        code, path, facts = "table-twice", tuple(opening[1].split(".")), {"name": ellipsize(opening[1])}
        parent = opening[1].rpartition(".")[0]
        again = f"{parent}.again-{number}" if parent else f"again-{number}"
        lines[number - 1] = f"[{again}]"
        parsed.unreadable_paths.add(tuple(again.split(".")))
    elif statement and _is_complete_statement(lines, number, statement[2]):
        value = statement[2].partition("#")[0].strip()
        code, facts = (
            _classify_error(message, statement[2]),
            {"name": ellipsize(_get_key_name(statement)), "why": why, "value": ellipsize(value)},
        )
        lines[number - 1] = "" if code == "key-twice" else f"{statement[1]} = 0"
    else:
        parsed.findings.append(
            Finding("error", "toml-syntax", (), {"why": why, "shown": ellipsize(line.strip())}, number)
        )
        return False
    parsed.findings.append(Finding("error", code, path, facts, number))
    if code not in ("table-twice", "key-twice"):
        parsed.unreadable_paths.add(path)
    parsed.text = "\n".join(lines)
    return True


def _get_key_name(statement: re.Match[str]) -> str:
    return statement[1].split(".")[-1].strip(" \"'")


def _get_key_path(lines: list[str], number: int, statement: re.Match[str] | None) -> KeyPath:
    if statement is None:
        return ()
    return (*LineIndex("\n".join(lines[: number - 1])).last_header, _get_key_name(statement))


def _find_date_time(line: str, column: int) -> re.Match[str] | None:
    return next((m for m in _DATE_TIME_PATTERN.finditer(line) if m.end() >= column), None)


def _make_valid_date_time(moment: str) -> str:
    """A date or time of the same kind that exists, so that the rest can be read."""
    date = "2000-01-01" if moment[4:5] == "-" else ""
    time = "00:00:00" if ":" in moment else ""
    sign = "T" if date and time else ""
    zone = "Z" if date and re.search(r"(?:[Zz]|[+-]\d{2}:\d{2})\Z", moment[10:]) else ""
    return date + sign + time + zone


def _is_complete_statement(lines: list[str], number: int, value: str) -> bool:
    """Whether the statement on this line is a whole one: the text before it ends cleanly without it."""
    if value.count("[") > value.count("]") or value.count("{") > value.count("}"):
        return False
    try:
        tomllib.loads("\n".join(lines[: number - 1]))
    except tomllib.TOMLDecodeError:
        return False
    return '"""' not in lines[number - 1] and "'''" not in lines[number - 1]


def _classify_error(message: str, value: str) -> str:
    if "Cannot overwrite" in message or "twice" in message:
        return "key-twice"
    if _TIME_WITHOUT_SECONDS_PATTERN.match(value):
        return "time-without-seconds"
    if re.fullmatch(rf"(?:{_DATE_TIME_PATTERN.pattern})\s*(?:#.*)?", value):
        return "date-impossible"
    if not value or value.startswith("#"):
        return "value-missing"
    return "toml-line"
