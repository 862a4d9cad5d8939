"""The trail of an answer: each rule that kept or dropped each candidate, in the order in which the rules ask.

A step is a code with facts; the sentence is made in the reader's language (``messages/schedule.toml``).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from signage.faults import Fault
from signage.model.campaign import Campaign, Placement, ref
from signage.model.screen import Screen
from signage.schedule.dayparts import frame, holds
from signage.schedule.live_content import LivePlacement
from signage.schedule.priority import Lengths, Showable, length_of, live_items, live_placement, placed_items
from signage.schedule.snapshot import Installation
from signage.schedule.targets import matches

Rule = Literal[
    "takeover", "hours", "approved", "window", "screens", "daypart", "item-window", "playable", "priority", "default",
    "still", "share", "order", "turn", "limits",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One rule's word on one candidate: a takeover, a campaign, a placement (``ID#2``), an item, the still."""

    rule: Rule
    candidate: str
    kept: bool
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


class CampaignTrail:
    """One campaign asked for one screen at one instant: *steps*, and what it has to show."""

    def __init__(
        self, installation: Installation, campaign: Campaign, screen: Screen | None, lengths: Lengths, at: datetime
    ) -> None:
        """*screen* None: on any screen, as a default campaign."""
        self.campaign = campaign
        self._screen = screen
        self._lengths = lengths
        self._at = at
        self._hidden = installation.unapproved
        self._frame = frame(campaign, installation.calendars)
        self.showable: Showable | None = None
        self.steps = tuple(self._ask())

    def _ask(self) -> Iterator[Step]:
        campaign, name = self.campaign, self.campaign.id
        if name in self._hidden:
            yield Step("approved", name, False, "not-approved")
            return
        window = {"from": campaign.starts_at, "until": campaign.ends_at}
        if self._at < campaign.starts_at:
            yield Step("window", name, False, "window-before", window)
            return
        if self._at >= campaign.ends_at:
            yield Step("window", name, False, "window-over", window)
            return
        yield Step("window", name, True, "window-holds", window)
        live: list[LivePlacement] = []
        parts: list[str] = []
        for number, placement in enumerate(campaign.placements):
            yield from self._ask_placement(number, placement, live, parts)
        if live:
            named = tuple(dict.fromkeys(parts))
            self.showable = Showable(name, campaign.priority, tuple(live), named)

    def _ask_placement(
        self, number: int, placement: Placement, live: list[LivePlacement], parts: list[str]
    ) -> Iterator[Step]:
        name = f"{self.campaign.id}#{number + 1}"
        if self._screen is not None:
            named = matches(placement.screens, self._screen)
            code = "screens-named" if named else "screens-others"
            yield Step("screens", name, named, code, {"screens": " ".join(placement.screens)})
            if not named:
                return
        holding = [p for p in placement.dayparts if holds(self.campaign.daypart(p), self._frame, self._at)]
        if placement.dayparts and not holding:
            yield Step("daypart", name, False, "daypart-none", {"dayparts": ", ".join(placement.dayparts)})
            return
        code = "daypart-holds" if placement.dayparts else "daypart-always"
        yield Step("daypart", name, True, code, {"dayparts": ", ".join(holding)})
        open_items = []
        for item in dict.fromkeys(placed_items(self.campaign, placement)):
            step = self._ask_item(item)
            yield step
            if step.kept:
                open_items.append(item)
        order = [item for item in placed_items(self.campaign, placement) if item in open_items]
        items = live_items(self.campaign, order, placement.order == "listed", self._lengths)
        if items:
            live.append(live_placement(self.campaign, number, items))
            parts += holding

    def _ask_item(self, number: int) -> Step:
        item = self.campaign.items[number]
        name = ref(self.campaign.id, item.id)
        if name in self._hidden:
            return Step("approved", name, False, "not-approved")
        begin, end = self.campaign.window_of(item)
        if not begin <= self._at < end:
            code = "window-before" if self._at < begin else "window-over"
            return Step("item-window", name, False, code, {"from": begin, "until": end})
        length = length_of(self._lengths, name)
        if isinstance(length, Fault):
            return Step("playable", name, False, "cannot-play", {"fault": length})
        return Step("playable", name, True, "can-play", {"seconds": _seconds(length)})


def _seconds(ms: int) -> str:
    return f"{ms / 1000:g}"
