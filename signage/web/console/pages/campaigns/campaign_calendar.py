"""The calendar of a campaign: a row for each placement, a column for each day, a bar for each daypart interval."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from signage.model.campaign import Campaign, Placement
from signage.schedule.calendars import OfficialCalendars
from signage.schedule.dayparts import get_daypart_context, list_daypart_intervals

MAX_DAYS = 31
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CalendarBar:
    """A bar from *top* to *bottom*, as fractions of the day."""

    top: float
    bottom: float
    text: str


@dataclass(frozen=True, slots=True)
class CalendarCell:
    """One day of a placement."""

    day: date
    bars: tuple[CalendarBar, ...]


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """One placement over the days."""

    number: int
    placement: Placement
    cells: tuple[CalendarCell, ...]


@dataclass(frozen=True, slots=True)
class CampaignCalendar:
    """A page of the calendar."""

    days: tuple[date, ...]
    rows: tuple[CalendarRow, ...]
    has_later_days: bool
    has_earlier_days: bool


def build_calendar(campaign: Campaign, calendars: OfficialCalendars, first: date | None = None) -> CampaignCalendar:
    """Build the calendar of *campaign* from *first* (default: its first day), at most a month."""
    zone = campaign.zone
    begin, end = (at.astimezone(zone).date() for at in (campaign.starts_at, campaign.ends_at - timedelta(seconds=1)))
    start = min(max(first or begin, begin), end)
    length = min(MAX_DAYS, (end - start).days + 1)
    days = tuple(start + n * _DAY for n in range(length))
    rows = tuple(
        CalendarRow(number, placement, tuple(_iter_cells(campaign, placement, calendars, days)))
        for number, placement in enumerate(campaign.placements, 1)
    )
    return CampaignCalendar(days, rows, has_later_days=days[-1] < end, has_earlier_days=start > begin)


def build_days(
    campaign: Campaign, calendars: OfficialCalendars, days: tuple[date, ...]
) -> Iterator[tuple[CalendarCell, ...]]:
    """Yield for each of *days* the cells of all placements of *campaign*."""
    yield from zip(*(_iter_cells(campaign, row, calendars, days) for row in campaign.placements), strict=True)


def _iter_cells(
    campaign: Campaign, placement: Placement, calendars: OfficialCalendars, days: tuple[date, ...]
) -> Iterator[CalendarCell]:
    daypart_context = get_daypart_context(campaign, calendars)
    for day in days:
        midnight = datetime(day.year, day.month, day.day, tzinfo=campaign.zone)
        begin, end = max(midnight, campaign.starts_at), min(midnight + _DAY, campaign.ends_at)
        intervals = [(begin, end)] if begin < end else []
        if placement.dayparts and begin < end:
            dayparts = [campaign.get_daypart(name) for name in placement.dayparts]
            intervals = sorted(
                span for daypart in dayparts for span in list_daypart_intervals(daypart, daypart_context, begin, end)
            )
        yield CalendarCell(day, tuple(_build_bar(a, b, midnight, campaign) for a, b in intervals))


def _build_bar(begin: datetime, end: datetime, midnight: datetime, campaign: Campaign) -> CalendarBar:
    top, bottom = ((at - midnight) / _DAY for at in (begin, end))
    a, b = (f"{at.astimezone(campaign.zone):%H:%M}" for at in (begin, end))
    return CalendarBar(max(0.0, top), min(1.0, bottom), f"{a}–{'24:00' if b == '00:00' else b}")
