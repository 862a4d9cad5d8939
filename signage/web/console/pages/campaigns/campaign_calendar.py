"""A campaign's time to look at: a row for each placement, a column for each day, a bar where its dayparts hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from signage.model.campaign import Campaign, Placement
from signage.schedule.calendars import Calendars
from signage.schedule.dayparts import frame, spans

MOST_DAYS = 31
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bar:
    """From *top* to *bottom*, parts of the day between 0 and 1."""

    top: float
    bottom: float
    text: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of one placement."""

    day: date
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One placement over the days."""

    number: int
    placement: Placement
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """*more*: the campaign goes on after the last day."""

    days: tuple[date, ...]
    rows: tuple[Row, ...]
    more: bool
    earlier: bool


def timeline(campaign: Campaign, calendars: Calendars, first: date | None = None) -> Timeline:
    """The days of *campaign* from *first* on (its own first day), at most a month of them."""
    zone = campaign.zone
    begin, end = (at.astimezone(zone).date() for at in (campaign.starts_at, campaign.ends_at - timedelta(seconds=1)))
    start = min(max(first or begin, begin), end)
    length = min(MOST_DAYS, (end - start).days + 1)
    days = tuple(start + n * _DAY for n in range(length))
    rows = tuple(
        Row(number, placement, tuple(_cells(campaign, placement, calendars, days)))
        for number, placement in enumerate(campaign.placements, 1)
    )
    return Timeline(days, rows, more=days[-1] < end, earlier=start > begin)


def _cells(campaign: Campaign, placement: Placement, calendars: Calendars, days: tuple[date, ...]) -> Iterator[Cell]:
    framed = frame(campaign, calendars)
    for day in days:
        midnight = datetime(day.year, day.month, day.day, tzinfo=campaign.zone)
        begin, end = max(midnight, campaign.starts_at), min(midnight + _DAY, campaign.ends_at)
        found = [(begin, end)] if begin < end else []
        if placement.dayparts and begin < end:
            parts = [campaign.daypart(name) for name in placement.dayparts]
            found = sorted(span for part in parts for span in spans(part, framed, begin, end))
        yield Cell(day, tuple(_bar(a, b, midnight, campaign) for a, b in found))


def _bar(begin: datetime, end: datetime, midnight: datetime, campaign: Campaign) -> Bar:
    top, bottom = ((at - midnight) / _DAY for at in (begin, end))
    a, b = (f"{at.astimezone(campaign.zone):%H:%M}" for at in (begin, end))
    return Bar(max(0.0, top), min(1.0, bottom), f"{a}–{'24:00' if b == '00:00' else b}")
