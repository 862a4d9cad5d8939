"""The player's clock: the server's ``Date`` with its error bound, carried on by the machine's steady counter.

1. A ``Date`` of second D heard between the counter's readings *sent* and *received* bounds the difference between
   the server's time and the counter: ``D - received < difference < D + 1 - sent``.
2. Bounds of several answers are intersected; each widens with its age by what a quartz may drift.
3. The machine's own clock is believed while it lies inside the bounds, or while nothing was heard.
4. An answer that contradicts the bounds counts only when the next one agrees with it: one stray answer moves nothing.
5. Small corrections are slewed and never run backwards; large ones step.
6. The machine's clock and its counter are two looks; where the thread was held up between them, it looks again at both.
"""

import math
import threading
import time
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from signage.protocol.epoch import EPOCH

DRIFT = 200e-6
STEP_S = 2.0
SLEW = 0.05
LOOK_S, LOOKS = 0.001, 8


class Ticks(Protocol):
    """The machine's two clocks, both in seconds."""

    def wall(self) -> float: ...
    def steady(self) -> float: ...


class MachineTicks:
    """The wall clock, and a counter that goes on while the machine sleeps where there is one."""

    def wall(self) -> float:
        return time.time()

    def steady(self) -> float:
        if hasattr(time, "CLOCK_BOOTTIME"):
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        return time.monotonic()


class Reading(Struct, frozen=True):
    """One look at the clock. *heard*: a server's time stands behind it; *steady* in seconds, for durations."""

    at: datetime
    steady: float
    heard: bool


class _Bounds(Struct, frozen=True):
    low: float
    high: float
    made: float

    def aged(self, steady: float) -> "_Bounds":
        slack = DRIFT * max(0.0, steady - self.made)
        return _Bounds(self.low - slack, self.high + slack, steady)

    def meets(self, other: "_Bounds") -> bool:
        return self.low <= other.high and other.low <= self.high

    def both(self, other: "_Bounds") -> "_Bounds":
        return _Bounds(max(self.low, other.low), min(self.high, other.high), other.made)


class PlayerClock:
    """The time that decides what shows and dates the plays. Safe to use from several threads."""

    def __init__(self, ticks: Ticks) -> None:
        self._ticks = ticks
        self._lock = threading.Lock()
        self._bounds: _Bounds | None = None
        self._contrary: _Bounds | None = None
        self._difference: float | None = None
        self._read = ticks.steady()

    def steady(self) -> float:
        """The counter alone."""
        return self._ticks.steady()

    def heard(self, date: datetime, sent: float, received: float) -> None:
        """Take in the server's *date* (whole seconds), asked at *sent* and answered by *received*."""
        second = (date - EPOCH).total_seconds()
        new = _Bounds(second - received, second + 1 - sent, received)
        with self._lock:
            old = self._bounds.aged(received) if self._bounds else None
            if old is None or old.meets(new):
                self._bounds, self._contrary = (old.both(new) if old else new), None
            elif self._contrary and self._contrary.aged(received).meets(new):
                self._bounds, self._contrary = self._contrary.aged(received).both(new), None
            else:
                self._contrary = new

    def error_s(self) -> float | None:
        """Half the width of what the server's time may be; None while nothing was heard."""
        with self._lock:
            if self._bounds is None:
                return None
            now = self._bounds.aged(self._ticks.steady())
            return (now.high - now.low) / 2

    def reading(self) -> Reading:
        """The time now."""
        with self._lock:
            machine, steady = self._look()
            aim = self._aim(machine, steady)
            if self._difference is None or abs(aim - self._difference) > STEP_S:
                self._difference = aim
            else:
                most = SLEW * max(0.0, steady - self._read)
                self._difference += max(-most, min(most, aim - self._difference))
            self._read = steady
            seconds = max(0.0, steady + self._difference)
            return Reading(EPOCH + timedelta(seconds=seconds), steady, self._bounds is not None)

    def _look(self) -> tuple[float, float]:
        """The machine's clock less its counter, by the quickest of a few looks, and the counter now."""
        quickest, difference, after = math.inf, 0.0, 0.0
        for _ in range(LOOKS):
            before, wall, after = self._ticks.steady(), self._ticks.wall(), self._ticks.steady()
            if after - before < quickest:
                quickest, difference = after - before, wall - (before + after) / 2
            if quickest <= LOOK_S:
                break
        return difference, after

    def _aim(self, machine: float, steady: float) -> float:
        if self._bounds is None:
            return machine
        now = self._bounds.aged(steady)
        return machine if now.low <= machine <= now.high else (now.low + now.high) / 2
