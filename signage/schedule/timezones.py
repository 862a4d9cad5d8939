"""Zones: where their clocks jump, and where their days begin.

A zone is a run of pieces with one offset each. Inside a piece the wall clock runs evenly, so whatever is said in wall
clock time is moved to instants piece by piece: a skipped hour lies in no piece, a repeated one in two.
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
    """The pieces of one offset between the instants *begin* and *end* (UTC), in order."""
    at = begin
    for jump in _iter_transitions(zone, begin, end):
        yield at, jump, _get_offset(zone, at)
        at = jump
    if at < end:
        yield at, end, _get_offset(zone, at)


def convert_local_windows(
    zone: ZoneInfo, walls: list[tuple[datetime, datetime]], begin: datetime, end: datetime
) -> tuple[Interval, ...]:
    """The instants between *begin* and *end* at which the wall clock of *zone* reads a time in *walls*.

    *walls* are naive, half-open.
    """
    found = []
    for first, last, offset in iter_offset_periods(zone, begin, end):
        shown_from, shown_until = _convert_to_local(first, offset), _convert_to_local(last, offset)
        for a, b in walls:
            if a < shown_until and b > shown_from:
                found.append((max(first, _convert_to_instant(a, offset)), min(last, _convert_to_instant(b, offset))))
    return merge_intervals(found)


def get_day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of the local *day* (UTC): the end of the skip where midnight is skipped."""
    return to_instant(datetime.combine(day, time.min), zone)


def get_local_date(at: datetime, zone: ZoneInfo) -> date:
    """The local date of which :func:`days` counts the instant *at*."""
    day = at.astimezone(zone).date()
    return day + _DAY if get_day_start(day + _DAY, zone) <= at else day


def list_local_days(zone: ZoneInfo, begin: datetime, end: datetime) -> tuple[Interval, ...]:
    """The local days that have an instant between *begin* and *end*, whole. A day that was skipped is not there."""
    found = []
    day = get_local_date(begin, zone)
    first = get_day_start(day, zone)
    while first < end:
        day += _DAY
        last = get_day_start(day, zone)
        if first < last:
            found.append((first, last))
        first = last
    return tuple(found)


def _iter_transitions(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    for year in range(begin.year, end.year + 1):
        for jump in list_transitions(zone.key, year):
            if begin < jump < end:
                yield jump


@lru_cache(maxsize=4096)
def list_transitions(key: str, year: int) -> tuple[datetime, ...]:
    """The instants of the UTC *year* at which the zone *key* changes its offset."""
    zone = ZoneInfo(key)
    at = datetime(year, 1, 1, tzinfo=UTC)
    last = datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)
    found = []
    before = _get_offset(zone, at - _SECOND) if year > 1 else _get_offset(zone, at)
    at -= _SECOND if year > 1 else timedelta(0)
    while at < last:
        after_at = min(at + _SEARCH_STEP, last)
        after = _get_offset(zone, after_at)
        if after != before:
            found.append(_find_transition(zone, at, after_at))
        at, before = after_at, after
    return tuple(found)


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
