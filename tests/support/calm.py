"""How late this machine wakes whoever sleeps: what tests about time allow beyond what is promised."""

import threading
import time
from types import TracebackType

NAP_S = 0.01
CALM_MS = 20.0


class Lateness:
    """While it is entered, naps and notes by how much the machine overslept. *worst_ms* is the most."""

    def __init__(self) -> None:
        self.worst_ms = 0.0
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._nap, daemon=True)

    def __enter__(self) -> "Lateness":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ends.set()
        self._thread.join()

    def _nap(self) -> None:
        while not self._ends.is_set():
            began = time.monotonic()
            time.sleep(NAP_S)
            self.worst_ms = max(self.worst_ms, (time.monotonic() - began - NAP_S) * 1000)

    def allows_ms(self, promised_ms: float) -> float:
        """*promised_ms* on a calm machine; on one that was late, what two late wakings add."""
        return promised_ms if self.worst_ms <= CALM_MS else promised_ms + 2 * self.worst_ms
