"""When a screen's document changes, and the number that it then has (contract, "The playlist document").

1. It changes only when what it says changes, and once a day, between 00:00 and 06:00 of the screen's zone, at a
   minute derived from its id.
2. ``serial`` rises with each change and is never lower than one that was ever served or reported by the screen.
3. ``Last-Modified`` rises by a second or more with each change, whatever the clock does.
4. A clock that was set back makes a document of the future: it is issued anew, so that its first program holds now.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from signage.model.local_time import to_instant

_DAILY_WINDOW_MINUTES = 360
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PlaylistVersion:
    """A document as issued. *modified_at* is in epoch seconds."""

    serial: int
    issued_at: datetime
    body_sha256: str
    modified_at: int


def compute_daily_minute(screen: str) -> int:
    """Minutes after the local midnight at which this screen's document is issued anew (0…359)."""
    return int.from_bytes(hashlib.sha256(screen.encode()).digest()[:8], "big") % _DAILY_WINDOW_MINUTES


def find_last_daily_due(screen: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The latest instant, not after *now*, at which the daily issue of this screen's document was due (UTC)."""
    today = now.astimezone(zone).date()
    due = _compute_daily_due(screen, today, zone)
    return due if due <= now else _compute_daily_due(screen, today - _DAY, zone)


def find_next_daily_due(screen: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The first instant after *now* at which the daily issue is due (UTC)."""
    today = now.astimezone(zone).date()
    due = _compute_daily_due(screen, today, zone)
    return due if due > now else _compute_daily_due(screen, today + _DAY, zone)


def _compute_daily_due(screen: str, day: date, zone: ZoneInfo) -> datetime:
    hour, minute = divmod(compute_daily_minute(screen), 60)
    return to_instant(datetime.combine(day, time(hour, minute)), zone)


def needs_new_version(issue: PlaylistVersion, screen: str, now: datetime, zone: ZoneInfo) -> bool:
    """Whether the document must be issued anew although it may say the same (1, 4)."""
    return now < issue.issued_at or issue.issued_at < find_last_daily_due(screen, now, zone)


def compute_next_serial(issue: PlaylistVersion | None, reported: int) -> int:
    """The next document's number (2). *reported*: the highest that the screen ever told of, 0 for none."""
    return max(issue.serial if issue else 0, reported) + 1


def compute_next_modified_at(issue: PlaylistVersion | None, now: datetime) -> int:
    """The next document's ``Last-Modified`` in epoch seconds (3)."""
    return max(int(now.timestamp()), issue.modified_at + 1 if issue else 0)
