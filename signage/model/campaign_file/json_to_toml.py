"""A campaign as JSON says it, with the file's own keys, made to the text of a campaign file.

Nothing is judged here: what does not fit stands in the text as it is, and the reader of files names it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, time
from typing import Any

from signage.model.campaign import CAMPAIGN_FORMAT

_BARE_KEY_PATTERN = re.compile(r"[A-Za-z0-9_-]+\Z")
_TIME_KEYS = ("from", "until", "report_due")
_TABLE_NAMES = ("item", "placement", "daypart")


def convert_json_to_toml(said: Mapping[str, Any]) -> str:
    """The text of the campaign file that says the same."""
    parts = ["".join(_format_lines({"format": CAMPAIGN_FORMAT, **said}, datetime, _TABLE_NAMES))]
    for name in ("item", "placement"):
        rows = said.get(name)
        if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
            parts += [f"[[{name}]]\n" + "".join(_format_lines(row, datetime)) for row in rows]
        elif rows is not None:
            parts[0] += f"{name} = {_format_value(rows)}\n"
    dayparts = said.get("daypart")
    if isinstance(dayparts, dict) and all(isinstance(row, dict) for row in dayparts.values()):
        parts += [
            f"[daypart.{_format_key(name)}]\n" + "".join(_format_lines(row, time)) for name, row in dayparts.items()
        ]
    elif dayparts is not None:
        parts[0] += f"daypart = {_format_value(dayparts)}\n"
    return "\n".join(parts)


def _format_lines(
    table: Mapping[str, Any], moments: type[datetime] | type[time], without: tuple[str, ...] = ()
) -> Iterator[str]:
    for name, value in table.items():
        if value is None or name in without:
            continue
        shown = _format_time(value, moments) if name in _TIME_KEYS else None
        yield f"{_format_key(name)} = {shown or _format_value(value)}\n"


def _format_time(value: Any, kind: type[datetime] | type[time]) -> str | None:
    """A date and time, or a time of day, as TOML writes it; None where *value* is none."""
    if not isinstance(value, str):
        return None
    try:
        return kind.fromisoformat(value).isoformat()
    except ValueError:
        return None


def _format_key(name: str) -> str:
    return name if _BARE_KEY_PATTERN.match(name) else _format_value(name)


def _format_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return "[" + ", ".join(_format_value(one) for one in value if one is not None) + "]"
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{_format_key(k)} = {_format_value(v)}" for k, v in value.items() if v is not None) + "}"
        )
    return repr(value)
