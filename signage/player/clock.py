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
        margin_s = MAX_DRIFT * max(0.0, steady - self.at_s)
        return _OffsetBounds(self.low - margin_s, self.high + margin_s, steady)

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
        server_s = (date - EPOCH).total_seconds()
        bounds = _OffsetBounds(server_s - received, server_s + 1 - sent, received)
        with self._lock:
            old = self._bounds.widen(received) if self._bounds else None
            if old is None or old.overlaps(bounds):
                self._bounds, self._conflicting_bounds = (old.intersect(bounds) if old else bounds), None
            elif self._conflicting_bounds and self._conflicting_bounds.widen(received).overlaps(bounds):
                self._bounds, self._conflicting_bounds = (
                    self._conflicting_bounds.widen(received).intersect(bounds),
                    None,
                )
            else:
                self._conflicting_bounds = bounds

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
            sample, steady = self._sample_clocks()
            target = self._choose_offset(sample, steady)
            if self._offset_s is None or abs(target - self._offset_s) > STEP_THRESHOLD_S:
                self._offset_s = target
            else:
                max_change_s = SLEW_RATE * max(0.0, steady - self._last_read_s)
                self._offset_s += max(-max_change_s, min(max_change_s, target - self._offset_s))
            self._last_read_s = steady
            seconds = max(0.0, steady + self._offset_s)
            return ClockReading(EPOCH + timedelta(seconds=seconds), steady, self._bounds is not None)

    def _sample_clocks(self) -> tuple[float, float]:
        """Return system clock minus counter, from the quickest of a few samples, and the counter now."""
        quickest, difference, counter_after = math.inf, 0.0, 0.0
        for _ in range(MAX_SAMPLES):
            counter_before, wall_s, counter_after = (
                self._time_source.steady(),
                self._time_source.wall(),
                self._time_source.steady(),
            )
            if counter_after - counter_before < quickest:
                quickest, difference = counter_after - counter_before, wall_s - (counter_before + counter_after) / 2
            if quickest <= MAX_SAMPLE_GAP_S:
                break
        return difference, counter_after

    def _choose_offset(self, sample: float, steady: float) -> float:
        if self._bounds is None:
            return sample
        now = self._bounds.widen(steady)
        return sample if now.low <= sample <= now.high else (now.low + now.high) / 2
