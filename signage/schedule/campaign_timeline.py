"""A campaign over a span of time, before it is known which screen asks: between two edges nothing of it changes.

The edges of a campaign are the same for every screen that it names in the same placements; so they are worked out
once for such screens.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from signage.model.campaign import Campaign, format_item_ref
from signage.schedule.calendars import OfficialCalendars
from signage.schedule.dayparts import get_daypart_context, list_daypart_intervals
from signage.schedule.intervals import Interval, clip_intervals, contains_instant, merge_intervals
from signage.schedule.priority import list_placed_items


@dataclass(frozen=True, slots=True)
class ActivePlacement:
    """A placement (its place, from 0) in whose dayparts we are, with the items in whose windows we are, in order."""

    number: int
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TimelineSegment:
    """While nothing changes: the placements that hold with their items, and which dayparts (by id) hold now."""

    from_: datetime
    until: datetime
    placements: tuple[ActivePlacement, ...]
    dayparts: tuple[str, ...]


class CampaignTimeline:
    """One campaign between two instants."""

    def __init__(
        self, campaign: Campaign, hidden: frozenset[str], calendars: OfficialCalendars, span: Interval
    ) -> None:
        """*hidden*: names of items that wait for approval."""
        self.campaign = campaign
        self.window = clip_intervals(merge_intervals([(campaign.starts_at, campaign.ends_at)]), *span)
        self._placed_items = tuple(list_placed_items(campaign, placement) for placement in campaign.placements)
        self._item_intervals = tuple(self._list_item_intervals(item, hidden) for item in range(len(campaign.items)))
        self._daypart_intervals = self._map_daypart_intervals(calendars)
        self._segments: dict[tuple[int, ...], tuple[TimelineSegment, ...]] = {}

    def get_segments(self, placements: tuple[int, ...]) -> tuple[TimelineSegment, ...]:
        """The phases in which any of *placements* (places, from 0) holds with an item in its window."""
        found = self._segments.get(placements)
        if found is None:
            found = self._segments[placements] = tuple(self._build_segments(placements))
        return found

    def _list_item_intervals(self, number: int, hidden: frozenset[str]) -> tuple[Interval, ...]:
        item = self.campaign.items[number]
        if format_item_ref(self.campaign.id, item.id) in hidden:
            return ()
        return merge_intervals(clip_intervals(self.window, *self.campaign.get_item_window(item)))

    def _map_daypart_intervals(self, calendars: OfficialCalendars) -> dict[str, tuple[Interval, ...]]:
        if not self.window:
            return {}
        begin, end = self.window[0]
        read = get_daypart_context(self.campaign, calendars)
        return {daypart.id: list_daypart_intervals(daypart, read, begin, end) for daypart in self.campaign.dayparts}

    def _build_segments(self, placements: tuple[int, ...]) -> list[TimelineSegment]:
        if not self.window:
            return []
        named = [part for number in placements for part in self.campaign.placements[number].dayparts]
        edges = {edge for span in self.window for edge in span}
        edges.update(edge for part in named for span in self._daypart_intervals[part] for edge in span)
        for number in {item for place in placements for item in self._placed_items[place]}:
            edges.update(edge for span in self._item_intervals[number] for edge in span)
        ordered = sorted(edges)
        found: list[TimelineSegment] = []
        for begin, end in pairwise(ordered):
            phase = self._build_segment(placements, begin, end)
            if phase.placements:
                found.append(phase)
        return found

    def _build_segment(self, placements: tuple[int, ...], begin: datetime, end: datetime) -> TimelineSegment:
        held: dict[str, bool] = {}
        now: list[ActivePlacement] = []
        for place in placements:
            parts = self.campaign.placements[place].dayparts
            for part in parts:
                held.setdefault(part, contains_instant(self._daypart_intervals[part], begin))
            if parts and not any(held[part] for part in parts):
                continue
            items = tuple(
                number for number in self._placed_items[place] if contains_instant(self._item_intervals[number], begin)
            )
            if items:
                now.append(ActivePlacement(place, items))
        return TimelineSegment(begin, end, tuple(now), tuple(part for part, holds in held.items() if holds))


def list_named_dayparts(campaign: Campaign, places: tuple[int, ...], holding: tuple[str, ...]) -> tuple[str, ...]:
    """Those of *holding* that one of the placements at *places* names, in the order in which they are named."""
    named = (part for place in places for part in campaign.placements[place].dayparts)
    return tuple(dict.fromkeys(part for part in named if part in holding))
