"""Half-open intervals of instants, in sorted disjoint sequences without empty intervals."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import itemgetter

Interval = tuple[datetime, datetime]
"""From (included) and until (excluded)."""

_get_from, _get_until = itemgetter(0), itemgetter(1)


def merge_intervals(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the union of *intervals*, sorted; adjacent intervals are joined, empty ones dropped."""
    merged: list[Interval] = []
    for begin, end in sorted(interval for interval in intervals if interval[0] < interval[1]):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return tuple(merged)


def clip_intervals(intervals: Sequence[Interval], begin: datetime, end: datetime) -> tuple[Interval, ...]:
    """Return the parts of *intervals* (sorted, disjoint) between *begin* and *end*."""
    first, last = bisect_right(intervals, begin, key=_get_until), bisect_left(intervals, end, key=_get_from)
    return tuple((max(a, begin), min(b, end)) for a, b in intervals[first:last]) if begin < end else ()


def intersect_intervals(intervals: Iterable[Interval], others: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """Return the intersection of two sorted disjoint sequences."""
    return tuple(common for a, b in intervals for common in clip_intervals(others, a, b))


def find_gaps(intervals: tuple[Interval, ...], begin: datetime, end: datetime) -> Iterator[Interval]:
    """Yield the gaps of *intervals* (sorted, disjoint) between *begin* and *end*."""
    at = begin
    for a, b in intervals:
        if a > at:
            yield at, min(a, end)
        at = max(at, b)
        if at >= end:
            return
    if at < end:
        yield at, end


def contains_instant(intervals: tuple[Interval, ...], at: datetime) -> bool:
    """Return whether one of *intervals* (sorted, disjoint) contains the instant *at*."""
    index = bisect_right(intervals, at, key=_get_from) - 1
    return index >= 0 and at < intervals[index][1]
