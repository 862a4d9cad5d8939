"""How late this machine wakes whoever sleeps: what tests about time allow beyond what is promised."""

import threading
import time
from types import TracebackType

SLEEP_S = 0.01
MAX_NORMAL_DELAY_MS = 20.0


class SchedulingDelay:
    """While it is entered, naps and notes by how much the machine overslept. *worst_ms* is the most."""

    def __init__(self) -> None:
        self.worst_ms = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._measure, daemon=True)

    def __enter__(self) -> "SchedulingDelay":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()

    def _measure(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            time.sleep(SLEEP_S)
            self.worst_ms = max(self.worst_ms, (time.monotonic() - began - SLEEP_S) * 1000)

    def get_allowed_ms(self, promised_ms: float) -> float:
        """*promised_ms* on a calm machine; on one that was late, what two late wakings add."""
        return promised_ms if self.worst_ms <= MAX_NORMAL_DELAY_MS else promised_ms + 2 * self.worst_ms
