"""Player clock: estimates the server's time from ``Date`` headers and the monotonic counter, with an error bound.

1. A ``Date`` of second D, requested at counter reading *sent* and received at *received*, bounds the offset between
   the server's time and the counter: ``D - received < offset < D + 1 - sent``.
2. The bounds of several responses are intersected; each bound widens with its age by the drift of a quartz.
3. The system clock is trusted while it lies inside the bounds, or while no response has been received.
4. A response that contradicts the bounds counts only if the next one confirms it: a single outlier has no effect.
5. Small corrections are slewed and the time never runs backwards; large corrections step.
6. System clock and counter are read one after the other; if the thread was suspended between them, both are read again.
"""

import math
import threading
import time
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from signage.protocol.epoch import EPOCH

MAX_DRIFT = 200e-6
STEP_THRESHOLD_S = 2.0
SLEW_RATE = 0.05
MAX_SAMPLE_GAP_S, MAX_SAMPLES = 0.001, 8


class TimeSource(Protocol):
    """Interface of the machine's two clocks, both in seconds."""

    def wall(self) -> float: ...
    def steady(self) -> float: ...


class SystemTimeSource:
    """System clock, and a counter that also runs during suspend where the platform has one."""

    def wall(self) -> float:
        return time.time()

    def steady(self) -> float:
        if hasattr(time, "CLOCK_BOOTTIME"):
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        return time.monotonic()


class ClockReading(Struct, frozen=True):
    """One reading. *heard*: the time is based on a server's ``Date``. *steady*: counter in seconds, for durations."""

    at: datetime
    steady: float
    is_synced: bool


class _OffsetBounds(Struct, frozen=True):
    low: float
    high: float
    at_s: float

    def widen(self, steady: float) -> "_OffsetBounds":
        slack = MAX_DRIFT * max(0.0, steady - self.at_s)
        return _OffsetBounds(self.low - slack, self.high + slack, steady)

    def overlaps(self, other: "_OffsetBounds") -> bool:
        return self.low <= other.high and other.low <= self.high

    def intersect(self, other: "_OffsetBounds") -> "_OffsetBounds":
        return _OffsetBounds(max(self.low, other.low), min(self.high, other.high), other.at_s)


class PlayerClock:
    """Clock that decides what shows and dates the plays. Thread-safe."""

    def __init__(self, ticks: TimeSource) -> None:
        self._time_source = ticks
        self._lock = threading.Lock()
        self._bounds: _OffsetBounds | None = None
        self._conflicting_bounds: _OffsetBounds | None = None
        self._offset_s: float | None = None
        self._last_read_s = ticks.steady()

    def steady(self) -> float:
        """Return the counter, in seconds."""
        return self._time_source.steady()

    def observe_server_date(self, date: datetime, sent: float, received: float) -> None:
        """Add a server's *date* (whole seconds), requested at *sent* and received at *received* (counter readings)."""
        second = (date - EPOCH).total_seconds()
        new = _OffsetBounds(second - received, second + 1 - sent, received)
        with self._lock:
            old = self._bounds.widen(received) if self._bounds else None
            if old is None or old.overlaps(new):
                self._bounds, self._conflicting_bounds = (old.intersect(new) if old else new), None
            elif self._conflicting_bounds and self._conflicting_bounds.widen(received).overlaps(new):
                self._bounds, self._conflicting_bounds = self._conflicting_bounds.widen(received).intersect(new), None
            else:
                self._conflicting_bounds = new

    def get_error_s(self) -> float | None:
        """Return half the width of the bound on the server's time, in seconds; None before the first ``Date``."""
        with self._lock:
            if self._bounds is None:
                return None
            now = self._bounds.widen(self._time_source.steady())
            return (now.high - now.low) / 2

    def read(self) -> ClockReading:
        """Return the current time."""
        with self._lock:
            machine, steady = self._sample_clocks()
            aim = self._choose_offset(machine, steady)
            if self._offset_s is None or abs(aim - self._offset_s) > STEP_THRESHOLD_S:
                self._offset_s = aim
            else:
                most = SLEW_RATE * max(0.0, steady - self._last_read_s)
                self._offset_s += max(-most, min(most, aim - self._offset_s))
            self._last_read_s = steady
            seconds = max(0.0, steady + self._offset_s)
            return ClockReading(EPOCH + timedelta(seconds=seconds), steady, self._bounds is not None)

    def _sample_clocks(self) -> tuple[float, float]:
        """Return system clock minus counter, from the quickest of a few samples, and the counter now."""
        quickest, difference, after = math.inf, 0.0, 0.0
        for _ in range(MAX_SAMPLES):
            before, wall, after = self._time_source.steady(), self._time_source.wall(), self._time_source.steady()
            if after - before < quickest:
                quickest, difference = after - before, wall - (before + after) / 2
            if quickest <= MAX_SAMPLE_GAP_S:
                break
        return difference, after

    def _choose_offset(self, machine: float, steady: float) -> float:
        if self._bounds is None:
            return machine
        now = self._bounds.widen(steady)
        return machine if now.low <= machine <= now.high else (now.low + now.high) / 2
