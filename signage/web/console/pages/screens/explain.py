"""The explanation of what one screen shows: every rule with winner and losers, and the coming loop."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request

from signage.faults import Refused
from signage.schedule.analysis.explain import Explanation, render_trace_step
from signage.schedule.analysis.rule_trace import TraceStep
from signage.services.screens import overview as screen_overviews
from signage.services.screens.explain import explain_screen
from signage.services.screens.overview import ScreenOverview
from signage.web import now_playing
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.toolkit import N_, Form, PageGroup, RequestContext, get_language, get_request_context

pages = PageGroup("why")
_MAX_UPCOMING = 14
RULE_STAGES = (
    (N_("Takeovers"), ("takeover",)),
    (N_("Operating hours"), ("hours",)),
    (N_("Approved"), ("approved",)),
    (N_("Dates, screens, dayparts"), ("window", "consent", "screens", "daypart")),
    (N_("Items"), ("item-window", "playable")),
    (N_("Priority"), ("priority",)),
    (N_("Default campaign and built-in image"), ("default", "still")),
    (N_("Shares and order"), ("share", "order", "limits")),
    (N_("Current turn"), ("turn",)),
)


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """The outcome of one rule for one candidate."""

    candidate: str
    passed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class RuleStage:
    """A stage of the rules: the candidates that passed and those that were excluded."""

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
    """Explain what the screen shows, now or at the requested time."""
    context, form = get_request_context(), Form.from_query()
    overview = screen_overviews.get_screen(context.app, screen_id)
    zone = ZoneInfo(overview.list_row.screen_row.screen.timezone)
    at = form.get_instant("at", zone) or context.app.clock.now()
    explanation: Explanation | None = None
    with form.collect_faults():
        explanation = explain_screen(
            context.app, context.schedule_rules, context.library.create_resolver, screen_id, at
        )
    return render_page(
        "screens/explain.html",
        200,
        one=overview,
        zone=zone,
        at=at,
        asked=bool(request.args.get("at")),
        form=form,
        found=explanation,
        rungs=_build_rule_stages(explanation, zone) if explanation else (),
        coming=_list_upcoming(context, overview, at),
        panel=context.app.panels.get(overview.list_row.screen_row.screen.panel),
        now_ms=now_playing.to_epoch_ms(context.app.clock.now()),
    )


def _build_rule_stages(explanation: Explanation, zone: ZoneInfo) -> tuple[RuleStage, ...]:
    def line(step: TraceStep) -> RuleOutcome:
        return RuleOutcome(step.candidate, step.kept, render_trace_step(step, get_language(), zone))

    stages = (
        RuleStage(title, tuple(line(s) for s in explanation.trace if s.rule in rules)) for title, rules in RULE_STAGES
    )
    return tuple(rung for rung in stages if rung.outcomes)


def _list_upcoming(context: RequestContext, overview: ScreenOverview, at: datetime) -> list[UpcomingItem]:
    """List what the screen's present playlist shows from *at* on; empty where it does not cover that time."""
    try:
        timeline = now_playing.find_timeline(context.dependencies.playlists, overview.id)
    except (LookupError, Refused):
        return []
    if timeline is None or at >= timeline.playlist.expires_at:
        return []
    upcoming: list[UpcomingItem] = []
    for _ in range(_MAX_UPCOMING):
        now_showing = timeline.get_now_showing(at)
        item = timeline.playlist.items[now_showing.item] if now_showing.item else None
        media = now_playing.build_media(item) if item else {}
        label = str(media.get("label", ""))
        upcoming.append(UpcomingItem(at, now_showing.item, label, now_showing.remaining_ms / 1000, media))
        at += timedelta(milliseconds=max(1, now_showing.remaining_ms))
    return upcoming
