"""Clocks, passed as values so that tests can set the time."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Interface of a clock."""

    def now(self) -> datetime:
        """Return the current instant (aware, UTC)."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never decrease, from an arbitrary zero."""
        ...


class SystemClock:
    """Clock of the operating system."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()
