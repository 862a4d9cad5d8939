"""Incidents: reported by people or detected by the system, advanced step by step."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from signage.faults import refuse
from signage.services.incidents import incidents, notifications
from signage.services.incidents.incidents import IncidentRow
from signage.web.api.framework.operations import (
    ApiRequest,
    ApiResource,
    PageOut,
    PageQuery,
    build_page,
    get_language,
    parse_numeric_cursor,
)

api = ApiResource("incidents")


class IncidentOut(Struct, frozen=True, kw_only=True):
    """*step*: the latest; *target_at*: when the next is due; *over_at*: when a detected fault was seen to be over."""

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
    """A step or a note; *target_at*: when the step was due."""

    step: str
    at: datetime
    who: str
    note: str
    target_at: datetime | None


class IncidentWithStepsOut(IncidentOut, frozen=True, kw_only=True):
    """An incident with its steps."""

    steps: tuple[IncidentStepOut, ...]


class IncidentIn(Struct, frozen=True, kw_only=True):
    """*contact*: of the person who saw it; stored separately and erasable."""

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
    """List incidents, newest first."""
    query = api_request.query
    before = parse_numeric_cursor(query.cursor)
    rows = incidents.list_incidents(
        api_request.app,
        before,
        query.limit + 1,
        step=query.step,
        screen=query.screen,
        kind=query.kind,
        open_only=query.open,
    )
    return build_page(
        [IncidentOut(**_collect_fields(api_request, row)) for row in rows], query.limit, lambda row: str(row.id)
    )


@api.post("/incidents", "incident.report", body=IncidentIn, answer=IncidentWithStepsOut, status=201)
def report(api_request: ApiRequest) -> IncidentWithStepsOut:
    """Report an incident."""
    body = api_request.body
    config = api_request.dependencies.incident_config
    number = incidents.report_incident(api_request.app, api_request.actor, config, body.what, body.screen, body.contact)
    return _get_incident_with_steps(api_request, number)


@api.get("/incidents/{id}", "incident.view", answer=IncidentWithStepsOut, errors=(404,))
def show(api_request: ApiRequest) -> IncidentWithStepsOut:
    """Get an incident with its steps."""
    return _get_incident_with_steps(api_request, _parse_number(api_request))


@api.post(
    "/incidents/{id}/steps", "incident.change", body=IncidentStepIn, answer=IncidentWithStepsOut, errors=(404, 409)
)
def move(api_request: ApiRequest) -> IncidentWithStepsOut:
    """Advance an incident to the next step, or add a note."""
    body, number = api_request.body, _parse_number(api_request)
    config = api_request.dependencies.incident_config
    incidents.advance_incident(api_request.app, api_request.actor, config, number, body.step, body.note, body.assigned)
    return _get_incident_with_steps(api_request, number)


def _parse_number(api_request: ApiRequest) -> int:
    if not api_request.id.isdecimal() or len(api_request.id) > 12:
        raise refuse("incident-unknown", api_request.id[:20], number=api_request.id[:20])
    return int(api_request.id)


def _get_incident_with_steps(api_request: ApiRequest, number: int) -> IncidentWithStepsOut:
    view = incidents.get_incident(api_request.app, number)
    steps = tuple(IncidentStepOut(step.step, step.at, step.who, step.note, step.target_at) for step in view.steps)
    return IncidentWithStepsOut(**_collect_fields(api_request, view.incident), steps=steps)


def _collect_fields(api_request: ApiRequest, row: IncidentRow) -> dict[str, Any]:
    return {
        "id": row.number,
        "kind": row.kind,
        "screen": row.screen,
        "unit": row.unit,
        "what": row.what or notifications.describe_incident(row, get_language()),
        "facts": dict(row.facts),
        "step": row.step,
        "next_step": incidents.get_next_step(row.step),
        "assigned": row.assigned,
        "raised_at": row.raised_at,
        "raised_by": row.raised_by,
        "target_at": row.target_at,
        "late": incidents.is_late(row, api_request.app.clock.now()),
        "over_at": row.over_at,
    }
