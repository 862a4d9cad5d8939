"""Records what screens report: polls, status messages, screenshots.

These are not acts of people and have no audit entry. A reported serial above the served one notifies the publisher.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import UNSET

from signage.evidence.clock_correction import record_clock_sample
from signage.protocol.status import StatusMessage
from signage.services.context import AppContext
from signage.store import change_counter, playlists
from signage.store.screens import heartbeats
from signage.store.takeovers import delivery

SCREENSHOTS_FOLDER = "screenshots"
MAX_SERIAL = 2**52
"""Higher reported serials are ignored: continuing above them would exceed the integers that databases and JSON readers
store exactly."""


def record_polls(
    context: AppContext, polls: Iterable[tuple[str, datetime, int]], served: Iterable[tuple[str, int]] = ()
) -> None:
    """Record polls: (screen, instant of the last poll, number of polls since the last call).

    *served*: (screen, serial of the playlist with which it was answered).
    """
    served_serials = list(served)
    with context.store.write() as connection:
        heartbeats.record_polls(connection, list(polls))
        heartbeats.record_served_serials(connection, served_serials)
        delivery.on_serials_seen(connection, served_serials)


def record_status(context: AppContext, screen: str, status: StatusMessage, at: datetime) -> None:
    """Record a status message received at *at*."""
    serial = None if status.serial is UNSET or not 0 <= status.serial <= MAX_SERIAL else status.serial
    with context.store.write() as connection:
        heartbeats.record_status(connection, screen, at, msgspec.to_builtins(status), serial)
        if serial is not None:
            delivery.on_serials_seen(connection, [(screen, serial)])
        if status.item is not UNSET:
            delivery.on_status(connection, screen, at, status.item)
        if status.clock is not UNSET:
            record_clock_sample(connection, screen, status.clock, at)
        if serial is not None and playlists.record_reported_serial(connection, screen, serial):
            current = playlists.get_current_serial(connection, screen)
            if current is not None and serial > current:
                change_counter.increment(connection, "serials")


def store_screenshot(context: AppContext, screen: str, at: datetime, data: bytes) -> None:
    """Store the latest screenshot of a screen."""
    path = get_screenshot_path(context, screen)
    path.parent.mkdir(exist_ok=True, mode=0o700)
    temporary = path.with_suffix(f".{secrets.token_hex(4)}")
    temporary.write_bytes(data)
    temporary.replace(path)
    with context.store.write() as connection:
        heartbeats.record_screenshot(connection, screen, at, hashlib.sha256(data).hexdigest())


def get_screenshot_path(context: AppContext, screen: str) -> Path:
    """Return the path of the latest screenshot of a screen; the file may not exist."""
    return context.state / SCREENSHOTS_FOLDER / f"{screen}.picture"
