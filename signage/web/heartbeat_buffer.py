"""Buffers the last contact of each screen in memory at every poll, and records it in batches."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from signage.loops import start_loop


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last contact of a screen at *at*, after *polls* polls since the previous record.

    *served_serial*: of the latest playlist that the screen is known to have; None: unknown.
    """

    screen: str
    at: datetime
    polls: int
    served_serial: int | None = None


class HeartbeatBuffer:
    """Passes heartbeats to *record* every *every_s* seconds, once ``start`` was called.

    ``record`` takes no lock: a poll that races with a batch may be lost, which the next poll corrects.
    """

    def __init__(self, record: Callable[[Sequence[Heartbeat]], None], every_s: float) -> None:
        self._record = record
        self._every_s = every_s
        self._pending: dict[str, tuple[datetime, int, int | None]] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def record(self, screen: str, at: datetime, served_serial: int | None = None) -> None:
        """Record a contact at *at*; by the answer the screen has the playlist *served_serial*."""
        previous = self._pending.get(screen)
        if previous is None:
            self._pending[screen] = (at, 1, served_serial)
        else:
            self._pending[screen] = (at, previous[1] + 1, previous[2] if served_serial is None else served_serial)

    def record_served(self, screen: str, at: datetime, served_serial: int) -> None:
        """Record that a counted contact was answered with the playlist *served_serial*."""
        self._pending[screen] = (at, self._pending.get(screen, (at, 1, None))[1], served_serial)

    def flush(self) -> None:
        """Pass on everything since the last flush."""
        pending, self._pending = self._pending, {}
        batch = [Heartbeat(screen, at, polls, served) for screen, (at, polls, served) in list(pending.items())]
        if batch:
            self._record(batch)

    def start(self) -> None:
        """Start flushing in a thread."""
        if self._thread is None:
            self._thread = start_loop("contacts", self.flush, self._every_s, self._stop)

    def stop(self) -> None:
        """Stop the thread and flush once more."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        self.flush()
