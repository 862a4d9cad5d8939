"""The live items of a campaign, their order, and the campaigns that show (contract, rules 1 and 8).

1. The campaigns with live content compete by priority: only the highest tier shows, as one.
8. Campaigns in the order of their ids, placements as written, items in the order of their patterns, then of the file.
   An item that is matched again is not repeated, except by its own name in a ``listed`` order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from signage.faults import Fault
from signage.model.campaign import Campaign, Placement, format_item_ref
from signage.model.item import Item
from signage.model.wildcards import compile_wildcard
from signage.schedule.live_content import LiveItem, LivePlacement

LengthByItem = Mapping[str, int | Fault]
"""``campaign/item`` → its length in ms on a panel, or the reason why it cannot be played there."""


def list_placed_items(campaign: Campaign, placement: Placement) -> tuple[int, ...]:
    """Return the items of *placement* in the order of rule 8, as indices into ``campaign.items``."""
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
    """Return the length of the item *name*, or the reason why it cannot be played."""
    length = lengths.get(name)
    if length is None:
        return Fault("error", "item-length-unknown", facts={"item": name})
    if isinstance(length, int) and length <= 0:
        return Fault("error", "item-without-length", facts={"item": name})
    return length


def build_live_items(
    campaign: Campaign, items: Iterable[int], listed: bool, lengths: LengthByItem
) -> tuple[LiveItem, ...]:
    """Return those of *items* that the panel can play, as live items."""
    live = []
    for number in items:
        item = campaign.items[number]
        name = format_item_ref(campaign.id, item.id)
        length = get_length(lengths, name)
        if isinstance(length, int):
            live.append(LiveItem(name, length, 1 if listed else item.weight or 1))
    return tuple(live)


def build_live_placement(
    campaign: Campaign, number: int, items: tuple[LiveItem, ...], max_share: int | None = None
) -> LivePlacement:
    """Return the placement at index *number* of *campaign* with its live *items*; its share is at most *max_share*."""
    placement = campaign.placements[number]
    return LivePlacement(
        campaign=campaign.id,
        number=number + 1,
        items=items,
        share=placement.share if max_share is None else min(placement.share, max_share),
        listed=placement.order == "listed",
        max_per_hour=placement.max_per_hour,
        min_gap_ms=placement.min_gap_ms,
    )


@dataclass(frozen=True, slots=True)
class CampaignCandidate:
    """The live content of one campaign on one screen during an interval: at least one placement."""

    campaign: str
    priority: int
    placements: tuple[LivePlacement, ...]
    dayparts: tuple[str, ...]

    @property
    def why(self) -> str:
        """The campaign and its active dayparts, as in the playlist."""
        return f"{self.campaign} / {', '.join(self.dayparts)}" if self.dayparts else self.campaign


def select_top_tier(candidates: Iterable[CampaignCandidate]) -> tuple[CampaignCandidate, ...]:
    """Return the candidates of the highest priority, in the given order."""
    candidates = tuple(candidates)
    highest = max((candidate.priority for candidate in candidates), default=0)
    return tuple(candidate for candidate in candidates if candidate.priority == highest)
