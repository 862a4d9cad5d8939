"""A campaign over a span of time, before it is known which screen asks: between two edges nothing of it changes.

The edges of a campaign are the same for every screen that it names in the same placements; so they are worked out
once for such screens.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from signage.model.campaign import Campaign, ref
from signage.schedule.calendars import Calendars
from signage.schedule.dayparts import frame, spans
from signage.schedule.intervals import Span, clipped, inside, merged
from signage.schedule.priority import placed_items


@dataclass(frozen=True, slots=True)
class OpenPlacement:
    """A placement (its place, from 0) in whose dayparts we are, with the items in whose windows we are, in order."""

    number: int
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Phase:
    """While nothing changes: the placements that hold with their items, and which dayparts (by id) hold now."""

    from_: datetime
    until: datetime
    placements: tuple[OpenPlacement, ...]
    dayparts: tuple[str, ...]


class Course:
    """One campaign between two instants."""

    def __init__(self, campaign: Campaign, hidden: frozenset[str], calendars: Calendars, span: Span) -> None:
        """*hidden*: names of items that wait for approval."""
        self.campaign = campaign
        self.window = clipped(merged([(campaign.starts_at, campaign.ends_at)]), *span)
        self._items = tuple(placed_items(campaign, placement) for placement in campaign.placements)
        self._open = tuple(self._item_window(item, hidden) for item in range(len(campaign.items)))
        self._dayparts = self._daypart_spans(calendars)
        self._phases: dict[tuple[int, ...], tuple[Phase, ...]] = {}

    def phases(self, placements: tuple[int, ...]) -> tuple[Phase, ...]:
        """The phases in which any of *placements* (places, from 0) holds with an item in its window."""
        found = self._phases.get(placements)
        if found is None:
            found = self._phases[placements] = tuple(self._cut(placements))
        return found

    def _item_window(self, number: int, hidden: frozenset[str]) -> tuple[Span, ...]:
        item = self.campaign.items[number]
        if ref(self.campaign.id, item.id) in hidden:
            return ()
        return merged(clipped(self.window, *self.campaign.window_of(item)))

    def _daypart_spans(self, calendars: Calendars) -> dict[str, tuple[Span, ...]]:
        if not self.window:
            return {}
        begin, end = self.window[0]
        read = frame(self.campaign, calendars)
        return {daypart.id: spans(daypart, read, begin, end) for daypart in self.campaign.dayparts}

    def _cut(self, placements: tuple[int, ...]) -> list[Phase]:
        if not self.window:
            return []
        named = [part for number in placements for part in self.campaign.placements[number].dayparts]
        edges = {edge for span in self.window for edge in span}
        edges.update(edge for part in named for span in self._dayparts[part] for edge in span)
        for number in {item for place in placements for item in self._items[place]}:
            edges.update(edge for span in self._open[number] for edge in span)
        ordered = sorted(edges)
        found: list[Phase] = []
        for begin, end in pairwise(ordered):
            phase = self._phase(placements, begin, end)
            if phase.placements:
                found.append(phase)
        return found

    def _phase(self, placements: tuple[int, ...], begin: datetime, end: datetime) -> Phase:
        held: dict[str, bool] = {}
        now: list[OpenPlacement] = []
        for place in placements:
            parts = self.campaign.placements[place].dayparts
            for part in parts:
                held.setdefault(part, inside(self._dayparts[part], begin))
            if parts and not any(held[part] for part in parts):
                continue
            items = tuple(number for number in self._items[place] if inside(self._open[number], begin))
            if items:
                now.append(OpenPlacement(place, items))
        return Phase(begin, end, tuple(now), tuple(part for part, holds in held.items() if holds))


def named_dayparts(campaign: Campaign, places: tuple[int, ...], holding: tuple[str, ...]) -> tuple[str, ...]:
    """Those of *holding* that one of the placements at *places* names, in the order in which they are named."""
    named = (part for place in places for part in campaign.placements[place].dayparts)
    return tuple(dict.fromkeys(part for part in named if part in holding))
