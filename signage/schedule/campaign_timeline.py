"""The timeline of a campaign, independent of the screen: segments between whose edges nothing changes.

The edges of a campaign are equal for all screens that the same placements target, so they are computed once for them.
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
    """A placement (its index) with an active daypart, and its items with an open window, in order."""

    number: int
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TimelineSegment:
    """An interval without changes: the active placements with their items, and the ids of the active dayparts."""

    from_: datetime
    until: datetime
    placements: tuple[ActivePlacement, ...]
    dayparts: tuple[str, ...]


class CampaignTimeline:
    """One campaign between two instants."""

    def __init__(
        self, campaign: Campaign, hidden: frozenset[str], calendars: OfficialCalendars, period: Interval
    ) -> None:
        """*hidden*: names of unapproved items."""
        self.campaign = campaign
        self.window = clip_intervals(merge_intervals([(campaign.starts_at, campaign.ends_at)]), *period)
        self._placed_items = tuple(list_placed_items(campaign, placement) for placement in campaign.placements)
        self._item_intervals = tuple(self._list_item_intervals(item, hidden) for item in range(len(campaign.items)))
        self._daypart_intervals = self._map_daypart_intervals(calendars)
        self._segments: dict[tuple[int, ...], tuple[TimelineSegment, ...]] = {}

    def get_segments(self, placements: tuple[int, ...]) -> tuple[TimelineSegment, ...]:
        """Return the segments in which any of *placements* (indices) is active with an item in its window."""
        segments = self._segments.get(placements)
        if segments is None:
            segments = self._segments[placements] = tuple(self._build_segments(placements))
        return segments

    def _list_item_intervals(self, number: int, hidden: frozenset[str]) -> tuple[Interval, ...]:
        item = self.campaign.items[number]
        if format_item_ref(self.campaign.id, item.id) in hidden:
            return ()
        return merge_intervals(clip_intervals(self.window, *self.campaign.get_item_window(item)))

    def _map_daypart_intervals(self, calendars: OfficialCalendars) -> dict[str, tuple[Interval, ...]]:
        if not self.window:
            return {}
        begin, end = self.window[0]
        context = get_daypart_context(self.campaign, calendars)
        return {daypart.id: list_daypart_intervals(daypart, context, begin, end) for daypart in self.campaign.dayparts}

    def _build_segments(self, placements: tuple[int, ...]) -> list[TimelineSegment]:
        if not self.window:
            return []
        dayparts = [part for index in placements for part in self.campaign.placements[index].dayparts]
        edges = {edge for interval in self.window for edge in interval}
        edges.update(edge for part in dayparts for interval in self._daypart_intervals[part] for edge in interval)
        for number in {item for index in placements for item in self._placed_items[index]}:
            edges.update(edge for interval in self._item_intervals[number] for edge in interval)
        segments = (self._build_segment(placements, begin, end) for begin, end in pairwise(sorted(edges)))
        return [segment for segment in segments if segment.placements]

    def _build_segment(self, placements: tuple[int, ...], begin: datetime, end: datetime) -> TimelineSegment:
        is_active: dict[str, bool] = {}
        active: list[ActivePlacement] = []
        for index in placements:
            parts = self.campaign.placements[index].dayparts
            for part in parts:
                is_active.setdefault(part, contains_instant(self._daypart_intervals[part], begin))
            if parts and not any(is_active[part] for part in parts):
                continue
            items = tuple(
                number for number in self._placed_items[index] if contains_instant(self._item_intervals[number], begin)
            )
            if items:
                active.append(ActivePlacement(index, items))
        return TimelineSegment(begin, end, tuple(active), tuple(part for part in is_active if is_active[part]))


def list_named_dayparts(campaign: Campaign, placements: tuple[int, ...], active: tuple[str, ...]) -> tuple[str, ...]:
    """Return the *active* dayparts of the placements at these indices, in the order in which they are named."""
    named = (part for index in placements for part in campaign.placements[index].dayparts)
    return tuple(dict.fromkeys(part for part in named if part in active))
