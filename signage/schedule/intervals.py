"""Half-open intervals of instants: sorted, apart, never empty."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import itemgetter

Interval = tuple[datetime, datetime]
"""From (in it) and until (not in it)."""

_get_from, _get_until = itemgetter(0), itemgetter(1)


def merge_intervals(spans: Iterable[Interval]) -> tuple[Interval, ...]:
    """The union of *spans*: sorted, those that touch joined, empty ones left out."""
    found: list[Interval] = []
    for begin, end in sorted(span for span in spans if span[0] < span[1]):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return tuple(found)


def clip_intervals(spans: Sequence[Interval], begin: datetime, end: datetime) -> tuple[Interval, ...]:
    """The parts of *spans* (sorted and apart) between *begin* and *end*."""
    first, last = bisect_right(spans, begin, key=_get_until), bisect_left(spans, end, key=_get_from)
    return tuple((max(a, begin), min(b, end)) for a, b in spans[first:last]) if begin < end else ()


def intersect_intervals(some: Iterable[Interval], others: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """What is in both (each sorted and apart)."""
    return tuple(span for a, b in some for span in clip_intervals(others, a, b))


def find_gaps(spans: tuple[Interval, ...], begin: datetime, end: datetime) -> Iterator[Interval]:
    """What *spans* (sorted and apart) leave open between *begin* and *end*."""
    at = begin
    for a, b in spans:
        if a > at:
            yield at, min(a, end)
        at = max(at, b)
        if at >= end:
            return
    if at < end:
        yield at, end


def contains_instant(spans: tuple[Interval, ...], at: datetime) -> bool:
    """Whether the instant *at* is in one of *spans* (sorted and apart)."""
    number = bisect_right(spans, at, key=_get_from) - 1
    return number >= 0 and at < spans[number][1]
