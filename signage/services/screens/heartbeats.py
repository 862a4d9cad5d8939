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

from signage.evidence.clock_correction import record_clock_sample
from signage.protocol.status import StatusMessage
from signage.services.context import AppContext
from signage.store import change_counter, playlists
from signage.store.screens import heartbeats
from signage.store.takeovers import delivery

SCREENSHOTS_FOLDER = "screenshots"
MAX_SERIAL = 2**52
"""No document ever had a higher serial. A screen that tells of one is not believed: going on above it would lead
beyond the numbers that databases and readers of JSON keep exact."""


def record_polls(
    context: AppContext, polls: Iterable[tuple[str, datetime, int]], served: Iterable[tuple[str, int]] = ()
) -> None:
    """Keep when screens polled last: (screen, instant of the last, how many since the last note).

    *served*: the serial of the document that each was answered with.
    """
    served_serials = list(served)
    with context.store.write() as connection:
        heartbeats.record_polls(connection, list(polls))
        heartbeats.record_served_serials(connection, served_serials)
        delivery.on_serials_seen(connection, served_serials)


def record_status(context: AppContext, screen: str, status: StatusMessage, at: datetime) -> None:
    """Keep what a screen said at *at*."""
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
            known = playlists.get_current_serial(connection, screen)
            if known is not None and serial > known:
                change_counter.increment(connection, "serials")


def store_screenshot(context: AppContext, screen: str, at: datetime, data: bytes) -> None:
    """Keep the latest picture that a screen sent of itself."""
    path = get_screenshot_path(context, screen)
    path.parent.mkdir(exist_ok=True, mode=0o700)
    temporary = path.with_suffix(f".{secrets.token_hex(4)}")
    temporary.write_bytes(data)
    temporary.replace(path)
    with context.store.write() as connection:
        heartbeats.record_screenshot(connection, screen, at, hashlib.sha256(data).hexdigest())


def get_screenshot_path(context: AppContext, screen: str) -> Path:
    """Where the latest picture of a screen is, if there is one."""
    return context.state / SCREENSHOTS_FOLDER / f"{screen}.picture"
