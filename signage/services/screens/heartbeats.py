"""What screens say of themselves, kept: their polls, their status, a picture of what they show.

Not acts of people, so without entries in the audit log; only a serial above what was served is news to the publisher.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import UNSET

from signage.evidence.clock_correction import observe
from signage.protocol.status import Status
from signage.services.context import Office
from signage.store import change_counter as revision
from signage.store import playlists
from signage.store.screens import heartbeats as contacts

SHOTS = "screenshots"
MOST_SERIAL = 2**52
"""No document ever had a higher serial. A screen that tells of one is not believed: going on above it would lead
beyond the numbers that databases and readers of JSON keep exact."""


def note_polls(
    office: Office, polls: Iterable[tuple[str, datetime, int]], served: Iterable[tuple[str, int]] = ()
) -> None:
    """Keep when screens polled last: (screen, instant of the last, how many since the last note).

    *served*: the serial of the document that each was answered with.
    """
    with office.store.write() as connection:
        contacts.seen(connection, list(polls))
        contacts.served(connection, served)


def keep_status(office: Office, screen: str, status: Status, at: datetime) -> None:
    """Keep what a screen said at *at*."""
    serial = None if status.serial is UNSET or not 0 <= status.serial <= MOST_SERIAL else status.serial
    with office.store.write() as connection:
        contacts.said(connection, screen, at, msgspec.to_builtins(status), serial)
        if status.clock is not UNSET:
            observe(connection, screen, status.clock, at)
        if serial is not None and playlists.report_serial(connection, screen, serial):
            known = playlists.newest_serial(connection, screen)
            if known is not None and serial > known:
                revision.bump(connection, "serials")


def keep_screenshot(office: Office, screen: str, at: datetime, data: bytes) -> None:
    """Keep the latest picture that a screen sent of itself."""
    path = shot_path(office, screen)
    path.parent.mkdir(exist_ok=True, mode=0o700)
    temporary = path.with_suffix(f".{secrets.token_hex(4)}")
    temporary.write_bytes(data)
    temporary.replace(path)
    with office.store.write() as connection:
        contacts.shot(connection, screen, at, hashlib.sha256(data).hexdigest())


def shot_path(office: Office, screen: str) -> Path:
    """Where the latest picture of a screen is, if there is one."""
    return office.state / SHOTS / f"{screen}.picture"
