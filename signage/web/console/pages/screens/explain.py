"""Why this, now: the ladder of rules for one screen with the winner and what lost, and the coming loop."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request

from signage.faults import Refused
from signage.schedule.analysis.explain import Explanation, render_trace_step
from signage.schedule.analysis.rule_trace import TraceStep
from signage.services.screens import overview as wall
from signage.services.screens.explain import explain_screen
from signage.services.screens.overview import ScreenOverview
from signage.web import now_playing as showing_now
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.toolkit import N_, Form, PageGroup, RequestContext, get_language, get_request_context

pages = PageGroup("why")
_MAX_UPCOMING = 14
RULE_STAGES = (
    (N_("Takeovers"), ("takeover",)),
    (N_("Operating hours"), ("hours",)),
    (N_("Approved"), ("approved",)),
    (N_("Window, screens, daypart"), ("window", "screens", "daypart")),
    (N_("Items"), ("item-window", "playable")),
    (N_("Priority"), ("priority",)),
    (N_("Default and still"), ("default", "still")),
    (N_("Shares and order"), ("share", "order", "limits")),
    (N_("Whose turn it is"), ("turn",)),
)


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """One rule's word on one candidate."""

    candidate: str
    passed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class RuleStage:
    """A step of the ladder: those that stayed, those that fell."""

    title: str
    outcomes: tuple[RuleOutcome, ...]

    @property
    def passed(self) -> tuple[RuleOutcome, ...]:
        return tuple(line for line in self.outcomes if line.passed)

    @property
    def excluded(self) -> tuple[RuleOutcome, ...]:
        return tuple(line for line in self.outcomes if not line.passed)


@dataclass(frozen=True, slots=True)
class UpcomingItem:
    """An item of the coming loop."""

    at: datetime
    item: str | None
    label: str
    duration_s: float
    media: dict[str, Any]


@pages.get("/screens/<screen_id>/why", "screen.view")
def show(screen_id: str) -> Response:
    """The answer for now, or for the time asked about."""
    now, form = get_request_context(), Form.from_query()
    one = wall.get_screen(now.app, screen_id)
    zone = ZoneInfo(one.list_row.screen_row.screen.timezone)
    at = form.get_instant("at", zone) or now.app.clock.now()
    found: Explanation | None = None
    with form.collect_faults():
        found = explain_screen(now.app, now.schedule_rules, now.library.create_resolver, screen_id, at)
    return render_page(
        "why.html",
        200,
        one=one,
        zone=zone,
        at=at,
        asked=bool(request.args.get("at")),
        form=form,
        found=found,
        rungs=_build_rule_stages(found, zone) if found else (),
        coming=_list_upcoming(now, one, at),
        panel=now.app.panels.get(one.list_row.screen_row.screen.panel),
        now_ms=showing_now.to_epoch_ms(now.app.clock.now()),
    )


def _build_rule_stages(found: Explanation, zone: ZoneInfo) -> tuple[RuleStage, ...]:
    def line(step: TraceStep) -> RuleOutcome:
        return RuleOutcome(step.candidate, step.kept, render_trace_step(step, get_language(), zone))

    rungs = (RuleStage(title, tuple(line(s) for s in found.trace if s.rule in rules)) for title, rules in RULE_STAGES)
    return tuple(rung for rung in rungs if rung.outcomes)


def _list_upcoming(now: RequestContext, one: ScreenOverview, at: datetime) -> list[UpcomingItem]:
    """What the screen's present document shows from *at* on; nothing where it does not cover that."""
    try:
        shows = showing_now.find_timeline(now.dependencies.playlists, one.id)
    except (LookupError, Refused):
        return []
    if shows is None or at >= shows.playlist.expires_at:
        return []
    found: list[UpcomingItem] = []
    for _ in range(_MAX_UPCOMING):
        showing = shows.get_now_showing(at)
        item = shows.playlist.items[showing.item] if showing.item else None
        media = showing_now.build_media(item) if item else {}
        label = str(media.get("label", ""))
        found.append(UpcomingItem(at, showing.item, label, showing.remaining_ms / 1000, media))
        at += timedelta(milliseconds=max(1, showing.remaining_ms))
    return found
