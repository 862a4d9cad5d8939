"""Enrolment requests of new screens: the pairing code of each and, for some minutes, the token that was granted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Column, Connection, Integer, Row, String, Table, delete, func, insert, or_, select, update

from signage.protocol.status import EnrolmentGrant, EnrolmentPanel, EnrolmentRequest
from signage.store.column_types import Instant
from signage.store.engine import metadata

EnrolmentState = Literal["pending", "ready", "gone"]

enrolments = Table(
    "enrolments",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("code", String(9), nullable=False, index=True),
    Column("hardware", String(200), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("address", String(64), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("given_at", Instant),
    Column("screen", String(64)),
    Column("key", String(32)),
    Column("token", String(200)),
)


@dataclass(frozen=True, slots=True)
class EnrolmentRow:
    """An enrolment: the request of a screen at *address*, its pairing code, the credentials that a user granted."""

    id: str
    code: str
    request: EnrolmentRequest
    asked_at: datetime
    state: EnrolmentState = "pending"
    credentials: EnrolmentGrant | None = None
    address: str = ""


def create_enrolment(connection: Connection, enrolment: EnrolmentRow, address: str) -> None:
    """Store an enrolment that was requested from *address*."""
    panel = enrolment.request.panel
    values = {"id": enrolment.id, "code": enrolment.code, "asked_at": enrolment.asked_at, "address": address[:64]}
    values |= {"hardware": enrolment.request.hardware[:200], "width": panel.width, "height": panel.height}
    connection.execute(insert(enrolments), [values])


def get_enrolment(connection: Connection, enrolment_id: str) -> EnrolmentRow | None:
    """Return the enrolment of that id."""
    row = connection.execute(select(enrolments).where(enrolments.c.id == enrolment_id)).first()
    return None if row is None else _build_enrolment_row(row)


def find_pending_enrolment(connection: Connection, code: str) -> EnrolmentRow | None:
    """Return the pending enrolment with that pairing code."""
    query = select(enrolments).where(enrolments.c.code == code, enrolments.c.given_at.is_(None))
    row = connection.execute(query).first()
    return None if row is None else _build_enrolment_row(row)


def count_enrolments(connection: Connection) -> int:
    """Count all stored enrolments."""
    return int(connection.scalar(select(func.count()).select_from(enrolments)) or 0)


def list_pending_addresses(connection: Connection) -> list[tuple[str, str]]:
    """List (id, address) of all pending enrolments, the oldest first."""
    query = select(enrolments.c.id, enrolments.c.address).where(enrolments.c.given_at.is_(None))
    return [(row.id, row.address) for row in connection.execute(query.order_by(enrolments.c.asked_at))]


def delete_enrolment(connection: Connection, enrolment_id: str) -> None:
    """Delete a pending enrolment."""
    connection.execute(delete(enrolments).where(enrolments.c.id == enrolment_id))


def list_request_times(connection: Connection, address: str, since: datetime) -> list[datetime]:
    """List the instants after *since* at which *address* requested an enrolment, in order."""
    query = select(enrolments.c.asked_at).where(enrolments.c.address == address[:64], enrolments.c.asked_at > since)
    return list(connection.scalars(query.order_by(enrolments.c.asked_at)))


def grant_enrolment(connection: Connection, enrolment_id: str, credentials: EnrolmentGrant, at: datetime) -> bool:
    """Store the credentials until the screen fetches them; return False where the enrolment is not pending."""
    query = update(enrolments).where(enrolments.c.id == enrolment_id, enrolments.c.given_at.is_(None))
    values = {"screen": credentials.screen, "key": credentials.key, "token": credentials.token, "given_at": at}
    return bool(connection.execute(query.values(values)).rowcount)


def list_unused_tokens(connection: Connection) -> list[str]:
    """List the granted tokens that are not used yet."""
    return list(connection.scalars(select(enrolments.c.token).where(enrolments.c.token.is_not(None))))


def erase_token(connection: Connection, token: str) -> None:
    """Erase a token that was used."""
    _enable_secure_delete(connection)
    connection.execute(update(enrolments).where(enrolments.c.token == token).values(token=None))


def has_expired_enrolments(
    connection: Connection, asked_before: datetime, given_before: datetime, now: datetime
) -> bool:
    """Return whether ``delete_expired_enrolments`` has anything to delete."""
    query = select(enrolments.c.id).where(
        or_(_match_expired_requests(asked_before, now), _match_expired_tokens(given_before))
    )
    return connection.execute(query.limit(1)).first() is not None


def delete_expired_enrolments(
    connection: Connection, asked_before: datetime, given_before: datetime, now: datetime
) -> None:
    """Delete requests older than *asked_before* (or after *now*: the clock was set) and erase expired tokens."""
    _enable_secure_delete(connection)
    connection.execute(delete(enrolments).where(_match_expired_requests(asked_before, now)))
    connection.execute(update(enrolments).where(_match_expired_tokens(given_before)).values(token=None))


def _enable_secure_delete(connection: Connection) -> None:
    """Make SQLite overwrite deleted bytes at once; by default they stay until their page is reused."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")


def _match_expired_requests(before: datetime, now: datetime) -> Any:
    return or_(enrolments.c.asked_at < before, enrolments.c.asked_at > now)


def _match_expired_tokens(before: datetime) -> Any:
    return enrolments.c.token.is_not(None) & (enrolments.c.given_at < before)


def _build_enrolment_row(row: Row[Any]) -> EnrolmentRow:
    request = EnrolmentRequest(row.hardware, EnrolmentPanel(row.width, row.height))
    if row.given_at is None:
        return EnrolmentRow(row.id, row.code, request, row.asked_at, address=row.address)
    grant = None if row.token is None else EnrolmentGrant(row.screen, row.token, row.key)
    return EnrolmentRow(
        row.id, row.code, request, row.asked_at, "gone" if grant is None else "ready", grant, row.address
    )
