"""Sessions of people in the console, and failed log-ins; a session's secret only by its sha256.

What was typed wrongly is counted by account and by address, for as long as throttling looks back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Column, Connection, Index, Integer, Row, String, Table, delete, func, insert, select, update

from signage.store.column_types import Instant, Json
from signage.store.engine import metadata

Level = Literal["half", "full"]
"""``half``: the password was right, a second factor is still to come."""

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

failures = Table(
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
class Session:
    """A person at a browser. *facts*: what a log-in under way has to remember (a challenge)."""

    number: int
    person: str
    level: Level
    made_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str
    facts: Mapping[str, Any]


def add(
    connection: Connection,
    digest: str,
    person: str,
    level: Level,
    at: datetime,
    expires_at: datetime,
    address: str,
    agent: str,
) -> None:
    """Keep a new session."""
    values = {"digest": digest, "person": person, "level": level, "made_at": at, "seen_at": at, "facts": {}}
    values |= {"expires_at": expires_at, "address": address[:64], "agent": agent[:300]}
    connection.execute(insert(sessions), [values])


def get(connection: Connection, digest: str) -> Session | None:
    """The session of that secret's digest."""
    row = connection.execute(select(sessions).where(sessions.c.digest == digest)).first()
    return None if row is None else _session(row)


def there(connection: Connection, number: int) -> bool:
    """Whether that session was not ended."""
    return connection.scalar(select(sessions.c.number).where(sessions.c.number == number)) is not None


def of(connection: Connection, person: str) -> list[Session]:
    """All sessions of a person, the newest first."""
    query = select(sessions).where(sessions.c.person == person).order_by(sessions.c.number.desc())
    return [_session(row) for row in connection.execute(query)]


def seen(connection: Connection, number: int, at: datetime) -> None:
    """Note that a session is in use."""
    connection.execute(update(sessions).where(sessions.c.number == number).values(seen_at=at))


def set_facts(connection: Connection, number: int, facts: Mapping[str, Any]) -> None:
    """Keep what a session has to remember."""
    connection.execute(update(sessions).where(sessions.c.number == number).values(facts=dict(facts)))


def end(connection: Connection, number: int) -> bool:
    """Forget a session; False where there is none."""
    return bool(connection.execute(delete(sessions).where(sessions.c.number == number)).rowcount)


def end_of(connection: Connection, person: str, but: int | None = None) -> int:
    """Forget all sessions of a person, *but* one; returns how many."""
    query = delete(sessions).where(sessions.c.person == person)
    if but is not None:
        query = query.where(sessions.c.number != but)
    return int(connection.execute(query).rowcount)


def end_old(connection: Connection, now: datetime, idle_since: datetime) -> None:
    """Forget the sessions that are over."""
    over = (sessions.c.expires_at <= now) | (sessions.c.seen_at <= idle_since)
    connection.execute(delete(sessions).where(over))


def add_failure(connection: Connection, account: str, address: str, at: datetime, forget: datetime) -> None:
    """Count a failed log-in; those before *forget* are counted no more."""
    connection.execute(delete(failures).where(failures.c.at <= forget))
    connection.execute(insert(failures).values(account=account[:64], address=address[:64], at=at))


def clear_failures(connection: Connection, account: str, address: str) -> None:
    """A person got in: what they typed wrongly from there counts no more."""
    where = (failures.c.account == account[:64], failures.c.address == address[:64])
    connection.execute(delete(failures).where(*where))


def nth_last_failure(
    connection: Connection, nth: int, since: datetime, account: str | None = None, address: str | None = None
) -> datetime | None:
    """When the *nth* last failure after *since* was; None where there were fewer."""
    query = select(failures.c.at).where(failures.c.at > since).order_by(failures.c.at.desc()).offset(nth - 1).limit(1)
    if account is not None:
        query = query.where(failures.c.account == account[:64])
    if address is not None:
        query = query.where(failures.c.address == address[:64])
    return connection.scalar(query)


def count(connection: Connection) -> int:
    """How many sessions there are."""
    return connection.scalar(select(func.count()).select_from(sessions)) or 0


def _session(row: Row[Any]) -> Session:
    return Session(
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
