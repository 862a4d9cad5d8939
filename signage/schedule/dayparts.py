"""Dayparts: when they hold (contract, rule 6, and the comments at ``[daypart]``).

1. A daypart holds at an instant when the wall clock of the campaign's zone reads a time in it then: a skipped hour is
   not there, a repeated hour is there twice.
2. ``until`` not later than ``from``: over midnight, belonging to the day on which it starts; equal: 24 hours.
3. ``days``: any of the words; none: every day. ``except``: none of the words.
4. ``rrule`` stands in place of ``days``; its DTSTART is the day of the campaign's ``from`` in its zone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from signage.model import rrules
from signage.model.campaign import Campaign
from signage.model.daypart import DateRangeRule, Daypart, DayRule, WeekdayRule, parse_day_rule
from signage.schedule.calendars import OfficialCalendars
from signage.schedule.intervals import Interval
from signage.schedule.timezones import convert_local_windows

_DAY = timedelta(days=1)
DayFilter = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class DaypartContext:
    """What a daypart's words are read in: the campaign's zone, the first day of its window, the calendars."""

    timezone: str
    first_day: date
    calendars: OfficialCalendars = field(default_factory=OfficialCalendars)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def get_daypart_context(campaign: Campaign, calendars: OfficialCalendars) -> DaypartContext:
    """The frame of *campaign*'s dayparts."""
    return DaypartContext(campaign.timezone, campaign.starts_at.astimezone(campaign.zone).date(), calendars)


def is_daypart_active(daypart: Daypart, frame: DaypartContext, at: datetime) -> bool:
    """Whether *daypart* holds at the instant *at* (aware)."""
    wall = at.astimezone(frame.zone)
    day, reads = wall.date(), wall.time()
    matches = compile_day_filter(daypart, frame)
    if daypart.from_ < daypart.until:
        return daypart.from_ <= reads < daypart.until and matches(day)
    if reads >= daypart.from_ and matches(day):
        return True
    return reads < daypart.until and day > date.min and matches(day - _DAY)


def list_daypart_intervals(
    daypart: Daypart, frame: DaypartContext, begin: datetime, end: datetime
) -> tuple[Interval, ...]:
    """The instants (UTC) between *begin* and *end* at which *daypart* holds."""
    zone = frame.zone
    first, last = _shift_date(begin.astimezone(zone).date(), -2), _shift_date(end.astimezone(zone).date(), 2)
    return convert_local_windows(
        zone, _list_local_windows(daypart, frame, first, last), begin.astimezone(UTC), end.astimezone(UTC)
    )


def compile_day_filter(daypart: Daypart, frame: DaypartContext) -> DayFilter:
    """Which days *daypart* starts on."""
    return _compile_day_filter(daypart.days, daypart.except_, daypart.rrule, frame)


def uses_official_days(daypart: Daypart) -> bool:
    """Whether *daypart* asks the official calendar."""
    return any(word in ("workday", "holiday") for word in (*daypart.days, *daypart.except_))


def _shift_date(day: date, days: int) -> date:
    return date.fromordinal(min(max(day.toordinal() + days, 2), date.max.toordinal() - 1))


def _list_local_windows(
    daypart: Daypart, frame: DaypartContext, first: date, last: date
) -> list[tuple[datetime, datetime]]:
    matches = compile_day_filter(daypart, frame)
    over = _DAY if daypart.until <= daypart.from_ else timedelta(0)
    all_days = (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))
    return [
        (datetime.combine(day, daypart.from_), datetime.combine(day, daypart.until) + over)
        for day in all_days
        if matches(day)
    ]


@lru_cache(maxsize=4096)
def _compile_day_filter(
    days: tuple[str, ...], except_: tuple[str, ...], rule: str | None, frame: DaypartContext
) -> DayFilter:
    wanted = tuple(_compile_day_rule(parse_day_rule(word), frame) for word in days)
    unwanted = tuple(_compile_day_rule(parse_day_rule(word), frame) for word in except_)

    def matches(day: date) -> bool:
        if rule is not None:
            chosen = day in _list_rrule_days(rule, frame, day.year)
        else:
            chosen = not wanted or any(matcher(day) for matcher in wanted)
        return chosen and not any(matcher(day) for matcher in unwanted)

    return lru_cache(maxsize=8192)(matches)


def _compile_day_rule(rule: DayRule, frame: DaypartContext) -> DayFilter:
    if isinstance(rule, WeekdayRule):
        return lambda day: day.weekday() in rule.days
    if isinstance(rule, DateRangeRule):
        return lambda day: rule.first <= day <= rule.last
    workday = rule.kind == "workday"
    return lambda day: frame.calendars.is_workday(day, frame.timezone) == workday


@lru_cache(maxsize=1024)
def _list_rrule_days(rule: str, frame: DaypartContext, year: int) -> frozenset[date]:
    end = date(year + 1, 1, 1) if year < date.max.year else date.max
    return frozenset(
        rrules.iter_occurrences(rrules.parse_rrule(rule, frame.zone), frame.first_day, date(year, 1, 1), end)
    )
