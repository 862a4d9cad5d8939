"""Half-open intervals of instants: sorted, apart, never empty."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import itemgetter

Span = tuple[datetime, datetime]
"""From (in it) and until (not in it)."""

_from, _until = itemgetter(0), itemgetter(1)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The union of *spans*: sorted, those that touch joined, empty ones left out."""
    found: list[Span] = []
    for begin, end in sorted(span for span in spans if span[0] < span[1]):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return tuple(found)


def clipped(spans: Sequence[Span], begin: datetime, end: datetime) -> tuple[Span, ...]:
    """The parts of *spans* (sorted and apart) between *begin* and *end*."""
    first, last = bisect_right(spans, begin, key=_until), bisect_left(spans, end, key=_from)
    return tuple((max(a, begin), min(b, end)) for a, b in spans[first:last]) if begin < end else ()


def common(some: Iterable[Span], others: tuple[Span, ...]) -> tuple[Span, ...]:
    """What is in both (each sorted and apart)."""
    return tuple(span for a, b in some for span in clipped(others, a, b))


def gaps(spans: tuple[Span, ...], begin: datetime, end: datetime) -> Iterator[Span]:
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


def inside(spans: tuple[Span, ...], at: datetime) -> bool:
    """Whether the instant *at* is in one of *spans* (sorted and apart)."""
    number = bisect_right(spans, at, key=_from) - 1
    return number >= 0 and at < spans[number][1]
