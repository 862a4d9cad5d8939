"""Time zone names."""

import re
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from signage.model.toml.field_types import FieldError, format_toml_value
from signage.model.toml.findings import find_closest_match

_NAME_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}\Z")
_NON_GEOGRAPHIC_NAMES = ("posix/", "right/", "Factory", "localtime", "posixrules")


def timezone_field(value: Any) -> str:
    """The name of a time zone of the IANA database (``Asia/Shanghai``)."""
    if not isinstance(value, str):
        raise FieldError("not-text", value=format_toml_value(value))
    if not is_timezone(value):
        suggestion = find_closest_match(value, _list_timezone_names(), 1000)
        raise FieldError(
            "zone-unknown" if suggestion else "zone-unknown-far", value=format_toml_value(value), nearest=suggestion
        )
    return value


@cache
def is_timezone(name: str) -> bool:
    """Return whether *name* is a geographic time zone or UTC."""
    if not _NAME_PATTERN.match(name) or name.startswith(_NON_GEOGRAPHIC_NAMES):
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


@cache
def _list_timezone_names() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))
