"""Incidents, from report to answer; every step with its instant, user and deadline.

*cause* identifies what the monitor detected (``silent taxi-0001``): each cause has at most one open incident. An
incident is open until its step is ``answered``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Column, Connection, Index, Integer, Row, String, Table, Text, func, insert, select, update

from signage.store.column_types import Instant, Json
from signage.store.engine import metadata
from signage.store.screens.heartbeats import HeartbeatRow, build_heartbeat_row, heartbeats
from signage.store.screens.screens import screens

IncidentStep = Literal["received", "dispatched", "handled", "answered"]
INCIDENT_STEPS: tuple[IncidentStep, ...] = ("received", "dispatched", "handled", "answered")

incidents = Table(
    "incidents",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(32), nullable=False),
    Column("cause", String(200)),
    Column("screen", String(64), index=True),
    Column("unit", String(64)),
    Column("what", Text, nullable=False),
    Column("facts", Json, nullable=False),
    Column("step", String(12), nullable=False),
    Column("assigned", String(64)),
    Column("raised_at", Instant, nullable=False),
    Column("raised_by", String(200), nullable=False),
    Column("target_at", Instant),
    Column("over_at", Instant),
    Column("told_at", Instant),
    Index("ix_incidents_step", "step", "number"),
    Index("ix_incidents_cause", "cause", "step"),
    sqlite_autoincrement=True,
)

incident_steps = Table(
    "incident_steps",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("incident", Integer, nullable=False, index=True),
    Column("step", String(12), nullable=False),
    Column("at", Instant, nullable=False),
    Column("who", String(200), nullable=False),
    Column("note", Text, nullable=False),
    Column("target_at", Instant),
)


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident.

    *step*: the last one taken; *target_at*: the deadline of the next; *over_at*: when the monitor saw that the cause
    is cleared; *what*: the text of a reporter (empty where the monitor detected it: *kind* and *facts* say it).
    """

    number: int
    kind: str
    cause: str | None
    screen: str | None
    unit: str | None
    what: str
    facts: Mapping[str, Any]
    step: IncidentStep
    assigned: str | None
    raised_at: datetime
    raised_by: str
    target_at: datetime | None
    over_at: datetime | None


@dataclass(frozen=True, slots=True)
class IncidentStepRow:
    """A step that was taken. *target_at*: its deadline."""

    step: str
    at: datetime
    who: str
    note: str
    target_at: datetime | None


def create_incident(connection: Connection, values: Mapping[str, Any]) -> int:
    """Store a new incident with the step ``received``; return its number."""
    inserted = connection.execute(insert(incidents).values(step="received", **values))
    (number,) = inserted.inserted_primary_key or (0,)
    row = {"incident": number, "step": "received", "at": values["raised_at"], "who": values["raised_by"], "note": ""}
    connection.execute(insert(incident_steps).values(**row, target_at=None))
    return int(number)


def record_step(
    connection: Connection,
    incident: IncidentRow,
    taken: IncidentStepRow,
    target_at: datetime | None,
    assigned: str | None,
) -> None:
    """Record a step of an incident, or a note (*taken* with the step ``note``)."""
    row = {"incident": incident.number, "step": taken.step, "at": taken.at, "who": taken.who, "note": taken.note}
    connection.execute(insert(incident_steps).values(**row, target_at=taken.target_at))
    if taken.step in INCIDENT_STEPS:
        query = update(incidents).where(incidents.c.number == incident.number)
        connection.execute(query.values(step=taken.step, target_at=target_at, assigned=assigned))


def set_cleared(connection: Connection, number: int, at: datetime | None) -> None:
    """Record when the cause of an incident was cleared (None: it is back)."""
    connection.execute(update(incidents).where(incidents.c.number == number).values(over_at=at))


def get_incident(connection: Connection, number: int) -> IncidentRow | None:
    """Return the incident of that number."""
    row = connection.execute(select(incidents).where(incidents.c.number == number)).first()
    return None if row is None else _build_incident_row(row)


def list_steps(connection: Connection, number: int) -> list[IncidentStepRow]:
    """List the steps of an incident, in order."""
    query = select(incident_steps).where(incident_steps.c.incident == number).order_by(incident_steps.c.number)
    return [IncidentStepRow(row.step, row.at, row.who, row.note, row.target_at) for row in connection.execute(query)]


