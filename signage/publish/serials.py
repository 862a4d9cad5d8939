"""Decides when a screen gets a new playlist version, and its serial (contract, "The playlist document").

1. A new version is issued only when the content changes, and once a day between 00:00 and 06:00 in the screen's time
   zone, at a minute derived from the screen id.
2. ``serial`` increases with each version and is never lower than one that was served or reported by the screen.
3. ``Last-Modified`` increases by at least a second with each version, whatever the clock does.
4. When the clock was set back, a version issued in the future is replaced, so that its first program contains now.
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
    """One issued version of a playlist. *modified_at* is in epoch seconds."""

    serial: int
    issued_at: datetime
    body_sha256: str
    modified_at: int


def compute_daily_minute(screen: str) -> int:
    """Return the minute after local midnight of the daily version of this screen (0…359)."""
    return int.from_bytes(hashlib.sha256(screen.encode()).digest()[:8], "big") % _DAILY_WINDOW_MINUTES


def find_last_daily_due(screen: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the latest instant (UTC), not after *now*, at which a daily version was due."""
    today = now.astimezone(zone).date()
    due = _compute_daily_due(screen, today, zone)
    return due if due <= now else _compute_daily_due(screen, today - _DAY, zone)


def find_next_daily_due(screen: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant (UTC) after *now* at which a daily version is due."""
    today = now.astimezone(zone).date()
    due = _compute_daily_due(screen, today, zone)
    return due if due > now else _compute_daily_due(screen, today + _DAY, zone)


def _compute_daily_due(screen: str, day: date, zone: ZoneInfo) -> datetime:
    hour, minute = divmod(compute_daily_minute(screen), 60)
    return to_instant(datetime.combine(day, time(hour, minute)), zone)


def needs_new_version(version: PlaylistVersion, screen: str, now: datetime, zone: ZoneInfo) -> bool:
    """Whether a new version is due even if the content is the same (1, 4)."""
    return now < version.issued_at or version.issued_at < find_last_daily_due(screen, now, zone)


def compute_next_serial(version: PlaylistVersion | None, reported_serial: int) -> int:
    """Return the serial after *version* (2). *reported_serial*: the highest that the screen reported, 0 for none."""
    return max(version.serial if version else 0, reported_serial) + 1


def compute_next_modified_at(version: PlaylistVersion | None, now: datetime) -> int:
    """Return the ``Last-Modified`` of the version after *version*, in epoch seconds (3)."""
    return max(int(now.timestamp()), version.modified_at + 1 if version else 0)
