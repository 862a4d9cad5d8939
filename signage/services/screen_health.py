"""The condition of a screen, from its last heartbeat; the one definition of an offline screen.

1. Off or new: the screen has no valid token (revoked, never issued), or has never polled.
2. Offline (``silent``): three polls are missing, at least 2 minutes, 5 for a moving screen (contract, 5).
3. Wrong: the screen reports faults, its clock is off by more than ``MAX_CLOCK_SKEW``, or its disk is nearly full.
4. Behind: the screen plays an older playlist although it polled after the newest was published.
5. Well: none of these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from signage.services.context import AppContext
from signage.store.screens.heartbeats import HeartbeatRow
from signage.store.screens.screen_lists import ScreenListRow

MISSED_POLLS = 3
MIN_OFFLINE_TIME, MIN_OFFLINE_TIME_MOVING = timedelta(minutes=2), timedelta(minutes=5)
MAX_CLOCK_SKEW = timedelta(seconds=30)
MIN_FREE_BYTES = 64 << 20
ConditionState = Literal["well", "behind", "wrong", "silent", "new", "off"]


@dataclass(frozen=True, slots=True)
class ScreenCondition:
    """*state* and the message code of its *reason* (``condition-…``) with *facts*."""

    state: ConditionState
    reason: str
    facts: Mapping[str, object] = field(default_factory=dict)


def get_offline_limit(poll_seconds: int, *, moving: bool = False) -> timedelta:
    """Return how long after its last contact a screen that polls every *poll_seconds* is offline (rule 2)."""
    minimum = MIN_OFFLINE_TIME_MOVING if moving else MIN_OFFLINE_TIME
    return max(MISSED_POLLS * timedelta(seconds=poll_seconds), minimum)


def is_offline(last_contact: datetime, now: datetime, poll_seconds: int, *, moving: bool = False) -> bool:
    """Return whether a screen whose last contact was at *last_contact* is offline at *now* (rule 2)."""
    return now - last_contact > get_offline_limit(poll_seconds, moving=moving)


def get_offline_cutoff(context: AppContext) -> datetime:
    """Return the instant before which the last poll of an offline screen was, for database queries."""
    return context.clock.now() - get_offline_limit(context.poll_seconds)


def assess_condition(entry: ScreenListRow, now: datetime, poll_seconds: int) -> ScreenCondition:
    """Return the condition of a screen at *now*; the first of the rules that applies."""
    screen, heartbeat = entry.screen_row, entry.heartbeat
    if screen.revoked_at is not None:
        return ScreenCondition("off", "revoked", {"at": screen.revoked_at})
    if screen.token_hash is None:
        return ScreenCondition("new", "no-token")
    if heartbeat is None or heartbeat.seen_at is None:
        return ScreenCondition("new", "never-seen")
    if is_offline(heartbeat.seen_at, now, poll_seconds):
        return ScreenCondition("silent", "silent", {"at": heartbeat.seen_at})
    return _assess_status(heartbeat, entry.serial) or ScreenCondition("well", "well")


def _assess_status(heartbeat: HeartbeatRow, newest_serial: int | None) -> ScreenCondition | None:
    status: Mapping[str, Any] = heartbeat.status or {}
    faults = status.get("faults") or ()
    if faults:
        return ScreenCondition("wrong", "faults", {"faults": "、".join(map(str, faults))})
    skew_s = get_clock_skew_s(heartbeat)
    if skew_s is not None and abs(skew_s) > MAX_CLOCK_SKEW.total_seconds():
        return ScreenCondition("wrong", "clock", {"seconds": round(skew_s)})
    free_bytes = status.get("free_bytes")
    if isinstance(free_bytes, int) and free_bytes < MIN_FREE_BYTES:
        return ScreenCondition("wrong", "disk", {"megabytes": free_bytes >> 20})
    has_contact = heartbeat.status_at is not None and heartbeat.seen_at is not None
    serial = heartbeat.serial
    if has_contact and serial is not None and newest_serial is not None and serial < newest_serial:
        return ScreenCondition("behind", "behind", {"serial": serial, "newest": newest_serial})
    return None


def get_clock_skew_s(heartbeat: HeartbeatRow) -> float | None:
    """Return by how many seconds the screen's clock was ahead in its last status; None where it did not report it."""
    reported = (heartbeat.status or {}).get("clock")
    if not isinstance(reported, str) or heartbeat.status_at is None:
        return None
    try:
        clock = datetime.fromisoformat(reported)
    except ValueError:
        return None
    return (clock - heartbeat.status_at).total_seconds() if clock.tzinfo else None
