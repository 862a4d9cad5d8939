"""Active player faults, reported once each as codes in the status message.

A fault is a code and, where it has one, a subject: ``media-differs 315-2021/slogan-01``. The messages are in
``messages/*/player.po``. Faults are also logged locally when they appear and when they end, because a player that
the server rejects cannot report the reason.
"""

import threading
from collections.abc import Callable, Mapping


class PlayerError(Exception):
    """Error after which the player goes on playing. *code* selects the message."""

    def __init__(self, code: str, subject: str = "") -> None:
        super().__init__(f"{code} {subject}".rstrip())
        self.code = code
        self.subject = subject


class NoSpaceError(PlayerError):
    """Not enough space for a medium; nothing was requested, so that a retry soon costs nothing."""

    def __init__(self, subject: str) -> None:
        super().__init__("no-room", subject)


class FaultBoard:
    """The active faults by cause. A fault is set under its *cause* and cleared when the cause is over."""

    def __init__(self, log: Callable[[str], None] = lambda text: None) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._active: dict[str, str] = {}
        self.version = 0

    def set_fault(self, cause: str, error: PlayerError) -> bool:
        """Set the fault of *cause*; return True if it was not active already."""
        with self._lock:
            text = str(error)
            if self._active.get(cause) == text:
                return False
            before = set(self._active.values())
            self._active[cause] = text
            self.version += 1
            now = set(self._active.values())
        self._log_changes(before, now)
        return True

    def clear(self, *causes: str) -> None:
        """Clear the faults of *causes*."""
        self._remove(list(causes))

    def clear_all_except(self, prefix: str, causes: frozenset[str]) -> None:
        """Clear the faults whose cause starts with *prefix* and is not among *causes*."""
        self._remove([c for c in self.get_active() if c.startswith(prefix) and c not in causes])

    def get_active(self) -> Mapping[str, str]:
        """Return the active faults by cause."""
        with self._lock:
            return dict(self._active)

    def _remove(self, causes: list[str]) -> None:
        with self._lock:
            active_causes = [cause for cause in causes if cause in self._active]
            if not active_causes:
                return
            before = set(self._active.values())
            for cause in active_causes:
                del self._active[cause]
            self.version += len(active_causes)
            now = set(self._active.values())
        self._log_changes(before, now)

    def _log_changes(self, before: set[str], now: set[str]) -> None:
        for text in sorted(now - before):
            self._log(f"trouble: {text}")
        for text in sorted(before - now):
            self._log(f"over: {text}")
