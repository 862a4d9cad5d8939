"""The time as a value that comes in from the edge."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the edge hands to those that need the time."""

    def now(self) -> datetime:
        """The instant now, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards, from an arbitrary zero."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()
