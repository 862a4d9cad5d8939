"""Convert local times to instants (contract, rule 6)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

LocalOrInstant = datetime
"""A local time (naive) of some time zone, or an instant (aware)."""


def to_instant(when: LocalOrInstant, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) of *when* as the edge of a window.

    An aware time is that instant. A local time that the time zone skips means the end of the gap; one that is repeated
    means its first occurrence.
    """
    if when.tzinfo is not None:
        return when.astimezone(UTC)
    first_occurrence = when.replace(tzinfo=zone, fold=0)
    first = first_occurrence.astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == when:
        return first
    return _find_gap_end(first, when.replace(tzinfo=zone, fold=1).astimezone(UTC), zone)


def _find_gap_end(a: datetime, b: datetime, zone: ZoneInfo) -> datetime:
    low, high = min(a, b) - timedelta(seconds=1), max(a, b) + timedelta(seconds=1)
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle <= low:
            break
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def is_existing_local_time(when: datetime, zone: ZoneInfo) -> bool:
    """Return whether the local time *when* (naive) is not skipped in *zone*."""
    return when.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == when


def is_ambiguous_local_time(when: datetime, zone: ZoneInfo) -> bool:
    """Return whether the local time *when* (naive) occurs twice in *zone*."""
    first = when.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = when.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return second > first and is_existing_local_time(when, zone)
