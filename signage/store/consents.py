"""Consents, stored for ever: requests, what was given, declined and withdrawn, by whom and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, Row, String, Table, insert, select, update

from signage.model.consent import Consent, ConsentState, parse_consent_hours
from signage.store.column_types import Instant, Json
from signage.store.engine import metadata
from signage.store.pending_decisions import CONSENT, is_pending

consents = Table(
    "consents",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("unit", String(64), nullable=False, index=True),
    Column("to", String(64), nullable=False, index=True),
    Column("selectors", Json, nullable=False),
    Column("campaign", String(64)),
    Column("hours", String(11)),
    Column("max_share", Integer),
    Column("max_priority", Integer),
    Column("until", Instant),
    Column("state", String(9), nullable=False, index=True),
    Column("asked_by", String(200)),
    Column("asked_at", Instant),
    Column("given_by", String(200)),
    Column("given_at", Instant),
    Column("ended_by", String(200)),
    Column("ended_at", Instant),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A consent with its state and who asked, gave and ended it."""

    consent: Consent
    state: ConsentState
    asked_by: str | None = None
    asked_at: datetime | None = None
    given_by: str | None = None
    given_at: datetime | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None

    @property
    def id(self) -> str:
        return self.consent.id


def create_consent(connection: Connection, row: ConsentRow) -> ConsentRow:
    """Store a consent; return it with its number."""
    consent = row.consent
    values = {
        "id": consent.id,
        "unit": consent.unit,
        "to": consent.to,
        "campaign": consent.campaign,
        **_build_terms(consent),
        **{name: getattr(row, name) for name in ("state", "asked_by", "asked_at", "given_by", "given_at")},
    }
    connection.execute(insert(consents).values(values))
    created = get_consent(connection, consent.id)
    assert created is not None
    return created


def give_consent(connection: Connection, consent: Consent, at: datetime, who: str) -> None:
    """Record that *who* gave the consent that was asked for, on the terms of *consent*."""
    values = {**_build_terms(consent), "state": "given", "given_by": who, "given_at": at}
    connection.execute(update(consents).where(consents.c.id == consent.id).values(values))


def end_consent(connection: Connection, consent_id: str, state: ConsentState, at: datetime, who: str) -> None:
    """Record that *who* declined or withdrew a consent."""
    values = {"state": state, "ended_by": who, "ended_at": at}
    connection.execute(update(consents).where(consents.c.id == consent_id).values(values))


def get_consent(connection: Connection, consent_id: str) -> ConsentRow | None:
    """Return the consent of that id."""
    row = connection.execute(select(consents).where(consents.c.id == consent_id)).first()
    return None if row is None else _build_row(row)


def list_consents(connection: Connection, *states: ConsentState) -> tuple[ConsentRow, ...]:
    """List consents by number; only those in *states* where any are named."""
    query = select(consents).order_by(consents.c.number)
    if states:
        query = query.where(consents.c.state.in_(states))
    return tuple(_build_row(row) for row in connection.execute(query))


def list_campaign_consents(
    connection: Connection, campaign_id: str, states: Sequence[ConsentState]
) -> tuple[ConsentRow, ...]:
    """List the consents for one campaign alone that are in *states*, by number."""
    query = select(consents).where(consents.c.campaign == campaign_id, consents.c.state.in_(states))
    return tuple(_build_row(row) for row in connection.execute(query.order_by(consents.c.number)))


def is_enforced(connection: Connection, setting: bool | None) -> bool:
    """Return whether campaigns need consents. *setting*: ``[consent] enforce``; None where the configuration is silent.

    Then an installation that is older than the rule goes on without it until somebody decides.
    """
    return setting if setting is not None else not is_pending(connection, CONSENT)


def list_enforced_consents(
    connection: Connection, setting: bool | None, since: datetime | None = None
) -> tuple[Consent, ...] | None:
    """List the given consents by number, with *since* only those not over by then; None where campaigns need none."""
    if not is_enforced(connection, setting):
        return None
    given = (row.consent for row in list_consents(connection, "given"))
    return tuple(one for one in given if since is None or one.until is None or one.until > since)


def _build_terms(consent: Consent) -> dict[str, Any]:
    return {
        "selectors": list(consent.screens),
        "hours": None if consent.hours is None else str(consent.hours),
        "max_share": consent.max_share,
        "max_priority": consent.max_priority,
        "until": consent.until,
    }


def _build_row(row: Row[Any]) -> ConsentRow:
    values = row._mapping
    consent = Consent(
        id=values["id"],
        number=values["number"],
        unit=values["unit"],
        to=values["to"],
        screens=tuple(values["selectors"]),
        campaign=values["campaign"],
        hours=parse_consent_hours(values["hours"]) if values["hours"] else None,
        max_share=values["max_share"],
        max_priority=values["max_priority"],
        until=values["until"],
    )
    people = ("asked_by", "asked_at", "given_by", "given_at", "ended_by", "ended_at")
    return ConsentRow(consent, values["state"], **{name: values[name] for name in people})
