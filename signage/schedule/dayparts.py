"""Dayparts: when they are active (contract, rule 6, and the comments at ``[daypart]``).

1. A daypart is active at an instant if the wall clock of the campaign's zone then shows a time within it: a skipped
   hour does not occur, a repeated hour occurs twice.
2. ``until`` not later than ``from``: past midnight, belonging to the day on which it starts; equal: 24 hours.
3. ``days``: any of the words; none: every day. ``except``: none of the words.
4. ``rrule`` replaces ``days``; its DTSTART is the day of the campaign's ``from`` in its zone.
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
    """The context that gives a daypart its meaning: zone and first day of the campaign, and the calendars."""

    timezone: str
    first_day: date
    calendars: OfficialCalendars = field(default_factory=OfficialCalendars)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def get_daypart_context(campaign: Campaign, calendars: OfficialCalendars) -> DaypartContext:
    """Return the context of the dayparts of *campaign*."""
    return DaypartContext(campaign.timezone, campaign.starts_at.astimezone(campaign.zone).date(), calendars)


def is_daypart_active(daypart: Daypart, context: DaypartContext, at: datetime) -> bool:
    """Return whether *daypart* is active at the instant *at* (aware)."""
    wall = at.astimezone(context.zone)
    day, local_time = wall.date(), wall.time()
    matches = compile_day_filter(daypart, context)
    if daypart.from_ < daypart.until:
        return daypart.from_ <= local_time < daypart.until and matches(day)
    if local_time >= daypart.from_ and matches(day):
        return True
    return local_time < daypart.until and day > date.min and matches(day - _DAY)


def list_daypart_intervals(
    daypart: Daypart, context: DaypartContext, begin: datetime, end: datetime
) -> tuple[Interval, ...]:
    """Return the intervals (UTC) between *begin* and *end* in which *daypart* is active."""
    zone = context.zone
    first, last = _shift_date(begin.astimezone(zone).date(), -2), _shift_date(end.astimezone(zone).date(), 2)
    return convert_local_windows(
        zone, _list_local_windows(daypart, context, first, last), begin.astimezone(UTC), end.astimezone(UTC)
    )


def compile_day_filter(daypart: Daypart, context: DaypartContext) -> DayFilter:
    """Return the predicate of the days on which *daypart* starts."""
    return _compile_day_filter(daypart.days, daypart.except_, daypart.rrule, context)


def uses_official_days(daypart: Daypart) -> bool:
    """Return whether *daypart* depends on the official calendar."""
    return any(word in ("workday", "holiday") for word in (*daypart.days, *daypart.except_))


def _shift_date(day: date, days: int) -> date:
    return date.fromordinal(min(max(day.toordinal() + days, 2), date.max.toordinal() - 1))


def _list_local_windows(
    daypart: Daypart, context: DaypartContext, first: date, last: date
) -> list[tuple[datetime, datetime]]:
    matches = compile_day_filter(daypart, context)
    overnight = _DAY if daypart.until <= daypart.from_ else timedelta(0)
    all_days = (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))
    return [
        (datetime.combine(day, daypart.from_), datetime.combine(day, daypart.until) + overnight)
        for day in all_days
        if matches(day)
    ]


@lru_cache(maxsize=4096)
def _compile_day_filter(
    days: tuple[str, ...], except_: tuple[str, ...], rule: str | None, context: DaypartContext
) -> DayFilter:
    included = tuple(_compile_day_rule(parse_day_rule(word), context) for word in days)
    excluded = tuple(_compile_day_rule(parse_day_rule(word), context) for word in except_)

    def matches(day: date) -> bool:
        if rule is not None:
            matched = day in _list_rrule_days(rule, context, day.year)
        else:
            matched = not included or any(matcher(day) for matcher in included)
        return matched and not any(matcher(day) for matcher in excluded)

    return lru_cache(maxsize=8192)(matches)


def _compile_day_rule(rule: DayRule, context: DaypartContext) -> DayFilter:
    if isinstance(rule, WeekdayRule):
        return lambda day: day.weekday() in rule.days
    if isinstance(rule, DateRangeRule):
        return lambda day: rule.first <= day <= rule.last
    workday = rule.kind == "workday"
    return lambda day: context.calendars.is_workday(day, context.timezone) == workday


@lru_cache(maxsize=1024)
def _list_rrule_days(rule: str, context: DaypartContext, year: int) -> frozenset[date]:
    end = date(year + 1, 1, 1) if year < date.max.year else date.max
    return frozenset(
        rrules.iter_occurrences(rrules.parse_rrule(rule, context.zone), context.first_day, date(year, 1, 1), end)
    )
