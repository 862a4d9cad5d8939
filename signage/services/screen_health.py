"""How a screen is: one word with its reason, from what was last heard of it.

1. Without a token, or revoked: nobody is let in by it. Never heard of: it is still to be installed.
2. Silent: no poll for ``SILENT``. What it shows then is what it had; from then on nobody knows.
3. Wrong: it says so itself (its faults), its clock is off by more than ``SKEW``, or its disk is nearly full.
4. Behind: it plays an older document although it has polled since the newest was made.
5. Well: none of these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from signage.store.screens.heartbeats import HeartbeatRow
from signage.store.screens.screen_lists import ScreenListRow

OFFLINE_AFTER = timedelta(minutes=5)
MAX_CLOCK_SKEW = timedelta(seconds=30)
MIN_FREE_BYTES = 64 << 20
ConditionState = Literal["well", "behind", "wrong", "silent", "new", "off"]


@dataclass(frozen=True, slots=True)
class ScreenCondition:
    """*word*: how it is; *reason*: the code of why (``condition-…``), with its *facts*."""

    state: ConditionState
    reason: str
    facts: Mapping[str, object] = field(default_factory=dict)


def assess_condition(listed: ScreenListRow, now: datetime) -> ScreenCondition:
    """How the screen is at *now*."""
    kept, contact = listed.screen_row, listed.heartbeat
    if kept.revoked_at is not None:
        return ScreenCondition("off", "revoked", {"at": kept.revoked_at})
    if kept.token_hash is None:
        return ScreenCondition("new", "no-token")
    if contact is None or contact.seen_at is None:
        return ScreenCondition("new", "never-seen")
    if now - contact.seen_at > OFFLINE_AFTER:
        return ScreenCondition("silent", "silent", {"at": contact.seen_at})
    return _assess_status(contact, listed.serial) or ScreenCondition("well", "well")


def _assess_status(contact: HeartbeatRow, newest: int | None) -> ScreenCondition | None:
    said: Mapping[str, Any] = contact.status or {}
    faults = said.get("faults") or ()
    if faults:
        return ScreenCondition("wrong", "faults", {"faults": "、".join(map(str, faults))})
    skew = get_clock_skew_s(contact)
    if skew is not None and abs(skew) > MAX_CLOCK_SKEW.total_seconds():
        return ScreenCondition("wrong", "clock", {"seconds": round(skew)})
    free = said.get("free_bytes")
    if isinstance(free, int) and free < MIN_FREE_BYTES:
        return ScreenCondition("wrong", "disk", {"megabytes": free >> 20})
    late = contact.status_at is not None and contact.seen_at is not None
    if late and contact.serial is not None and newest is not None and contact.serial < newest:
        return ScreenCondition("behind", "behind", {"serial": contact.serial, "newest": newest})
    return None


def get_clock_skew_s(contact: HeartbeatRow) -> float | None:
    """By how many seconds the screen's clock is ahead, as it last said."""
    said = (contact.status or {}).get("clock")
    if not isinstance(said, str) or contact.status_at is None:
        return None
    try:
        clock = datetime.fromisoformat(said)
    except ValueError:
        return None
    return (clock - contact.status_at).total_seconds() if clock.tzinfo else None
