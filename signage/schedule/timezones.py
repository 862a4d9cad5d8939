"""Time zones: offset transitions, and the instants at which local days begin.

A zone is a sequence of periods with one offset each. Within a period the wall clock runs evenly, so wall-clock times
are converted to instants period by period: a skipped hour lies in no period, a repeated hour in two.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from signage.model.local_time import to_instant
from signage.schedule.intervals import Interval, merge_intervals

_SEARCH_STEP = timedelta(hours=3)  # no zone has ever changed its offset twice in so short a time
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


def iter_offset_periods(
    zone: ZoneInfo, begin: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Yield the periods of constant offset between the instants *begin* and *end* (UTC), in order."""
    at = begin
    for jump in _iter_transitions(zone, begin, end):
        yield at, jump, _get_offset(zone, at)
        at = jump
    if at < end:
        yield at, end, _get_offset(zone, at)


def convert_local_windows(
    zone: ZoneInfo, windows: list[tuple[datetime, datetime]], begin: datetime, end: datetime
) -> tuple[Interval, ...]:
    """Return the intervals between *begin* and *end* in which the wall clock of *zone* shows a time in *windows*.

    *windows* are naive, half-open.
    """
    intervals = []
    for first, last, offset in iter_offset_periods(zone, begin, end):
        shown_from, shown_until = _convert_to_local(first, offset), _convert_to_local(last, offset)
        for a, b in windows:
            if a < shown_until and b > shown_from:
                intervals.append(
                    (max(first, _convert_to_instant(a, offset)), min(last, _convert_to_instant(b, offset)))
                )
    return merge_intervals(intervals)


def get_day_start(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of the local *day* (UTC): the end of the gap where midnight is skipped."""
    return to_instant(datetime.combine(day, time.min), zone)


def get_local_date(at: datetime, zone: ZoneInfo) -> date:
    """Return the local date to which :func:`list_local_days` assigns the instant *at*."""
    day = at.astimezone(zone).date()
    return day + _DAY if get_day_start(day + _DAY, zone) <= at else day


def list_local_days(zone: ZoneInfo, begin: datetime, end: datetime) -> tuple[Interval, ...]:
    """Return the whole local days that overlap the time from *begin* to *end*, without skipped days."""
    days = []
    day = get_local_date(begin, zone)
    first = get_day_start(day, zone)
    while first < end:
        day += _DAY
        last = get_day_start(day, zone)
        if first < last:
            days.append((first, last))
        first = last
    return tuple(days)


def _iter_transitions(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    for year in range(begin.year, end.year + 1):
        for jump in list_transitions(zone.key, year):
            if begin < jump < end:
                yield jump


@lru_cache(maxsize=4096)
def list_transitions(key: str, year: int) -> tuple[datetime, ...]:
    """Return the instants of the UTC *year* at which the zone *key* changes its offset."""
    zone = ZoneInfo(key)
    at = datetime(year, 1, 1, tzinfo=UTC)
    last = datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)
    transitions = []
    before = _get_offset(zone, at - _SECOND) if year > 1 else _get_offset(zone, at)
    at -= _SECOND if year > 1 else timedelta(0)
    while at < last:
        after_at = min(at + _SEARCH_STEP, last)
        after = _get_offset(zone, after_at)
        if after != before:
            transitions.append(_find_transition(zone, at, after_at))
        at, before = after_at, after
    return tuple(transitions)


def _find_transition(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    before = _get_offset(zone, low)
    while high - low > _SECOND:
        middle = low + timedelta(seconds=(high - low) // _SECOND // 2)
        if _get_offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high


def _get_offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _convert_to_local(at: datetime, offset: timedelta) -> datetime:
    return at.replace(tzinfo=None) + offset


def _convert_to_instant(wall: datetime, offset: timedelta) -> datetime:
    return (wall - offset).replace(tzinfo=UTC)
