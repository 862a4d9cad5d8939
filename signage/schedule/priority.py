"""What of a campaign may show, in which order, and which campaigns show (contract, rules 1 and 8).

1. The campaigns that have something to show compete by priority: the highest tier alone shows, as one.
8. Campaigns by id, placements as written, items as their patterns are written, then as the file has them. An item
   matched again is not repeated, but by its own name in a ``listed`` order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from signage.faults import Fault
from signage.model.campaign import Campaign, Placement, format_item_ref
from signage.model.item import Item
from signage.model.wildcards import compile_wildcard
from signage.schedule.live_content import LiveItem, LivePlacement

LengthByItem = Mapping[str, int | Fault]
"""``campaign/item`` → its length in ms on a screen's panel, or why it cannot be played there."""


def list_placed_items(campaign: Campaign, placement: Placement) -> tuple[int, ...]:
    """The items of *placement* in the order of rule 8, as places in ``campaign.items``."""
    order: list[int] = []
    seen: set[int] = set()
    for pattern in placement.items:
        for number in _list_matching_items(campaign.items, pattern):
            if number in seen and not (placement.order == "listed" and campaign.items[number].id == pattern):
                continue
            seen.add(number)
            order.append(number)
    return tuple(order)


def _list_matching_items(items: Sequence[Item], pattern: str) -> list[int]:
    if pattern.startswith("tag:"):
        match = compile_wildcard(pattern.removeprefix("tag:"))
        return [number for number, item in enumerate(items) if any(match(tag) for tag in item.tags)]
    match = compile_wildcard(pattern)
    return [number for number, item in enumerate(items) if match(item.id)]


def get_length(lengths: LengthByItem, name: str) -> int | Fault:
    """The length of the item *name*, or why it cannot be played."""
    found = lengths.get(name)
    if found is None:
        return Fault("error", "item-length-unknown", facts={"item": name})
    if isinstance(found, int) and found <= 0:
        return Fault("error", "item-without-length", facts={"item": name})
    return found


def build_live_items(
    campaign: Campaign, items: Iterable[int], listed: bool, lengths: LengthByItem
) -> tuple[LiveItem, ...]:
    """Those of *items* that the panel can play, as live items."""
    found = []
    for number in items:
        item = campaign.items[number]
        name = format_item_ref(campaign.id, item.id)
        length = get_length(lengths, name)
        if isinstance(length, int):
            found.append(LiveItem(name, length, 1 if listed else item.weight or 1))
    return tuple(found)


def build_live_placement(campaign: Campaign, number: int, items: tuple[LiveItem, ...]) -> LivePlacement:
    """The placement at place *number* (from 0) of *campaign* with the *items* that are live."""
    placement = campaign.placements[number]
    return LivePlacement(
        campaign=campaign.id,
        number=number + 1,
        items=items,
        share=placement.share,
        listed=placement.order == "listed",
        max_per_hour=placement.max_per_hour,
        min_gap_ms=placement.min_gap_ms,
    )


@dataclass(frozen=True, slots=True)
class CampaignCandidate:
    """What one campaign has to show on one screen for a while: never without a placement."""

    campaign: str
    priority: int
    placements: tuple[LivePlacement, ...]
    dayparts: tuple[str, ...]

    @property
    def why(self) -> str:
        """The campaign and its dayparts that hold, as a document says it."""
        return f"{self.campaign} / {', '.join(self.dayparts)}" if self.dayparts else self.campaign


def select_top_tier(showable: Iterable[CampaignCandidate]) -> tuple[CampaignCandidate, ...]:
    """Those of the highest priority, in the order given."""
    every = tuple(showable)
    highest = max((one.priority for one in every), default=0)
    return tuple(one for one in every if one.priority == highest)
