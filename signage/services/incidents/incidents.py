"""Incidents: reported by people or detected by the system; received → dispatched → handled → answered.

1. Steps are taken in order, each once, with time and person; a note may be added at any time.
2. Each step has a deadline (``[incident]``), counted from the step before.
3. A cause that is detected again while its incident is open belongs to that incident.
4. A cleared cause is recorded; only people answer an incident.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from signage.faults import Fault, FaultLocation, Refused, refuse
from signage.model.users import Actor
from signage.services.context import AppContext, AuditedTransaction, check_unit
from signage.services.settings import IncidentConfig
from signage.services.text_input import check_text
from signage.store import incidents
from signage.store.audit_log import PersonalValue
from signage.store.engine import Connection
from signage.store.incidents import INCIDENT_STEPS, IncidentStep, IncidentStepRow
from signage.store.incidents import IncidentRow as IncidentRow
from signage.store.screens import screens
from signage.store.users import users

INCIDENT_KINDS = (
    "report",
    "silent",
    "silent-many",
    "faults",
    "clock",
    "disk",
    "failed-item",
    "refused-document",
    "report-due",
    "archive",
)
MAX_TEXT_CHARS = 2000


@dataclass(frozen=True, slots=True)
class DetectedIncident:
    """An incident that the system detects. *cause*: equal for detections of the same incident."""

    kind: str
    cause: str
    screen: str | None = None
    unit: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident with the steps that were taken."""

    incident: IncidentRow
    steps: list[IncidentStepRow]

    @property
    def next_step(self) -> IncidentStep | None:
        """The step that comes next; None once the incident was answered."""
        return get_next_step(self.incident.step)


def get_next_step(step: IncidentStep) -> IncidentStep | None:
    """Return the step after *step*; None after the last."""
    index = INCIDENT_STEPS.index(step) + 1
    return INCIDENT_STEPS[index] if index < len(INCIDENT_STEPS) else None


def report_incident(
    context: AppContext,
    actor: Actor,
    config: IncidentConfig,
    what: str,
    screen: str | None = None,
    contact: str | None = None,
) -> int:
    """Create the incident that a person reports; returns its number. *contact*: of the witness, stored erasably."""
    faults = check_text("what", what, MAX_TEXT_CHARS)
    faults += check_text("contact", contact or "", MAX_TEXT_CHARS, required=False)
    with context.transaction(actor, "incident.report", screen or "incident") as tx:
        row = screens.get_screen(tx.connection, screen) if screen else None
        if screen and row is None:
            faults.append(Fault("error", "screen-unknown", FaultLocation(key="screen"), {"screen": screen[:64]}))
        if faults:
            raise Refused(faults)
        values: dict[str, object] = {
            "kind": "report",
            "screen": screen,
            "unit": row.screen.unit if row else actor.unit,
            "facts": {},
            "what": what.strip(),
        }
        number = incidents.create_incident(tx.connection, {**values, **_create_initial_values(config, tx.at, actor.id)})
        tx.add_details(number=number, what=what.strip(), **({"contact": PersonalValue(contact)} if contact else {}))
    return number


def raise_incident(tx: AuditedTransaction, config: IncidentConfig, detected: DetectedIncident) -> int:
    """Create a detected incident in the transaction *tx*; returns its number."""
    values: dict[str, object] = {
        "kind": detected.kind,
        "cause": detected.cause,
        "screen": detected.screen,
        "facts": detected.facts,
    }
    initial = _create_initial_values(config, tx.at, tx.actor_id)
    number = incidents.create_incident(tx.connection, {**values, **initial, "unit": detected.unit, "what": ""})
    tx.add_entry("incident.raise", str(number), **values)
    return number


def advance_incident(
    context: AppContext,
    actor: Actor,
    config: IncidentConfig,
    number: int,
    step: str,
    note: str = "",
    assigned: str | None = None,
) -> None:
    """Take the next step, or add a note (*step* ``note``). *assigned*: to whom a dispatched incident goes.

    Raises Refused: no such incident, another unit's, not the next step (another person may have taken it).
    """
    faults = check_text("note", note, MAX_TEXT_CHARS, required=step in ("note", "answered"))
    with context.transaction(actor, "incident.change", str(number), step=step, note=note.strip()) as tx:
        incident = _get_incident(tx.connection, number)
        check_unit(actor, incident.unit, str(number))
        if step != "note" and step != get_next_step(incident.step):
            raise refuse("incident-state", "step", step=step, now=incident.step)
        if assigned is not None and users.get_user(tx.connection, assigned) is None:
            faults.append(Fault("error", "user-unknown", FaultLocation(key="assigned"), {"user": assigned[:64]}))
        if faults:
            raise Refused(faults)
        tx.add_details(assigned=assigned)
        target_at = incident.target_at if step != "note" else None
        taken = IncidentStepRow(step, tx.at, actor.id, note.strip(), target_at)
        next_target_at = _compute_target(config, step, tx.at)
        incidents.record_step(tx.connection, incident, taken, next_target_at, assigned or incident.assigned)


def get_incident(context: AppContext, number: int) -> IncidentView:
    """Return an incident with its steps. Raises Refused: it does not exist."""
    with context.store.read() as connection:
        incident = _get_incident(connection, number)
        return IncidentView(incident, incidents.list_steps(connection, number))


def list_incidents(
    context: AppContext,
    before: int | None = None,
    limit: int = 50,
    *,
    step: str = "",
    screen: str = "",
    kind: str = "",
    open_only: bool = False,
) -> list[IncidentRow]:
    """List a page of incidents, the newest first."""
    with context.store.read() as connection:
        return incidents.list_incidents(connection, before, limit, step, screen, open_only, kind)


def count_open_incidents(context: AppContext) -> tuple[int, int]:
    """Count the open incidents, and those of them past their deadline."""
    with context.store.read() as connection:
        return incidents.count_open_and_overdue(connection, context.clock.now())


def is_late(incident: IncidentRow, now: datetime) -> bool:
    """Return whether the next step is past its deadline."""
    return incident.step != "answered" and incident.target_at is not None and incident.target_at < now


def _get_incident(connection: Connection, number: int) -> IncidentRow:
    incident = incidents.get_incident(connection, number)
    if incident is None:
        raise refuse("incident-unknown", str(number), number=number)
    return incident


def _create_initial_values(config: IncidentConfig, at: datetime, who: str) -> dict[str, object]:
    return {"raised_at": at, "raised_by": who, "target_at": _compute_target(config, "received", at)}


def _compute_target(config: IncidentConfig, step: str, at: datetime) -> datetime | None:
    """Return the deadline of the step after *step*, which was taken *at*; None where there is none."""
    minutes = {
        "received": config.dispatch_minutes,
        "dispatched": config.handle_minutes,
        "handled": config.answer_minutes,
    }.get(step)
    return None if minutes is None else at + timedelta(minutes=minutes)
