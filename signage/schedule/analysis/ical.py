"""iCalendar export (RFC 5545) of a campaign's window and dayparts, for other calendars.

1. A daypart within the campaign's window is a VEVENT at its wall-clock time in the campaign's zone: with an RRULE if
   its days are weekdays or follow their own rule, without the excluded days (EXDATE); consecutive days as a daily rule;
   single days as RDATE. Official days are listed, because no rule can express them.
2. A day on which the window cuts the daypart is a separate event with the remaining duration.
3. The window is an event, and so is the due time of the report.
4. The zone's rules are included as VTIMEZONE, for the years of the campaign.

The days of a daypart come from ``dayparts`` alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vRecur

from signage.model.campaign import Campaign
from signage.model.daypart import Daypart, WeekdayRule, parse_day_rule
from signage.model.local_time import to_instant
from signage.model.rrules import iter_occurrences, parse_rrule
from signage.schedule.calendars import OfficialCalendars
from signage.schedule.dayparts import compile_day_filter, get_daypart_context

_DAY = timedelta(days=1)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_MIN_RUN_DAYS = 3
_MAX_DAYS = 36_525


def format_campaign_ical(campaign: Campaign, calendars: OfficialCalendars) -> bytes:
    """Return the iCalendar file (``.ics``) of a campaign."""
    calendar = Calendar()
    calendar.add("prodid", "-//signage//campaign//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", campaign.title)
    calendar.add("x-wr-timezone", campaign.timezone)
    calendar.add_component(_build_timezone(campaign))
    for number, event in enumerate(_iter_events(campaign, calendars), 1):
        event.add("uid", f"{campaign.id}-{number}@signage")
        event.add("dtstamp", campaign.starts_at)
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _build_timezone(campaign: Campaign) -> Timezone:
    first, last = (at.astimezone(campaign.zone).date() for at in (campaign.starts_at, campaign.ends_at))
    return Timezone.from_tzid(
        campaign.timezone, first_date=first - 366 * _DAY, last_date=min(last, date.max - 366 * _DAY) + 366 * _DAY
    )


def _iter_events(campaign: Campaign, calendars: OfficialCalendars) -> Iterator[Event]:
    zone = campaign.zone
    yield _build_event(campaign.title, campaign.starts_at.astimezone(zone), campaign.ends_at.astimezone(zone))
    if campaign.report_due is not None:
        due = to_instant(campaign.report_due, zone).astimezone(zone)
        yield _build_event(f"{campaign.title}: report_due", due, due)
    for daypart in campaign.dayparts:
        summary = f"{campaign.title} · {daypart.id}"
        series = _build_series(campaign, daypart, calendars)
        for days in series.recurring:
            yield _build_recurring_event(summary, days, daypart, zone)
        for begin, end in series.clipped:
            yield _build_event(summary, begin.astimezone(zone), end.astimezone(zone))


@dataclass(frozen=True, slots=True)
class _RecurringDays:
    """The days of one event: *first*, then by *rule* up to *last*, without *excluded*; or *first* and *additional*."""

    first: date
    last: date
    rule: str | None = None
    excluded: tuple[date, ...] = ()
    additional: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class _DaypartSeries:
    recurring: tuple[_RecurringDays, ...]
    clipped: tuple[tuple[datetime, datetime], ...]


def _build_series(campaign: Campaign, daypart: Daypart, calendars: OfficialCalendars) -> _DaypartSeries:
    """Divide the days of a daypart into recurring days and days that the window cuts."""
    context, zone = get_daypart_context(campaign, calendars), campaign.zone
    first, last = (at.astimezone(zone).date() for at in (campaign.starts_at, campaign.ends_at))
    matches = compile_day_filter(daypart, context)
    whole, cut = [], []
    for n in range(first.toordinal() - 1, min(last.toordinal(), first.toordinal() + _MAX_DAYS) + 1):
        day = date.fromordinal(n)
        if not matches(day):
            continue
        begin, end = (to_instant(wall, zone) for wall in _get_local_window(daypart, day))
        if campaign.starts_at <= begin and end <= campaign.ends_at:
            whole.append(day)
        elif begin < campaign.ends_at and end > campaign.starts_at:
            cut.append((max(begin, campaign.starts_at), min(end, campaign.ends_at)))
    return _DaypartSeries(tuple(_iter_recurrences(campaign, daypart, whole)), tuple(cut))


def _get_local_window(daypart: Daypart, day: date) -> tuple[datetime, datetime]:
    overnight = _DAY if daypart.until <= daypart.from_ else timedelta(0)
    return datetime.combine(day, daypart.from_), datetime.combine(day, daypart.until) + overnight


def _iter_recurrences(campaign: Campaign, daypart: Daypart, days: Sequence[date]) -> Iterator[_RecurringDays]:
    if not days:
        return
    rule, rule_days = _find_rule(campaign, daypart, days)
    if rule is not None and rule_days:
        wanted_days = set(days)
        excluded = tuple(day for day in rule_days if day not in wanted_days)
        yield _RecurringDays(rule_days[0], rule_days[-1], rule, excluded)
        covered = set(rule_days)
        days = [day for day in days if day not in covered]
    single = []
    for run in _iter_runs(days):
        if len(run) >= _MIN_RUN_DAYS:
            yield _RecurringDays(run[0], run[-1], "FREQ=DAILY")
        else:
            single += run
    if single:
        yield _RecurringDays(single[0], single[-1], additional=tuple(single[1:]))


def _find_rule(campaign: Campaign, daypart: Daypart, days: Sequence[date]) -> tuple[str | None, list[date]]:
    """Return the rule that covers most of *days*, and the days that it produces from the first to the last of them."""
    if daypart.rrule is not None:
        parts = daypart.rrule.upper().removeprefix("RRULE:").split(";")
        rule = ";".join(part for part in parts if not part.startswith(("COUNT=", "UNTIL=")))
        first = campaign.starts_at.astimezone(campaign.zone).date()
        return rule, list(iter_occurrences(parse_rrule(rule, campaign.zone), first, days[0], days[-1] + _DAY))
    rules = [parse_day_rule(word) for word in daypart.days]
    week = {n for day_rule in rules if isinstance(day_rule, WeekdayRule) for n in day_rule.days}
    week = week if rules else set(range(7))
    if not week:
        return None, []
    rule = "FREQ=DAILY" if len(week) == 7 else "FREQ=WEEKLY;BYDAY=" + ",".join(_WEEKDAYS[n] for n in sorted(week))
    on_week = [day for day in days if day.weekday() in week]
    if not on_week:
        return None, []
    span = range(on_week[0].toordinal(), on_week[-1].toordinal() + 1)
    return rule, [day for day in map(date.fromordinal, span) if day.weekday() in week]


def _iter_runs(days: Sequence[date]) -> Iterator[list[date]]:
    run: list[date] = []
    for day in days:
        if run and day != run[-1] + _DAY:
            yield run
            run = []
        run.append(day)
    if run:
        yield run


def _build_recurring_event(summary: str, days: _RecurringDays, daypart: Daypart, zone: ZoneInfo) -> Event:
    begin, end = (wall.replace(tzinfo=zone) for wall in _get_local_window(daypart, days.first))
    event = _build_event(summary, begin, end)

    def at(day: date) -> datetime:
        return datetime.combine(day, daypart.from_, zone)

    if days.rule is not None and days.first != days.last:
        event.add("rrule", vRecur.from_ical(f"{days.rule};UNTIL={at(days.last).astimezone(UTC):%Y%m%dT%H%M%SZ}"))
    if days.excluded:
        event.add("exdate", [at(day) for day in days.excluded])
    if days.additional:
        event.add("rdate", [at(day) for day in days.additional])
    return event


def _build_event(summary: str, begin: datetime, end: datetime) -> Event:
    event = Event()
    event.add("summary", summary)
    event.add("dtstart", begin)
    if end != begin:
        event.add("dtend", end)
    return event
