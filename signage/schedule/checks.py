"""What can be said of a campaign's dayparts only with the calendars at hand.

1. A daypart that asks for workdays or holidays in years that the official calendar does not know (contract, rule 7).
2. A daypart that holds at no time of the campaign.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from signage.faults import Fault, Place
from signage.model.campaign import Campaign
from signage.schedule.calendars import Calendars
from signage.schedule.dayparts import frame, spans, uses_official_days
from signage.schedule.spans import Span

_LONGEST_LOOK = timedelta(days=20 * 366)
_DAY = timedelta(days=1)


def daypart_faults(campaign: Campaign, calendars: Calendars) -> Iterator[Fault]:
    """Warnings about the dayparts of *campaign*; the key of each is ``daypart.NAME``."""
    window = campaign.starts_at, min(campaign.ends_at, campaign.starts_at + _LONGEST_LOOK)
    unknown = ", ".join(map(str, unknown_years(campaign, calendars, window)))
    for daypart in campaign.dayparts:
        place = Place(key=f"daypart.{daypart.id}")
        if unknown and uses_official_days(daypart):
            yield Fault("warning", "calendar-unknown", place, {"years": unknown, "name": daypart.id})
        if daypart.rrule is None and not _holds_once(campaign, calendars, daypart.id, window):
            yield Fault("warning", "daypart-never", place, {"name": daypart.id})


def unknown_years(campaign: Campaign, calendars: Calendars, window: Span) -> tuple[int, ...]:
    """The years of which the calendar of *campaign*'s zone does not know every day that lies in *window*."""
    first, last = (at.astimezone(campaign.zone).date() for at in (window[0], window[1] - timedelta.resolution))
    years: dict[int, None] = {}
    day = first
    while day <= last and window[0] < window[1]:
        if not calendars.knows(day, campaign.timezone):
            years[day.year] = None
            day = date(day.year, 12, 31)
        if day == date.max:
            break
        day += _DAY
    return tuple(years)


def _holds_once(campaign: Campaign, calendars: Calendars, name: str, window: tuple[datetime, datetime]) -> bool:
    read = frame(campaign, calendars)
    begin, end = window
    while begin < end:
        until = min(end, begin + timedelta(days=366))
        if spans(campaign.daypart(name), read, begin, until):
            return True
        begin = until
    return False
