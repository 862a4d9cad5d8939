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

from signage.store.screens.heartbeats import Contact
from signage.store.screens.screen_lists import Listed

SILENT = timedelta(minutes=5)
SKEW = timedelta(seconds=30)
LEAST_FREE_BYTES = 64 << 20
Word = Literal["well", "behind", "wrong", "silent", "new", "off"]


@dataclass(frozen=True, slots=True)
class Condition:
    """*word*: how it is; *reason*: the code of why (``condition-…``), with its *facts*."""

    word: Word
    reason: str
    facts: Mapping[str, object] = field(default_factory=dict)


def condition(listed: Listed, now: datetime) -> Condition:
    """How the screen is at *now*."""
    kept, contact = listed.kept, listed.contact
    if kept.revoked_at is not None:
        return Condition("off", "revoked", {"at": kept.revoked_at})
    if kept.token is None:
        return Condition("new", "no-token")
    if contact is None or contact.seen_at is None:
        return Condition("new", "never-seen")
    if now - contact.seen_at > SILENT:
        return Condition("silent", "silent", {"at": contact.seen_at})
    return _of_status(contact, listed.serial) or Condition("well", "well")


def _of_status(contact: Contact, newest: int | None) -> Condition | None:
    said: Mapping[str, Any] = contact.status or {}
    faults = said.get("faults") or ()
    if faults:
        return Condition("wrong", "faults", {"faults": "、".join(map(str, faults))})
    skew = skew_s(contact)
    if skew is not None and abs(skew) > SKEW.total_seconds():
        return Condition("wrong", "clock", {"seconds": round(skew)})
    free = said.get("free_bytes")
    if isinstance(free, int) and free < LEAST_FREE_BYTES:
        return Condition("wrong", "disk", {"megabytes": free >> 20})
    late = contact.status_at is not None and contact.seen_at is not None
    if late and contact.serial is not None and newest is not None and contact.serial < newest:
        return Condition("behind", "behind", {"serial": contact.serial, "newest": newest})
    return None


def skew_s(contact: Contact) -> float | None:
    """By how many seconds the screen's clock is ahead, as it last said."""
    said = (contact.status or {}).get("clock")
    if not isinstance(said, str) or contact.status_at is None:
        return None
    try:
        clock = datetime.fromisoformat(said)
    except ValueError:
        return None
    return (clock - contact.status_at).total_seconds() if clock.tzinfo else None
