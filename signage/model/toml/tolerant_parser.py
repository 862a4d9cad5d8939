"""Text to tables, with every fault of the TOML itself that can be told apart.

The parser stops at the first fault. A statement on a line of its own is set aside, an impossible date is put right,
and the rest is read again, so that one slip does not hide the others.
"""

import re
import tomllib
from dataclasses import dataclass, field
from typing import Any

from signage.model.toml.findings import Found, Path, short
from signage.model.toml.line_index import Lines

_MOST_TRIES = 20
_LARGE = 256 * 1024
_AT = re.compile(r"\(at line (\d+), column (\d+)\)")
_STATEMENT = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')(?:\s*\.\s*[A-Za-z0-9_-]+)*)\s*=\s*(.*)""")
_OPENING = re.compile(r"\[\[?\s*([^\[\]\n]+?)\s*\]\]?\s*(?:#.*)?\Z")
_NO_SECONDS = re.compile(r"(?:\d{4}-\d{2}-\d{2}[T ])?\d{2}:\d{2}\s*(?:#.*)?\Z")
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})?)?|\d{2}:\d{2}:\d{2}(?:\.\d+)?"
)


@dataclass(slots=True)
class Parsed:
    """What could be read: the values at the paths *aside* stand for ones that could not, *text* is what was read."""

    tables: dict[str, Any]
    text: str
    found: list[Found] = field(default_factory=list)
    aside: set[Path] = field(default_factory=set)


def parse(text: str) -> Parsed:
    """Read *text*; what is wrong with it is in ``found``. ``tables`` is empty where nothing can be read."""
    parsed = Parsed({}, text)
    for _ in range(_MOST_TRIES if len(text) < _LARGE else 3):
        try:
            parsed.tables = tomllib.loads(parsed.text)
        except tomllib.TOMLDecodeError as e:
            if not _mended(parsed, str(e)):
                return parsed
        except (RecursionError, ValueError):
            parsed.found.append(Found("error", "toml-unreadable", (), {}, 1))
            return parsed
        else:
            return parsed
    return parsed


def _mended(parsed: Parsed, message: str) -> bool:
    """Note the fault; put the line out of the way. False where what follows could not be trusted."""
    lines = parsed.text.split("\n")
    at = _AT.search(message)
    number, column = (min(int(at[1]), len(lines)), int(at[2])) if at else (len(lines), 1)
    line = lines[number - 1]
    why = short(_AT.sub("", message).strip(), 120)
    statement, opening = _STATEMENT.match(line), _OPENING.match(line.strip())
    path = _path(lines, number, statement)
    if "Invalid date or datetime" in message and (moment := _moment(line, column)):
        code, facts = "date-impossible", {"value": moment[0]}
        lines[number - 1] = line[: moment.start()] + _possible(moment[0]) + line[moment.end() :]
    elif opening and "Cannot" in message:
        code, path, facts = "table-twice", tuple(opening[1].split(".")), {"name": short(opening[1])}
        parent = opening[1].rpartition(".")[0]
        again = f"{parent}.again-{number}" if parent else f"again-{number}"
        lines[number - 1] = f"[{again}]"
        parsed.aside.add(tuple(again.split(".")))
    elif statement and _alone(lines, number, statement[2]):
        value = statement[2].partition("#")[0].strip()
        code, facts = _code(message, statement[2]), {"name": short(_name(statement)), "why": why, "value": short(value)}
        lines[number - 1] = "" if code == "key-twice" else f"{statement[1]} = 0"
    else:
        parsed.found.append(Found("error", "toml-syntax", (), {"why": why, "shown": short(line.strip())}, number))
        return False
    parsed.found.append(Found("error", code, path, facts, number))
    if code not in ("table-twice", "key-twice"):
        parsed.aside.add(path)
    parsed.text = "\n".join(lines)
    return True


def _name(statement: re.Match[str]) -> str:
    return statement[1].split(".")[-1].strip(" \"'")


def _path(lines: list[str], number: int, statement: re.Match[str] | None) -> Path:
    if statement is None:
        return ()
    return (*Lines("\n".join(lines[: number - 1])).header, _name(statement))


def _moment(line: str, column: int) -> re.Match[str] | None:
    return next((m for m in _MOMENT.finditer(line) if m.end() >= column), None)


def _possible(moment: str) -> str:
    """A date or time of the same kind that exists, so that the rest can be read."""
    date = "2000-01-01" if moment[4:5] == "-" else ""
    time = "00:00:00" if ":" in moment else ""
    sign = "T" if date and time else ""
    zone = "Z" if date and re.search(r"(?:[Zz]|[+-]\d{2}:\d{2})\Z", moment[10:]) else ""
    return date + sign + time + zone


def _alone(lines: list[str], number: int, value: str) -> bool:
    """Whether the statement on this line is a whole one: the text before it ends cleanly without it."""
    if value.count("[") > value.count("]") or value.count("{") > value.count("}"):
        return False
    try:
        tomllib.loads("\n".join(lines[: number - 1]))
    except tomllib.TOMLDecodeError:
        return False
    return '"""' not in lines[number - 1] and "'''" not in lines[number - 1]


def _code(message: str, value: str) -> str:
    if "Cannot overwrite" in message or "twice" in message:
        return "key-twice"
    if _NO_SECONDS.match(value):
        return "time-without-seconds"
    if re.fullmatch(rf"(?:{_MOMENT.pattern})\s*(?:#.*)?", value):
        return "date-impossible"
    if not value or value.startswith("#"):
        return "value-missing"
    return "toml-line"
