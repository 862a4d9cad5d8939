"""The rule trace of an explanation: each rule that kept or dropped each candidate, in the order of the rules.

A step is a code with facts; its sentence is rendered in the reader's language.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from signage.faults import Fault
from signage.model.campaign import Campaign, Placement, format_item_ref
from signage.model.consent import Consent
from signage.model.screen import Screen
from signage.schedule.consents import (
    UNCONDITIONAL,
    Permission,
    covers_campaign,
    find_permission,
    get_rights,
    needs_consent,
)
from signage.schedule.dayparts import get_daypart_context, is_daypart_active
from signage.schedule.live_content import LivePlacement
from signage.schedule.priority import (
    CampaignCandidate,
    LengthByItem,
    build_live_items,
    build_live_placement,
    get_length,
    list_placed_items,
)
from signage.schedule.snapshot import ScheduleSnapshot
from signage.schedule.targets import matches_screen

TraceRule = Literal[
    "takeover", "hours", "approved", "window", "consent", "screens", "daypart", "item-window", "playable", "priority",
    "default", "still", "share", "order", "turn", "limits",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class TraceStep:
    """The result of one rule for one candidate: a takeover, campaign, placement (``ID#2``), item, or the still."""

    rule: TraceRule
    candidate: str
    kept: bool
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


class CampaignTrace:
    """The trace of one campaign on one screen at one instant: *steps*, and the live *candidate*."""

    def __init__(
        self,
        snapshot: ScheduleSnapshot,
        campaign: Campaign,
        screen: Screen,
        lengths: LengthByItem,
        at: datetime,
        *,
        is_default: bool = False,
    ) -> None:
        """*is_default*: as the default campaign of *screen*, whatever screens it targets."""
        self.campaign = campaign
        self._screen = screen
        self._is_default = is_default
        self._lengths = lengths
        self._at = at
        self._unapproved = snapshot.unapproved
        self._consents = None if snapshot.consents is None else get_rights(snapshot, screen).consents
        self._permission: Permission = UNCONDITIONAL
        self._daypart_context = get_daypart_context(campaign, snapshot.calendars)
        self.candidate: CampaignCandidate | None = None
        self.steps = tuple(self._trace_campaign())

    def _trace_campaign(self) -> Iterator[TraceStep]:
        campaign, name = self.campaign, self.campaign.id
        if name in self._unapproved:
            yield TraceStep("approved", name, False, "not-approved")
            return
        window = {"from": campaign.starts_at, "until": campaign.ends_at}
        if self._at < campaign.starts_at:
            yield TraceStep("window", name, False, "window-before", window)
            return
        if self._at >= campaign.ends_at:
            yield TraceStep("window", name, False, "window-over", window)
            return
        yield TraceStep("window", name, True, "window-holds", window)
        if self._consents is not None and self._is_targeted() and needs_consent(campaign, self._screen):
            permission = find_permission(campaign, self._screen, self._consents, self._at)
            yield self._trace_consent(permission, self._consents)
            if permission is None:
                return
            self._permission = permission
        live: list[LivePlacement] = []
        dayparts: list[str] = []
        for number, placement in enumerate(campaign.placements):
            yield from self._trace_placement(number, placement, live, dayparts)
        if live:
            daypart_ids = tuple(dict.fromkeys(dayparts))
            self.candidate = CampaignCandidate(
                name, self._permission.cap_priority(campaign.priority), tuple(live), daypart_ids
            )

    def _is_targeted(self) -> bool:
        return self._is_default or any(matches_screen(p.screens, self._screen) for p in self.campaign.placements)

    def _trace_consent(self, permission: Permission | None, consents: Iterable[Consent]) -> TraceStep:
        """Return which consent allows the campaign on the screen of another unit, or why none does."""
        facts: dict[str, object] = {"unit": self._screen.unit, "to": self.campaign.unit}
        if permission is not None and permission.consent is not None:
            consent = permission.consent
            caps = {
                "share": consent.max_share or "—",
                "priority": "—" if consent.max_priority is None else consent.max_priority,
            }
            is_capped = (consent.max_share, consent.max_priority) != (None, None)
            code = "consent-holds-capped" if is_capped else "consent-holds"
            return TraceStep("consent", self.campaign.id, True, code, facts | {"consent": consent.id} | caps)
        covering = [consent for consent in consents if covers_campaign(consent, self.campaign)]
        if not covering:
            return TraceStep("consent", self.campaign.id, False, "consent-missing", facts)
        last = covering[-1]
        facts |= {"consent": last.id, "hours": str(last.hours), "until": last.until}
        is_over = last.until is not None and last.until <= self._at
        return TraceStep("consent", self.campaign.id, False, "consent-over" if is_over else "consent-not-now", facts)

    def _trace_placement(
        self, number: int, placement: Placement, live: list[LivePlacement], dayparts: list[str]
    ) -> Iterator[TraceStep]:
        name = f"{self.campaign.id}#{number + 1}"
        if not self._is_default:
            matches = matches_screen(placement.screens, self._screen)
            code = "screens-named" if matches else "screens-others"
            yield TraceStep("screens", name, matches, code, {"screens": " ".join(placement.screens)})
            if not matches:
                return
        active = [
            p
            for p in placement.dayparts
            if is_daypart_active(self.campaign.get_daypart(p), self._daypart_context, self._at)
        ]
        if placement.dayparts and not active:
            yield TraceStep("daypart", name, False, "daypart-none", {"dayparts": ", ".join(placement.dayparts)})
            return
        code = "daypart-holds" if placement.dayparts else "daypart-always"
        yield TraceStep("daypart", name, True, code, {"dayparts": ", ".join(active)})
        open_items = []
        for item in dict.fromkeys(list_placed_items(self.campaign, placement)):
            step = self._trace_item(item)
            yield step
            if step.kept:
                open_items.append(item)
        order = [item for item in list_placed_items(self.campaign, placement) if item in open_items]
        items = build_live_items(self.campaign, order, placement.order == "listed", self._lengths)
        if items:
            live.append(build_live_placement(self.campaign, number, items, self._permission.max_share))
            dayparts += active

    def _trace_item(self, number: int) -> TraceStep:
        item = self.campaign.items[number]
        name = format_item_ref(self.campaign.id, item.id)
        if name in self._unapproved:
            return TraceStep("approved", name, False, "not-approved")
        begin, end = self.campaign.get_item_window(item)
        if not begin <= self._at < end:
            code = "window-before" if self._at < begin else "window-over"
            return TraceStep("item-window", name, False, code, {"from": begin, "until": end})
        length = get_length(self._lengths, name)
        if isinstance(length, Fault):
            return TraceStep("playable", name, False, "cannot-play", {"fault": length})
        return TraceStep("playable", name, True, "can-play", {"seconds": _format_seconds(length)})


def _format_seconds(ms: int) -> str:
    return f"{ms / 1000:g}"
