"""Convert a campaign in JSON, with the keys of the campaign file, to the text of a campaign file.

Nothing is checked here: values that do not fit are written as they are, and the reader of campaign files reports them.
"""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from signage.model.campaign import CAMPAIGN_FORMAT
from signage.model.campaign_file.write import format_tables

_TIME_KEYS = ("from", "until", "report_due")


def convert_json_to_toml(document: Mapping[str, Any]) -> str:
    """Return the campaign file of *document*, a JSON object."""
    root: dict[str, Any] = {"format": CAMPAIGN_FORMAT}
    arrays: dict[str, list[dict[str, Any]]] = {}
    named: dict[str, dict[str, dict[str, Any]]] = {}
    for name, value in _remove_nulls(document).items():
        if name in ("item", "placement") and isinstance(value, list) and all(isinstance(row, dict) for row in value):
            arrays[name] = [_convert_times(row, datetime) for row in value]
        elif name == "daypart" and isinstance(value, dict) and all(isinstance(row, dict) for row in value.values()):
            named[name] = {daypart_id: _convert_times(row, time) for daypart_id, row in value.items()}
        else:
            root[name] = value
    return format_tables(_convert_times(root, datetime), arrays, named)


def _remove_nulls(value: Any) -> Any:
    """Return *value* without keys and elements that are null, which TOML does not have."""
    if isinstance(value, dict):
        return {name: _remove_nulls(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_remove_nulls(inner) for inner in value if inner is not None]
    return value


def _convert_times(table: Mapping[str, Any], kind: type[datetime] | type[time]) -> dict[str, Any]:
    """Return *table* with its times as values of *kind*; text that is no such time stays text."""
    return {name: _parse_time(value, kind) if name in _TIME_KEYS else value for name, value in table.items()}


def _parse_time(value: Any, kind: type[datetime] | type[time]) -> Any:
    if not isinstance(value, str):
        return value
    try:
        parsed = kind.fromisoformat(value)
    except ValueError:
        return value
    return value if isinstance(parsed, time) and parsed.tzinfo else parsed
