"""Words and pictures of time for the steps: how often something shows, hours as bars, the month as a strip."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

from signage.model.campaign import Campaign
from signage.schedule.calendars import OfficialCalendars
from signage.services.campaigns.concurrency import ConcurrentCampaign
from signage.web.console.framework.toolkit import _, ngettext
from signage.web.console.pages.campaigns.campaign_calendar import CalendarCell, build_calendar, build_days
from signage.web.console.pages.campaigns.steps.timing import Slot

_MINUTES_PER_DAY = 24 * 60
_STRIP_HEIGHT = 24
_MAX_STRIP_ROWS = 6


def format_interval(ms: int) -> str:
    """Return the mean time between two plays in plain words: ``about every 5 minutes``."""
    seconds = max(1, round(ms / 1000))
    if seconds < 90:
        return ngettext("about every second", "about every %(num)s seconds", seconds) % {"num": seconds}
    minutes = round(seconds / 60)
    if minutes < 90:
        return _("about every %(num)s minutes") % {"num": minutes}
    return _("about every %(num)s hours") % {"num": f"{seconds / 3600:.1f}".removesuffix(".0")}


def list_slot_bars(slots: Sequence[Slot]) -> list[tuple[int, int]]:
    """Return start and width in minutes of each slot's bar on a day; one over midnight has two."""
    bars: list[tuple[int, int]] = []
    for begin, end in slots or (("00:00", "00:00"),):
        first, last = _to_minutes(begin), _to_minutes(end)
        if first is None or last is None:
            continue
        if first < last:
            bars.append((first, last - first))
        else:
            bars += [(first, _MINUTES_PER_DAY - first), (0, last)]
    return bars


def _to_minutes(text: str) -> int | None:
    try:
        at = time.fromisoformat(text)
    except ValueError:
        return None
    return at.hour * 60 + at.minute


@dataclass(frozen=True, slots=True)
class StripCell:
    """A day: its hours as text, and as bars (top and height)."""

    text: str
    bars: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class StripRow:
    """A campaign over the days of the strip; *title* empty: the one that is edited."""

    number: int
    title: str
    cells: tuple[StripCell, ...]


@dataclass(frozen=True, slots=True)
class MonthStrip:
    """The days of a campaign, at most a month, with what else shows then."""

    days: tuple[date, ...]
    rows: tuple[StripRow, ...]


def build_month_strip(
    campaign: Campaign, others: Sequence[ConcurrentCampaign], calendars: OfficialCalendars
) -> MonthStrip:
    """Return the strip of *campaign* and of the *others* that share its screens."""
    days = build_calendar(campaign, calendars).days
    shown = [("", campaign), *((other.campaign.title, other.campaign) for other in others[:_MAX_STRIP_ROWS])]
    rows = tuple(
        StripRow(number, title, tuple(_merge_cells(cells) for cells in build_days(entry, calendars, days)))
        for number, (title, entry) in enumerate(shown)
    )
    return MonthStrip(days, rows)


def _merge_cells(cells: tuple[CalendarCell, ...]) -> StripCell:
    bars = dict.fromkeys((bar.top, bar.bottom, bar.text) for cell in cells for bar in cell.bars)
    return StripCell(
        " ".join(dict.fromkeys(text for _top, _bottom, text in bars)),
        tuple((round(top * _STRIP_HEIGHT, 1), round((bottom - top) * _STRIP_HEIGHT, 1)) for top, bottom, _text in bars),
    )
