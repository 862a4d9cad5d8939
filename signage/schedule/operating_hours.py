"""Operating hours and brightness of a screen: by its zone's wall clock, or by the sun at its position.

Hours between two clock times hold when the wall clock reads a time in them, as a daypart does. An edge at sunrise or
sunset is an instant, to the minute, so that every machine says the same. Where the sun cannot be asked (no position,
a polar day or night), it rises at 06:00 and sets at 18:00.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import sunrise, sunset

from signage.model.daypart import Daypart
from signage.model.local_time import instant
from signage.model.screen import OperatingHours, Screen, Sun, SunTime
from signage.schedule.dayparts import Frame, spans
from signage.schedule.intervals import Span, clipped, merged

_DAY = timedelta(days=1)
_HALF_MINUTE = timedelta(seconds=30)
_WITHOUT_SUN = {"sunrise": time(6), "sunset": time(18)}


def lit(screen: Screen, begin: datetime, end: datetime) -> tuple[Span, ...]:
    """When *screen* is lit between the instants *begin* and *end*: all the time where no hours are given."""
    if not screen.hours:
        return ((begin, end),)
    found = [span for hours in screen.hours for span in _hours(screen, hours, begin, end)]
    return clipped(merged(found), begin, end)


def brightness(screen: Screen, begin: datetime, end: datetime) -> tuple[tuple[datetime, int], ...]:
    """From which instants on *screen* runs at how many percent; the first is *begin*."""
    steps = sorted(
        (_at(screen, step.from_, day), number, step.percent)
        for day in _dates(screen, begin, end)
        for number, step in enumerate(screen.brightness)
    )
    before = [percent for at, _, percent in steps if at <= begin]
    found = [(begin, before[-1] if before else 100)]
    for at, _, percent in steps:
        if begin < at < end and percent != found[-1][1]:
            if at == found[-1][0]:
                found.pop()
            found.append((at, percent))
    return tuple(found)


def asks_the_sun(screen: Screen) -> bool:
    """Whether *screen*'s hours or brightness depend on where it stands."""
    times = [edge for hours in screen.hours for edge in (hours.from_, hours.until)]
    times += [step.from_ for step in screen.brightness]
    return any(isinstance(edge, str) for edge in times)


def sun_at(event: Sun, position: tuple[float, float] | None, day: date, timezone: str) -> datetime:
    """The instant (UTC, whole minutes) of sunrise or sunset on the local *day* at *position* (longitude, latitude)."""
    if position is not None:
        return _sun(event, position, day, timezone)
    return instant(datetime.combine(day, _WITHOUT_SUN[event]), ZoneInfo(timezone))


@lru_cache(maxsize=65536)
def _sun(event: Sun, position: tuple[float, float], day: date, timezone: str) -> datetime:
    longitude, latitude = position
    ask = sunrise if event == "sunrise" else sunset
    try:
        found: datetime = ask(Observer(latitude, longitude), date=day, tzinfo=ZoneInfo(timezone))
    except ValueError:
        return sun_at(event, None, day, timezone)
    return (found.astimezone(UTC) + _HALF_MINUTE).replace(second=0, microsecond=0)


def _hours(screen: Screen, hours: OperatingHours, begin: datetime, end: datetime) -> tuple[Span, ...]:
    if isinstance(hours.from_, time) and isinstance(hours.until, time):
        daily = Daypart("hours", from_=hours.from_, until=hours.until)
        return spans(daily, Frame(screen.timezone, date.min), begin, end)
    return merged(_sunny(screen, hours, day) for day in _dates(screen, begin, end))


def _sunny(screen: Screen, hours: OperatingHours, day: date) -> Span:
    first, last = _at(screen, hours.from_, day), _at(screen, hours.until, day)
    return first, last if last > first else _at(screen, hours.until, day + _DAY)


def _at(screen: Screen, edge: SunTime, day: date) -> datetime:
    if isinstance(edge, str):
        return sun_at(edge, screen.position, day, screen.timezone)
    return instant(datetime.combine(day, edge), ZoneInfo(screen.timezone))


def _dates(screen: Screen, begin: datetime, end: datetime) -> list[date]:
    """The local dates whose events may bear on the time between *begin* and *end*."""
    zone = ZoneInfo(screen.timezone)
    first, last = begin.astimezone(zone).date() - 2 * _DAY, end.astimezone(zone).date() + _DAY
    return [first + n * _DAY for n in range((last - first).days + 1)]
