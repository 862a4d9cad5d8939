"""Operating hours and brightness of a screen, by the wall clock of its zone or by the sun at its position.

Hours between two clock times apply while the wall clock shows a time within them, as dayparts do. An edge at sunrise
or sunset is an instant, rounded to the minute so that every machine computes the same. Without a sunrise or sunset (no
position, polar day or night), 06:00 and 18:00 are used.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import sunrise, sunset

from signage.model.daypart import Daypart
from signage.model.local_time import to_instant
from signage.model.screen import OperatingHours, Screen, SunEvent, SunTime
from signage.schedule.dayparts import DaypartContext, list_daypart_intervals
from signage.schedule.intervals import Interval, clip_intervals, merge_intervals

_DAY = timedelta(days=1)
_HALF_MINUTE = timedelta(seconds=30)
_DEFAULT_SUN_TIMES = {"sunrise": time(6), "sunset": time(18)}


def list_lit_intervals(screen: Screen, begin: datetime, end: datetime) -> tuple[Interval, ...]:
    """Return when *screen* is lit between the instants *begin* and *end*: always if it has no operating hours."""
    if not screen.hours:
        return ((begin, end),)
    lit = [i for hours in screen.hours for i in _list_hours_intervals(screen, hours, begin, end)]
    return clip_intervals(merge_intervals(lit), begin, end)


def list_brightness_changes(screen: Screen, begin: datetime, end: datetime) -> tuple[tuple[datetime, int], ...]:
    """Return the brightness changes of *screen* as (instant, percent); the first is at *begin*."""
    steps = sorted(
        (_resolve_edge(screen, step.from_, day), number, step.percent)
        for day in _list_dates(screen, begin, end)
        for number, step in enumerate(screen.brightness)
    )
    before = [percent for at, _, percent in steps if at <= begin]
    changes = [(begin, before[-1] if before else 100)]
    for at, _, percent in steps:
        if begin < at < end and percent != changes[-1][1]:
            if at == changes[-1][0]:
                changes.pop()
            changes.append((at, percent))
    return tuple(changes)


def compute_sun_instant(event: SunEvent, position: tuple[float, float] | None, day: date, timezone: str) -> datetime:
    """Return the instant (UTC, whole minutes) of sunrise or sunset on the local *day* at *position* (lon, lat)."""
    if position is not None:
        return _compute_sun_instant(event, position, day, timezone)
    return to_instant(datetime.combine(day, _DEFAULT_SUN_TIMES[event]), ZoneInfo(timezone))


@lru_cache(maxsize=65536)
def _compute_sun_instant(event: SunEvent, position: tuple[float, float], day: date, timezone: str) -> datetime:
    longitude, latitude = position
    compute = sunrise if event == "sunrise" else sunset
    try:
        instant: datetime = compute(Observer(latitude, longitude), date=day, tzinfo=ZoneInfo(timezone))
    except ValueError:
        return compute_sun_instant(event, None, day, timezone)
    return (instant.astimezone(UTC) + _HALF_MINUTE).replace(second=0, microsecond=0)


def _list_hours_intervals(
    screen: Screen, hours: OperatingHours, begin: datetime, end: datetime
) -> tuple[Interval, ...]:
    if isinstance(hours.from_, time) and isinstance(hours.until, time):
        daily = Daypart("hours", from_=hours.from_, until=hours.until)
        return list_daypart_intervals(daily, DaypartContext(screen.timezone, date.min), begin, end)
    return merge_intervals(_get_sun_interval(screen, hours, day) for day in _list_dates(screen, begin, end))


def _get_sun_interval(screen: Screen, hours: OperatingHours, day: date) -> Interval:
    first, last = _resolve_edge(screen, hours.from_, day), _resolve_edge(screen, hours.until, day)
    return first, last if last > first else _resolve_edge(screen, hours.until, day + _DAY)


def _resolve_edge(screen: Screen, edge: SunTime, day: date) -> datetime:
    if isinstance(edge, str):
        return compute_sun_instant(edge, screen.position, day, screen.timezone)
    return to_instant(datetime.combine(day, edge), ZoneInfo(screen.timezone))


def _list_dates(screen: Screen, begin: datetime, end: datetime) -> list[date]:
    """Return the local dates whose events may affect the time between *begin* and *end*."""
    zone = ZoneInfo(screen.timezone)
    first, last = begin.astimezone(zone).date() - 2 * _DAY, end.astimezone(zone).date() + _DAY
    return [first + n * _DAY for n in range((last - first).days + 1)]
