"""Why this, now: the ladder of rules for one screen with the winner and what lost, and the coming loop."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request

from signage.faults import Refused
from signage.schedule.analysis.explain import Explanation, sentence
from signage.schedule.analysis.rule_trace import Step
from signage.services.screens import overview as wall
from signage.services.screens.explain import explanation
from signage.services.screens.overview import OnWall
from signage.web import now_playing as showing_now
from signage.web.console.framework.formatting import render
from signage.web.console.framework.toolkit import N_, Form, Here, Pages, here, language

pages = Pages("why")
_AHEAD = 14
RUNGS = (
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
class Line:
    """One rule's word on one candidate."""

    candidate: str
    kept: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of the ladder: those that stayed, those that fell."""

    title: str
    lines: tuple[Line, ...]

    @property
    def kept(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.kept)

    @property
    def lost(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if not line.kept)


@dataclass(frozen=True, slots=True)
class Coming:
    """An item of the coming loop."""

    at: datetime
    item: str | None
    label: str
    seconds: float
    media: dict[str, Any]


@pages.get("/screens/<screen_id>/why", "screen.view")
def show(screen_id: str) -> Response:
    """The answer for now, or for the time asked about."""
    now, form = here(), Form.query()
    one = wall.one(now.office, screen_id)
    zone = ZoneInfo(one.listed.kept.screen.timezone)
    at = form.moment("at", zone) or now.office.clock.now()
    found: Explanation | None = None
    with form.catching():
        found = explanation(now.office, now.rules, now.library.contents, screen_id, at)
    return render(
        "why.html",
        200,
        one=one,
        zone=zone,
        at=at,
        asked=bool(request.args.get("at")),
        form=form,
        found=found,
        rungs=_rungs(found, zone) if found else (),
        coming=_coming(now, one, at),
        panel=now.office.panels.get(one.listed.kept.screen.panel),
        now_ms=showing_now.to_ms(now.office.clock.now()),
    )


def _rungs(found: Explanation, zone: ZoneInfo) -> tuple[Rung, ...]:
    def line(step: Step) -> Line:
        return Line(step.candidate, step.kept, sentence(step, language(), zone))

    rungs = (Rung(title, tuple(line(s) for s in found.trail if s.rule in rules)) for title, rules in RUNGS)
    return tuple(rung for rung in rungs if rung.lines)


def _coming(now: Here, one: OnWall, at: datetime) -> list[Coming]:
    """What the screen's present document shows from *at* on; nothing where it does not cover that."""
    try:
        shows = showing_now.shows(now.services.shelf, one.id)
    except (LookupError, Refused):
        return []
    if shows is None or at >= shows.playlist.expires_at:
        return []
    found: list[Coming] = []
    for _ in range(_AHEAD):
        showing = shows.at(at)
        item = shows.playlist.items[showing.item] if showing.item else None
        media = showing_now.as_media(item) if item else {}
        label = str(media.get("label", ""))
        found.append(Coming(at, showing.item, label, showing.remaining_ms / 1000, media))
        at += timedelta(milliseconds=max(1, showing.remaining_ms))
    return found
