"""Convert between instants and milliseconds since 1970, exactly."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)


def to_ms(at: datetime) -> int:
    """Return the milliseconds since 1970 of an aware instant, rounded down."""
    return (at - EPOCH) // MS


def from_ms(ms: int) -> datetime:
    """Return the instant in UTC."""
    return EPOCH + ms * MS
