"""What is wrong on a player, as codes that its status carries: each standing trouble once.

A trouble is told as its code and, where it has one, its subject: ``media-differs 315-2021/slogan-01``. The sentences
stand with the others (``messages/en/player.po``). Who stands at the machine reads them too, when they come and when
they are over: a player that is not let in cannot tell the server why.
"""

import threading
from collections.abc import Callable, Mapping


class PlayerError(Exception):
    """Something could not be done; the player plays on. *code* names the sentence."""

    def __init__(self, code: str, subject: str = "") -> None:
        super().__init__(f"{code} {subject}".rstrip())
        self.code = code
        self.subject = subject


class NoSpaceError(PlayerError):
    """There is not enough room for a medium; nothing was asked for. It may be looked at again soon, at no cost."""

    def __init__(self, subject: str) -> None:
        super().__init__("no-room", subject)


class FaultBoard:
    """The standing troubles. A trouble is put up under its *cause* and taken down when that cause is over."""

    def __init__(self, say: Callable[[str], None] = lambda text: None) -> None:
        self._log = say
        self._lock = threading.Lock()
        self._active: dict[str, str] = {}
        self.version = 0

    def set_fault(self, cause: str, trouble: PlayerError) -> bool:
        """Put up *trouble*; True where it was not up already."""
        with self._lock:
            text = str(trouble)
            if self._active.get(cause) == text:
                return False
            before = set(self._active.values())
            self._active[cause] = text
            self.version += 1
            now = set(self._active.values())
        self._log_changes(before, now)
        return True

    def clear(self, *causes: str) -> None:
        """Take down what stands under *causes*."""
        self._remove(list(causes))

    def clear_all_except(self, prefix: str, causes: frozenset[str]) -> None:
        """Take down what begins with *prefix* and is not among *causes*."""
        self._remove([c for c in self.get_active() if c.startswith(prefix) and c not in causes])

    def get_active(self) -> Mapping[str, str]:
        """What is up now, by cause."""
        with self._lock:
            return dict(self._active)

    def _remove(self, causes: list[str]) -> None:
        with self._lock:
            up = [cause for cause in causes if cause in self._active]
            if not up:
                return
            before = set(self._active.values())
            for cause in up:
                del self._active[cause]
            self.version += len(up)
            now = set(self._active.values())
        self._log_changes(before, now)

    def _log_changes(self, before: set[str], now: set[str]) -> None:
        for text in sorted(now - before):
            self._log(f"trouble: {text}")
        for text in sorted(before - now):
            self._log(f"over: {text}")
