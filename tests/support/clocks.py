"""Clocks that tests move by hand."""

from datetime import UTC, datetime, timedelta


def parse_instant(text: str) -> datetime:
    """An instant in UTC from RFC 3339."""
    return datetime.fromisoformat(text).astimezone(UTC)


class ManualClock:
    """A clock that stands until it is moved."""

    def __init__(self, start: str | datetime = "2021-03-15T08:00:00+08:00") -> None:
        self.instant = parse_instant(start) if isinstance(start, str) else start
        self.seconds = 0.0

    def now(self) -> datetime:
        return self.instant

    def monotonic(self) -> float:
        return self.seconds

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.instant += timedelta(seconds=seconds)
        self.seconds += seconds

    def set(self, start: str) -> None:
        """Set the clock, back too; what is monotonic goes on."""
        self.instant = parse_instant(start)
