"""Campaigns: items, and the placements that say where and when they show."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from signage.model.daypart import Daypart
from signage.model.item import DEFAULT_STYLE, Item, Style
from signage.model.local_time import LocalOrInstant, to_instant

CAMPAIGN_FORMAT = "signage.campaign/1"
PlacementOrder = Literal["fair", "listed"]


@dataclass(frozen=True, slots=True)
class Placement:
    """Which items show on which screens in which dayparts, and with what share. Selectors and patterns as written."""

    screens: tuple[str, ...]
    items: tuple[str, ...]
    dayparts: tuple[str, ...] = ()
    share: int = 1
    order: PlacementOrder = "fair"
    max_per_hour: int | None = None
    min_gap_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as its file defines it. *from_* and *until* are local times of *timezone*, or instants."""

    id: str
    title: str
    timezone: str
    from_: LocalOrInstant
    until: LocalOrInstant
    items: tuple[Item, ...]
    placements: tuple[Placement, ...]
    dayparts: tuple[Daypart, ...] = ()
    theme: str | None = None
    unit: str | None = None
    priority: int = 0
    report_due: LocalOrInstant | None = None
    look: Style = DEFAULT_STYLE

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def starts_at(self) -> datetime:
        """Start of the campaign's window, UTC."""
        return to_instant(self.from_, self.zone)

    @property
    def ends_at(self) -> datetime:
        """End of the campaign's window (not included), UTC."""
        return to_instant(self.until, self.zone)

    def get_item(self, item_id: str) -> Item:
        """Return the item with this id. Raises KeyError if there is none."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise KeyError(item_id)

    def get_daypart(self, daypart_id: str) -> Daypart:
        """Return the daypart with this id. Raises KeyError if there is none."""
        for daypart in self.dayparts:
            if daypart.id == daypart_id:
                return daypart
        raise KeyError(daypart_id)

    def get_item_window(self, item: Item) -> tuple[datetime, datetime]:
        """Return the window of *item* (UTC, half-open): its own window inside the campaign's."""
        begin, end = self.starts_at, self.ends_at
        if item.from_ is not None:
            begin = max(begin, to_instant(item.from_, self.zone))
        if item.until is not None:
            end = min(end, to_instant(item.until, self.zone))
        return begin, end


def format_item_ref(campaign_id: str, item_id: str) -> str:
    """Return the name of an item outside its campaign, ``campaign/item``."""
    return f"{campaign_id}/{item_id}"
