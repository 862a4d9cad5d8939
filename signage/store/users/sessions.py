"""Sessions of users in the console, and failed log-ins. The secret of a session is stored as its sha256 alone.

Failed log-ins are counted by account and by address, for as long as throttling looks back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Column, Connection, Index, Integer, Row, String, Table, delete, func, insert, select, update

from signage.store.column_types import Instant, Json
from signage.store.engine import metadata

SessionLevel = Literal["half", "full"]
"""``half``: the password was right, the second factor is still missing."""

sessions = Table(
    "sessions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("person", String(64), nullable=False, index=True),
    Column("level", String(8), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("address", String(64), nullable=False),
    Column("agent", String(300), nullable=False),
    Column("facts", Json, nullable=False),
    sqlite_autoincrement=True,
)

login_failures = Table(
    "login_failures",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("account", String(64), nullable=False),
    Column("address", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_login_failures_account", "account", "at"),
    Index("ix_login_failures_address", "address", "at"),
)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A user in one browser. *facts*: the state of an unfinished log-in (a challenge)."""

    number: int
    user_id: str
    level: SessionLevel
    made_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str
    facts: Mapping[str, Any]


def create_session(
    connection: Connection,
    token_hash: str,
    user_id: str,
    level: SessionLevel,
    at: datetime,
    expires_at: datetime,
    address: str,
    agent: str,
) -> None:
    """Store a new session."""
    values = {"digest": token_hash, "person": user_id, "level": level, "made_at": at, "seen_at": at, "facts": {}}
    values |= {"expires_at": expires_at, "address": address[:64], "agent": agent[:300]}
    connection.execute(insert(sessions), [values])


def get_session(connection: Connection, token_hash: str) -> SessionRow | None:
    """Return the session whose secret has that hash."""
    row = connection.execute(select(sessions).where(sessions.c.digest == token_hash)).first()
    return None if row is None else _build_session_row(row)


def has_session(connection: Connection, number: int) -> bool:
    """Return whether that session exists."""
    return connection.scalar(select(sessions.c.number).where(sessions.c.number == number)) is not None


def list_sessions(connection: Connection, user_id: str) -> list[SessionRow]:
    """List the sessions of a user, the newest first."""
    query = select(sessions).where(sessions.c.person == user_id).order_by(sessions.c.number.desc())
    return [_build_session_row(row) for row in connection.execute(query)]


def touch_session(connection: Connection, number: int, at: datetime) -> None:
    """Record that a session was used at *at*."""
    connection.execute(update(sessions).where(sessions.c.number == number).values(seen_at=at))


def set_session_facts(connection: Connection, number: int, facts: Mapping[str, Any]) -> None:
    """Replace the facts of a session."""
    connection.execute(update(sessions).where(sessions.c.number == number).values(facts=dict(facts)))


def end_session(connection: Connection, number: int) -> bool:
    """Delete a session; return False where there is none."""
    return bool(connection.execute(delete(sessions).where(sessions.c.number == number)).rowcount)


def end_user_sessions(connection: Connection, user_id: str, except_number: int | None = None) -> int:
    """Delete the sessions of a user except *except_number*; return how many."""
    query = delete(sessions).where(sessions.c.person == user_id)
    if except_number is not None:
        query = query.where(sessions.c.number != except_number)
    return int(connection.execute(query).rowcount)


def end_expired_sessions(connection: Connection, now: datetime, idle_since: datetime) -> None:
    """Delete the sessions that have expired or were last used by *idle_since*."""
    is_over = (sessions.c.expires_at <= now) | (sessions.c.seen_at <= idle_since)
    connection.execute(delete(sessions).where(is_over))


def record_login_failure(
    connection: Connection, account: str, address: str, at: datetime, forget_before: datetime
) -> int:
    """Record a failed log-in and return its number; delete those until *forget_before*."""
    connection.execute(delete(login_failures).where(login_failures.c.at <= forget_before))
    values = {"account": account[:64], "address": address[:64], "at": at}
    inserted = connection.execute(insert(login_failures).values(**values))
    assert inserted.inserted_primary_key is not None
    return int(inserted.inserted_primary_key[0])


def delete_login_failure(connection: Connection, number: int) -> None:
    """Delete a failed log-in."""
    connection.execute(delete(login_failures).where(login_failures.c.number == number))


def clear_login_failures(connection: Connection, account: str, address: str) -> None:
    """Delete the failed log-ins of an account from an address, after a log-in from there."""
    where = (login_failures.c.account == account[:64], login_failures.c.address == address[:64])
    connection.execute(delete(login_failures).where(*where))


def find_nth_last_failure(
    connection: Connection, nth: int, since: datetime, account: str | None = None, address: str | None = None
) -> datetime | None:
    """Return the instant of the *nth* last failure after *since*; None where there are fewer."""
    query = (
        select(login_failures.c.at)
        .where(login_failures.c.at > since)
        .order_by(login_failures.c.at.desc())
        .offset(nth - 1)
        .limit(1)
    )
    if account is not None:
        query = query.where(login_failures.c.account == account[:64])
    if address is not None:
        query = query.where(login_failures.c.address == address[:64])
    return connection.scalar(query)


def count_sessions(connection: Connection) -> int:
    """Count all sessions."""
    return connection.scalar(select(func.count()).select_from(sessions)) or 0


def _build_session_row(row: Row[Any]) -> SessionRow:
    return SessionRow(
        row.number,
        row.person,
        row.level,
        row.made_at,
        row.seen_at,
        row.expires_at,
        row.address,
        row.agent,
        row.facts,
    )
