"""Incidents: reported by people, raised by the system; moved on step by step."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from signage.faults import refuse
from signage.services.incidents import incidents
from signage.services.incidents import notifications as notices
from signage.services.incidents.incidents import IncidentRow
from signage.web.api.framework.operations import ApiRequest, ApiResource, PageOut, PageQuery, build_page, get_language

api = ApiResource("incidents")


class IncidentOut(Struct, frozen=True, kw_only=True):
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


class IncidentStepOut(Struct, frozen=True):
    """A step that was taken, or a note; *target_at*: by when it was due."""

    step: str
    at: datetime
    who: str
    note: str
    target_at: datetime | None


class IncidentWithStepsOut(IncidentOut, frozen=True, kw_only=True):
    """An incident with its steps."""

    steps: tuple[IncidentStepOut, ...]


class IncidentIn(Struct, frozen=True, kw_only=True):
    """*contact*: of whoever saw it; kept apart and erasable."""

    what: str
    screen: str | None = None
    contact: str | None = None


class IncidentStepIn(Struct, frozen=True, kw_only=True):
    """*step*: the next one (dispatched, handled, answered), or ``note``."""

    step: str
    note: str = ""
    assigned: str | None = None


class IncidentQuery(PageQuery, frozen=True, kw_only=True):
    """*open*: only those that were not answered."""

    open: bool = False
    step: str = ""
    screen: str = ""
    kind: str = ""


@api.get("/incidents", "incident.view", query=IncidentQuery, answer=PageOut[IncidentOut])
def list_(api_request: ApiRequest) -> PageOut[IncidentOut]:
    """Incidents, the newest first."""
    q = api_request.query
    before = int(q.cursor) if q.cursor.isdecimal() and len(q.cursor) < 18 else None
    found = incidents.list_incidents(
        api_request.app, before, q.limit + 1, step=q.step, screen=q.screen, kind=q.kind, open_only=q.open
    )
    return build_page(
        [IncidentOut(**_collect_fields(api_request, one)) for one in found], q.limit, lambda one: str(one.id)
    )


@api.post("/incidents", "incident.report", body=IncidentIn, answer=IncidentWithStepsOut, status=201)
def report(api_request: ApiRequest) -> IncidentWithStepsOut:
    """Report that something is wrong."""
    body = api_request.body
    config = api_request.dependencies.incident_config
    number = incidents.report_incident(api_request.app, api_request.actor, config, body.what, body.screen, body.contact)
    return _get_incident_with_steps(api_request, number)


@api.get("/incidents/{id}", "incident.view", answer=IncidentWithStepsOut, errors=(404,))
def show(api_request: ApiRequest) -> IncidentWithStepsOut:
    """One incident with its steps."""
    return _get_incident_with_steps(api_request, _parse_number(api_request))


@api.post(
    "/incidents/{id}/steps", "incident.change", body=IncidentStepIn, answer=IncidentWithStepsOut, errors=(404, 409)
)
def move(api_request: ApiRequest) -> IncidentWithStepsOut:
    """Take the next step, or add a note."""
    body, number = api_request.body, _parse_number(api_request)
    config = api_request.dependencies.incident_config
    incidents.advance_incident(api_request.app, api_request.actor, config, number, body.step, body.note, body.assigned)
    return _get_incident_with_steps(api_request, number)


def _parse_number(api_request: ApiRequest) -> int:
    if not api_request.id.isdecimal() or len(api_request.id) > 12:
        raise refuse("incident-unknown", api_request.id[:20], number=api_request.id[:20])
    return int(api_request.id)


def _get_incident_with_steps(api_request: ApiRequest, number: int) -> IncidentWithStepsOut:
    told = incidents.get_incident(api_request.app, number)
    steps = tuple(IncidentStepOut(one.step, one.at, one.who, one.note, one.target_at) for one in told.steps)
    return IncidentWithStepsOut(**_collect_fields(api_request, told.incident), steps=steps)


def _collect_fields(api_request: ApiRequest, one: IncidentRow) -> dict[str, Any]:
    return {
        "id": one.number,
        "kind": one.kind,
        "screen": one.screen,
        "unit": one.unit,
        "what": one.what or notices.describe_incident(one, get_language()),
        "facts": dict(one.facts),
        "step": one.step,
        "next_step": incidents.get_next_step(one.step),
        "assigned": one.assigned,
        "raised_at": one.raised_at,
        "raised_by": one.raised_by,
        "target_at": one.target_at,
        "late": incidents.is_late(one, api_request.app.clock.now()),
        "over_at": one.over_at,
    }
