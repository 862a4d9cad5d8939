"""Incidents: reported by people or raised by the system; received → dispatched → handled → answered.

1. Steps are taken in their order, each once, with its time and person; a note may be added at any time.
2. Each next step has a target (``[incident]``), counted from the step before.
3. What the system finds again while its incident is open is the same incident.
4. That it is over is noted; only people answer an incident.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from signage.faults import Fault, FaultLocation, Refused, refuse
from signage.model.toml.forbidden_characters import find_forbidden_character
from signage.model.users import Actor
from signage.services.context import AppContext, AuditedTransaction
from signage.services.settings import IncidentConfig
from signage.services.units import check_unit
from signage.store import incidents
from signage.store.audit_log import PersonalValue
from signage.store.incidents import INCIDENT_STEPS, IncidentStep, IncidentStepRow
from signage.store.incidents import IncidentRow as IncidentRow
from signage.store.screens import screens
from signage.store.users import users as people

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
class IncidentView:
    """An incident with the steps that were taken."""

    incident: IncidentRow
    steps: list[IncidentStepRow]

    @property
    def next_step(self) -> IncidentStep | None:
        """The step that comes next; None once it was answered."""
        return get_next_step(self.incident.step)


def get_next_step(step: IncidentStep) -> IncidentStep | None:
    """What comes after *step*."""
    after = INCIDENT_STEPS.index(step) + 1
    return INCIDENT_STEPS[after] if after < len(INCIDENT_STEPS) else None


def report_incident(
    office: AppContext,
    actor: Actor,
    config: IncidentConfig,
    what: str,
    screen: str | None = None,
    contact: str | None = None,
) -> int:
    """Keep what a person reports; returns the incident's number. *contact*: of whoever saw it, kept erasable."""
    faults = _check_text("what", what, needed=True) + _check_text("contact", contact or "", needed=False)
    with office.transaction(actor, "incident.report", screen or "incident") as tx:
        kept = screens.get_screen(tx.connection, screen) if screen else None
        if screen and kept is None:
            faults.append(Fault("error", "screen-unknown", FaultLocation(key="screen"), {"screen": screen[:64]}))
        if faults:
            raise Refused(faults)
        unit = kept.screen.unit if kept else actor.unit
        values: dict[str, object] = {"kind": "report", "screen": screen, "unit": unit, "facts": {}}
        values["what"] = what.strip()
        number = incidents.create_incident(tx.connection, {**values, **_create_initial_values(config, tx.at, actor.id)})
        tx.add_details(number=number, what=what.strip(), **({"contact": PersonalValue(contact)} if contact else {}))
    return number


def raise_incident(tx: AuditedTransaction, config: IncidentConfig, values: dict[str, object]) -> int:
    """Keep what the system found, in its transaction; returns the incident's number."""
    number = incidents.create_incident(
        tx.connection, {"what": "", **values, **_create_initial_values(config, tx.at, tx.actor_id)}
    )
    tx.add_entry("incident.raise", str(number), **{k: v for k, v in values.items() if k != "unit"})
    return number


def advance_incident(
    office: AppContext,
    actor: Actor,
    config: IncidentConfig,
    number: int,
    step: str,
    note: str = "",
    assigned: str | None = None,
) -> None:
    """Take the next step, or add a note (*step* ``note``). Dispatching may say to whom; handling and answering how.

    Raises Refused: no such incident, another unit's, not the next step, somebody else was faster.
    """
    faults = _check_text("note", note, needed=step in ("note", "answered"))
    with office.transaction(actor, "incident.change", str(number), step=step, note=note.strip()) as tx:
        found = incidents.get_incident(tx.connection, number)
        if found is None:
            raise refuse("incident-unknown", str(number), number=number)
        check_unit(actor, found.unit, str(number))
        if step != "note" and step != get_next_step(found.step):
            raise refuse("incident-state", "step", step=step, now=found.step)
        if assigned is not None and people.get_user(tx.connection, assigned) is None:
            faults.append(Fault("error", "user-unknown", FaultLocation(key="assigned"), {"user": assigned[:64]}))
        if faults:
            raise Refused(faults)
        tx.add_details(assigned=assigned)
        due = _get_target(config, step, tx.at)
        taken = IncidentStepRow(step, tx.at, actor.id, note.strip(), found.target_at if step != "note" else None)
        incidents.record_step(tx.connection, found, taken, due, assigned or found.assigned)


def get_incident(office: AppContext, number: int) -> IncidentView:
    """An incident with its steps. Raises Refused where there is none."""
    with office.store.read() as connection:
        found = incidents.get_incident(connection, number)
        if found is None:
            raise refuse("incident-unknown", str(number), number=number)
        return IncidentView(found, incidents.list_steps(connection, number))


def list_incidents(
    office: AppContext,
    before: int | None = None,
    limit: int = 50,
    *,
    step: str = "",
    screen: str = "",
    kind: str = "",
    open_only: bool = False,
) -> list[IncidentRow]:
    """A page of incidents, the newest first."""
    with office.store.read() as connection:
        return incidents.list_incidents(connection, before, limit, step, screen, open_only, kind)


def count_open_incidents(office: AppContext) -> tuple[int, int]:
    """How many incidents are open, and how many of them are past their target."""
    with office.store.read() as connection:
        return incidents.count_open_and_overdue(connection, office.clock.now())


def is_late(incident: IncidentRow, now: datetime) -> bool:
    """Whether the next step is past its target."""
    return incident.step != "answered" and incident.target_at is not None and incident.target_at < now


def _create_initial_values(config: IncidentConfig, at: datetime, who: str) -> dict[str, object]:
    return {"raised_at": at, "raised_by": who, "target_at": _get_target(config, "received", at)}


def _get_target(config: IncidentConfig, step: str, at: datetime) -> datetime | None:
    minutes = {
        "received": config.dispatch_minutes,
        "dispatched": config.handle_minutes,
        "handled": config.answer_minutes,
    }.get(step)
    return None if minutes is None else at + timedelta(minutes=minutes)


def _check_text(key: str, text: str, *, needed: bool) -> list[Fault]:
    if not text.strip():
        return [Fault("error", "said-missing", FaultLocation(key=key))] if needed else []
    if len(text) > MAX_TEXT_CHARS:
        return [Fault("error", "said-too-long", FaultLocation(key=key), {"most": MAX_TEXT_CHARS, "length": len(text)})]
    wrong = find_forbidden_character(text, multiline=True)
    facts = {"character": wrong[0], "place": wrong[1]} if wrong else {}
    return [Fault("error", "said-forbidden", FaultLocation(key=key), facts)] if wrong else []
