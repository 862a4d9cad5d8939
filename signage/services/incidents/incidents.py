"""Incidents: reported by people or raised by the system; received → dispatched → handled → answered.

1. Steps are taken in their order, each once, with its time and person; a note may be added at any time.
2. Each next step has a target (``[incident]``), counted from the step before.
3. What the system finds again while its incident is open is the same incident.
4. That it is over is noted; only people answer an incident.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from signage.faults import Fault, Place, Refused, refuse
from signage.model.toml.forbidden_characters import forbidden
from signage.model.users import Actor
from signage.services.context import Office, Transaction
from signage.services.settings import IncidentConfig
from signage.services.units import check_unit
from signage.store import incidents
from signage.store.audit_log import Personal
from signage.store.incidents import STEPS, Step, Taken
from signage.store.incidents import Incident as Incident
from signage.store.screens import screens
from signage.store.users import users as people

KINDS = (
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
MOST_WHAT = 2000


@dataclass(frozen=True, slots=True)
class Told:
    """An incident with the steps that were taken."""

    incident: Incident
    steps: list[Taken]

    @property
    def next_step(self) -> Step | None:
        """The step that comes next; None once it was answered."""
        return next_step(self.incident.step)


def next_step(step: Step) -> Step | None:
    """What comes after *step*."""
    after = STEPS.index(step) + 1
    return STEPS[after] if after < len(STEPS) else None


def report(
    office: Office,
    actor: Actor,
    config: IncidentConfig,
    what: str,
    screen: str | None = None,
    contact: str | None = None,
) -> int:
    """Keep what a person reports; returns the incident's number. *contact*: of whoever saw it, kept erasable."""
    faults = _said("what", what, needed=True) + _said("contact", contact or "", needed=False)
    with office.act(actor, "incident.report", screen or "incident") as tx:
        kept = screens.get(tx.connection, screen) if screen else None
        if screen and kept is None:
            faults.append(Fault("error", "screen-unknown", Place(key="screen"), {"screen": screen[:64]}))
        if faults:
            raise Refused(faults)
        unit = kept.screen.unit if kept else actor.unit
        values: dict[str, object] = {"kind": "report", "screen": screen, "unit": unit, "facts": {}}
        values["what"] = what.strip()
        number = incidents.add(tx.connection, {**values, **_raised(config, tx.at, actor.id)})
        tx.note(number=number, what=what.strip(), **({"contact": Personal(contact)} if contact else {}))
    return number


def raise_in(tx: Transaction, config: IncidentConfig, values: dict[str, object]) -> int:
    """Keep what the system found, in its transaction; returns the incident's number."""
    number = incidents.add(tx.connection, {"what": "", **values, **_raised(config, tx.at, tx.who)})
    tx.also("incident.raise", str(number), **{k: v for k, v in values.items() if k != "unit"})
    return number


def move(
    office: Office,
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
    faults = _said("note", note, needed=step in ("note", "answered"))
    with office.act(actor, "incident.change", str(number), step=step, note=note.strip()) as tx:
        found = incidents.get(tx.connection, number)
        if found is None:
            raise refuse("incident-unknown", str(number), number=number)
        check_unit(actor, found.unit, str(number))
        if step != "note" and step != next_step(found.step):
            raise refuse("incident-state", "step", step=step, now=found.step)
        if assigned is not None and people.get(tx.connection, assigned) is None:
            faults.append(Fault("error", "user-unknown", Place(key="assigned"), {"user": assigned[:64]}))
        if faults:
            raise Refused(faults)
        tx.note(assigned=assigned)
        due = _target(config, step, tx.at)
        taken = Taken(step, tx.at, actor.id, note.strip(), found.target_at if step != "note" else None)
        incidents.take(tx.connection, found, taken, due, assigned or found.assigned)


def get(office: Office, number: int) -> Told:
    """An incident with its steps. Raises Refused where there is none."""
    with office.store.read() as connection:
        found = incidents.get(connection, number)
        if found is None:
            raise refuse("incident-unknown", str(number), number=number)
        return Told(found, incidents.history(connection, number))


def page(
    office: Office,
    before: int | None = None,
    limit: int = 50,
    *,
    step: str = "",
    screen: str = "",
    kind: str = "",
    open_only: bool = False,
) -> list[Incident]:
    """A page of incidents, the newest first."""
    with office.store.read() as connection:
        return incidents.page(connection, before, limit, step, screen, open_only, kind)


def counts(office: Office) -> tuple[int, int]:
    """How many incidents are open, and how many of them are past their target."""
    with office.store.read() as connection:
        return incidents.counts(connection, office.clock.now())


def is_late(incident: Incident, now: datetime) -> bool:
    """Whether the next step is past its target."""
    return incident.step != "answered" and incident.target_at is not None and incident.target_at < now


def _raised(config: IncidentConfig, at: datetime, who: str) -> dict[str, object]:
    return {"raised_at": at, "raised_by": who, "target_at": _target(config, "received", at)}


def _target(config: IncidentConfig, step: str, at: datetime) -> datetime | None:
    minutes = {
        "received": config.dispatch_minutes,
        "dispatched": config.handle_minutes,
        "handled": config.answer_minutes,
    }.get(step)
    return None if minutes is None else at + timedelta(minutes=minutes)


def _said(key: str, text: str, *, needed: bool) -> list[Fault]:
    if not text.strip():
        return [Fault("error", "said-missing", Place(key=key))] if needed else []
    if len(text) > MOST_WHAT:
        return [Fault("error", "said-too-long", Place(key=key), {"most": MOST_WHAT, "length": len(text)})]
    wrong = forbidden(text, lines=True)
    facts = {"character": wrong[0], "place": wrong[1]} if wrong else {}
    return [Fault("error", "said-forbidden", Place(key=key), facts)] if wrong else []
