"""Parses and formats times and durations that people and programs enter."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from signage.faults import refuse
from signage.model.local_time import is_existing_local_time, to_instant

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?\Z")


def parse_time(text: str, zone: ZoneInfo, key: str = "") -> datetime:
    """Parse RFC 3339 into an instant in UTC; without an offset *text* is a local time in *zone*.

    A repeated local time means the first of the two. Raises Refused: skipped local time, unparsable.
    """
    try:
        when = datetime.fromisoformat(text.strip().upper().replace(" ", "T", 1))
        if when.tzinfo is not None:
            return when.astimezone(UTC)
        exists = is_existing_local_time(when, zone)
    except (ValueError, OverflowError):
        raise refuse("time-unreadable", key, text=text[:60]) from None
    if not exists:
        raise refuse("time-skipped", key, text=text, timezone=zone.key)
    return to_instant(when, zone)


def parse_duration(text: str, key: str = "") -> timedelta:
    """Parse a duration: ``90s``, ``10m``, ``2h``, ``1h30m``, ``1d``; a bare number is seconds. Raises Refused."""
    match = _DURATION.match(text.strip().lower())
    if not match or not any(match.groups()) or not text.isascii():
        raise refuse("length-unreadable", key, text=text[:60])
    try:
        days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except (OverflowError, ValueError):
        raise refuse("length-unreadable", key, text=text[:60]) from None


def format_time(at: datetime, zone: ZoneInfo) -> str:
    """Format RFC 3339 with the offset of *zone*; a fraction only where it is not zero."""
    return at.astimezone(zone).isoformat(timespec="seconds" if not at.microsecond else "milliseconds")
