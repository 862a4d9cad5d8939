"""Incidents: reported by people, raised by the system; moved on step by step."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from signage.faults import refuse
from signage.services.incidents import incidents
from signage.services.incidents import notifications as notices
from signage.services.incidents.incidents import Incident
from signage.web.api.framework.language import language
from signage.web.api.framework.operations import Asked, Page, Paging, Resource, page_of

api = Resource("incidents")


class IncidentShown(Struct, frozen=True, kw_only=True):
    """*step*: the last that was taken; *target_at*: by when the next is due; *over_at*: when what the system had found
    was seen to be over."""

    id: int
    kind: str
    screen: str | None
    unit: str | None
    what: str
    facts: dict[str, Any]
    step: str
    next_step: str | None
    assigned: str | None
    raised_at: datetime
    raised_by: str
    target_at: datetime | None
    late: bool
    over_at: datetime | None


class StepShown(Struct, frozen=True):
    """A step that was taken, or a note; *target_at*: by when it was due."""

    step: str
    at: datetime
    who: str
    note: str
    target_at: datetime | None


class IncidentWhole(IncidentShown, frozen=True, kw_only=True):
    """An incident with its steps."""

    steps: tuple[StepShown, ...]


class NewIncident(Struct, frozen=True, kw_only=True):
    """*contact*: of whoever saw it; kept apart and erasable."""

    what: str
    screen: str | None = None
    contact: str | None = None


class NextStep(Struct, frozen=True, kw_only=True):
    """*step*: the next one (dispatched, handled, answered), or ``note``."""

    step: str
    note: str = ""
    assigned: str | None = None


class IncidentQuery(Paging, frozen=True, kw_only=True):
    """*open*: only those that were not answered."""

    open: bool = False
    step: str = ""
    screen: str = ""
    kind: str = ""


@api.get("/incidents", "incident.view", query=IncidentQuery, answer=Page[IncidentShown])
def list_(asked: Asked) -> Page[IncidentShown]:
    """Incidents, the newest first."""
    q = asked.query
    before = int(q.cursor) if q.cursor.isdecimal() and len(q.cursor) < 18 else None
    found = incidents.page(
        asked.office, before, q.limit + 1, step=q.step, screen=q.screen, kind=q.kind, open_only=q.open
    )
    return page_of([IncidentShown(**_facts(asked, one)) for one in found], q.limit, lambda one: str(one.id))


@api.post("/incidents", "incident.report", body=NewIncident, answer=IncidentWhole, status=201)
def report(asked: Asked) -> IncidentWhole:
    """Report that something is wrong."""
    body = asked.body
    config = asked.services.incident
    number = incidents.report(asked.office, asked.actor, config, body.what, body.screen, body.contact)
    return _whole(asked, number)


@api.get("/incidents/{id}", "incident.view", answer=IncidentWhole, errors=(404,))
def show(asked: Asked) -> IncidentWhole:
    """One incident with its steps."""
    return _whole(asked, _number(asked))


@api.post("/incidents/{id}/steps", "incident.change", body=NextStep, answer=IncidentWhole, errors=(404, 409))
def move(asked: Asked) -> IncidentWhole:
    """Take the next step, or add a note."""
    body, number = asked.body, _number(asked)
    config = asked.services.incident
    incidents.move(asked.office, asked.actor, config, number, body.step, body.note, body.assigned)
    return _whole(asked, number)


def _number(asked: Asked) -> int:
    if not asked.id.isdecimal() or len(asked.id) > 12:
        raise refuse("incident-unknown", asked.id[:20], number=asked.id[:20])
    return int(asked.id)


def _whole(asked: Asked, number: int) -> IncidentWhole:
    told = incidents.get(asked.office, number)
    steps = tuple(StepShown(one.step, one.at, one.who, one.note, one.target_at) for one in told.steps)
    return IncidentWhole(**_facts(asked, told.incident), steps=steps)


def _facts(asked: Asked, one: Incident) -> dict[str, Any]:
    return {
        "id": one.number,
        "kind": one.kind,
        "screen": one.screen,
        "unit": one.unit,
        "what": one.what or notices.words(one, language()),
        "facts": dict(one.facts),
        "step": one.step,
        "next_step": incidents.next_step(one.step),
        "assigned": one.assigned,
        "raised_at": one.raised_at,
        "raised_by": one.raised_by,
        "target_at": one.target_at,
        "late": incidents.is_late(one, asked.office.clock.now()),
        "over_at": one.over_at,
    }
