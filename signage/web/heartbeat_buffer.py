"""When each screen was last heard of: noted in memory at every poll, handed on in batches."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A screen was heard of last at *at*, after *polls* polls since the last such record.

    *served*: the serial of the last document that it was given, or was told that it has; None: of none.
    """

    screen: str
    at: datetime
    polls: int
    served_serial: int | None = None


class HeartbeatBuffer:
    """Notes contacts and gives them to *record* every *every_s* seconds, once ``start`` was called.

    ``note`` takes no lock: a poll that races with a batch may be counted in neither, and the next one sets it right.
    """

    def __init__(self, record: Callable[[Sequence[Heartbeat]], None], every_s: float) -> None:
        self._record = record
        self._every_s = every_s
        self._pending: dict[str, tuple[datetime, int, int | None]] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def record(self, screen: str, at: datetime, served_serial: int | None = None) -> None:
        """*screen* was heard of at *at*; by the answer it has the document of serial *served*."""
        previous = self._pending.get(screen)
        if previous is None:
            self._pending[screen] = (at, 1, served_serial)
        else:
            self._pending[screen] = (at, previous[1] + 1, previous[2] if served_serial is None else served_serial)

    def record_served(self, screen: str, at: datetime, served_serial: int) -> None:
        """The request of *screen* at *at*, which was noted, was answered with the document of serial *served*."""
        self._pending[screen] = (at, self._pending.get(screen, (at, 1, None))[1], served_serial)

    def flush(self) -> None:
        """Hand on what was noted since the last time."""
        pending, self._pending = self._pending, {}
        batch = [Heartbeat(screen, at, polls, served) for screen, (at, polls, served) in list(pending.items())]
        if batch:
            self._record(batch)

    def start(self) -> None:
        """Flush from a thread of its own from now on."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="contacts", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Flush once more and end the thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        self.flush()

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            try:
                self.flush()
            except Exception:
                _log.exception("contacts were not recorded")