def list_incidents(
    connection: Connection,
    before: int | None = None,
    limit: int = 50,
    step: str = "",
    screen: str = "",
    open_only: bool = False,
    kind: str = "",
) -> list[IncidentRow]:
    """List a page of incidents, the newest first."""
    query = select(incidents).order_by(incidents.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(incidents.c.number < before)
    for column, value in ((incidents.c.step, step), (incidents.c.screen, screen), (incidents.c.kind, kind)):
        if value:
            query = query.where(column == value)
    if open_only:
        query = query.where(incidents.c.step != "answered")
    return [_build_incident_row(row) for row in connection.execute(query)]


def list_raised_between(connection: Connection, begin: datetime, end: datetime, limit: int) -> list[IncidentRow]:
    """List the incidents raised between *begin* and *end* (half-open), the oldest first."""
    query = select(incidents).where(incidents.c.raised_at >= begin, incidents.c.raised_at < end)
    return [_build_incident_row(row) for row in connection.execute(query.order_by(incidents.c.number).limit(limit))]


def count_open_and_overdue(connection: Connection, now: datetime) -> tuple[int, int]:
    """Count the open incidents, and those of them past their deadline."""
    is_open = incidents.c.step != "answered"
    overdue = connection.scalar(select(func.count()).where(is_open, incidents.c.target_at < now))
    return connection.scalar(select(func.count()).where(is_open)) or 0, overdue or 0


def get_open_by_cause(connection: Connection) -> dict[str, IncidentRow]:
    """Return cause → open incident."""
    query = select(incidents).where(incidents.c.cause.is_not(None), incidents.c.step != "answered")
    return {row.cause: _build_incident_row(row) for row in connection.execute(query)}


def list_unnotified(connection: Connection, limit: int = 500) -> list[IncidentRow]:
    """List the open incidents without a notification, the oldest first."""
    query = select(incidents).where(incidents.c.told_at.is_(None), incidents.c.step != "answered")
    return [_build_incident_row(row) for row in connection.execute(query.order_by(incidents.c.number).limit(limit))]


def mark_notified(connection: Connection, numbers: Iterable[int], at: datetime) -> None:
    """Record that a notification of these incidents was sent."""
    connection.execute(update(incidents).where(incidents.c.number.in_(list(numbers))).values(told_at=at))


def get_last_notified_at(connection: Connection) -> datetime | None:
    """Return when the last notification of an incident was sent."""
    notified_at: datetime | None = connection.scalar(select(func.max(incidents.c.told_at)))
    return notified_at


def list_offline_screens(
    connection: Connection, since: datetime, limit: int
) -> list[tuple[str, str, str | None, datetime]]:
    """List id, kind, unit and last poll of the screens in use whose last poll is before *since*."""
    query = (
        select(screens.c.id, screens.c.kind, screens.c.unit, heartbeats.c.seen_at)
        .join(heartbeats, heartbeats.c.screen == screens.c.id)
        .where(heartbeats.c.seen_at < since, screens.c.revoked_at.is_(None), screens.c.token.is_not(None))
        .order_by(heartbeats.c.seen_at.desc())
        .limit(limit)
    )
    return [(row.id, row.kind, row.unit, row.seen_at) for row in connection.execute(query)]


def list_statuses_since(connection: Connection, since: datetime, limit: int) -> list[tuple[HeartbeatRow, str | None]]:
    """List the heartbeats with a status message at or after *since*, each with the unit of its screen in use."""
    query = (
        select(heartbeats, screens.c.unit)
        .join(screens, screens.c.id == heartbeats.c.screen)
        .where(heartbeats.c.status_at >= since, screens.c.revoked_at.is_(None))
        .order_by(heartbeats.c.status_at.desc())
        .limit(limit)
    )
    return [(build_heartbeat_row(row), row.unit) for row in connection.execute(query)]


def find_heartbeat(connection: Connection, screen: str) -> HeartbeatRow | None:
    """Return the heartbeat of a screen; None where the screen was removed."""
    query = select(heartbeats).join(screens, screens.c.id == heartbeats.c.screen).where(heartbeats.c.screen == screen)
    row = connection.execute(query).first()
    return None if row is None else build_heartbeat_row(row)


def _build_incident_row(row: Row[Any]) -> IncidentRow:
    return IncidentRow(
        row.number,
        row.kind,
        row.cause,
        row.screen,
        row.unit,
        row.what,
        row.facts,
        row.step,
        row.assigned,
        row.raised_at,
        row.raised_by,
        row.target_at,
        row.over_at,
    )
