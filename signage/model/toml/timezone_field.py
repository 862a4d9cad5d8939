"""Names of time zones."""

import re
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from signage.model.toml.field_types import UnfitError, shown
from signage.model.toml.findings import nearest

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}\Z")
_NO_PLACES = ("posix/", "right/", "Factory", "localtime", "posixrules")


def zone(value: Any) -> str:
    """The name of a zone of the IANA data base (``Asia/Shanghai``)."""
    if not isinstance(value, str):
        raise UnfitError("not-text", value=shown(value))
    if not is_zone(value):
        near = nearest(value, _names(), 1000)
        raise UnfitError("zone-unknown" if near else "zone-unknown-far", value=shown(value), nearest=near)
    return value


@cache
def is_zone(name: str) -> bool:
    """Whether *name* is a zone with rules of its own."""
    if not _NAME.match(name) or name.startswith(_NO_PLACES):
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))
