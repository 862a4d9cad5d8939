"""People: accounts, links by which they set a password, tokens for the API; secrets only by their sha256."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, Row, String, Table, delete, insert, select, update

from signage.model.users import Person
from signage.store.column_types import Instant, Json
from signage.store.engine import metadata

people = Table(
    "people",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("roles", Json, nullable=False),
    Column("unit", String(64)),
    Column("password", String(255)),
    Column("made_at", Instant, nullable=False),
    Column("disabled_at", Instant),
)

links = Table(
    "people_links",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person", String(64), nullable=False, index=True),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

tokens = Table(
    "api_tokens",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("person", String(64), nullable=False, index=True),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("scope", Json),
    Column("name", String(100)),
)


@dataclass(frozen=True, slots=True)
class Account:
    """A person with what the office knows beside. *password* is its hash; None: not set yet."""

    person: Person
    password: str | None
    made_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Token:
    """A token for the API, by its number. *scope* narrows what it is good for (none: all that its person may)."""

    number: int
    person: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    scope: tuple[str, ...] = ()
    name: str | None = None


def add(connection: Connection, person: Person, at: datetime) -> None:
    """Keep a new person."""
    values = {"id": person.id, "roles": sorted(person.roles), "unit": person.unit, "made_at": at}
    connection.execute(insert(people), [values])


def change(connection: Connection, person_id: str, roles: Iterable[str], unit: str | None) -> None:
    """Keep other roles and another unit."""
    query = update(people).where(people.c.id == person_id)
    connection.execute(query.values(roles=sorted(roles), unit=unit))


def set_disabled(connection: Connection, person_id: str, at: datetime | None) -> None:
    """Let a person in no more (None: again); what could let them in is forgotten."""
    connection.execute(update(people).where(people.c.id == person_id).values(disabled_at=at))
    if at is not None:
        end_ways_in(connection, person_id, at)


def end_ways_in(connection: Connection, person_id: str, at: datetime) -> None:
    """Let the links and tokens of a person be good no more."""
    connection.execute(delete(links).where(links.c.person == person_id))
    query = update(tokens).where(tokens.c.person == person_id, tokens.c.revoked_at.is_(None))
    connection.execute(query.values(revoked_at=at))


def set_password(connection: Connection, person_id: str, password: str | None) -> None:
    """Keep the hash of a password."""
    connection.execute(update(people).where(people.c.id == person_id).values(password=password))


def get(connection: Connection, person_id: str) -> Account | None:
    """The person of that id."""
    row = connection.execute(select(people).where(people.c.id == person_id)).first()
    return None if row is None else _account(row)


def every(connection: Connection) -> list[Account]:
    """All people by id."""
    return [_account(row) for row in connection.execute(select(people).order_by(people.c.id))]


def add_link(connection: Connection, person_id: str, digest: str, at: datetime, expires_at: datetime) -> None:
    """Keep a one-time link; older ones of the person are void."""
    connection.execute(delete(links).where(links.c.person == person_id))
    connection.execute(
        insert(links).values(digest=digest, person=person_id, made_at=at, expires_at=expires_at),
    )


def use_link(connection: Connection, digest: str, at: datetime) -> str | None:
    """Use a link up: whose it is, or None where it is void."""
    found = link_of(connection, digest, at)
    connection.execute(delete(links).where(links.c.digest == digest))
    return found


def link_of(connection: Connection, digest: str, at: datetime) -> str | None:
    """Whose link it is; None where it is void."""
    return connection.scalar(select(links.c.person).where(links.c.digest == digest, links.c.expires_at > at))


def add_token(
    connection: Connection,
    person_id: str,
    digest: str,
    at: datetime,
    expires_at: datetime,
    scope: Iterable[str] = (),
    name: str | None = None,
) -> int:
    """Keep a token for the API; returns its number."""
    values = {"digest": digest, "person": person_id, "made_at": at, "expires_at": expires_at}
    connection.execute(insert(tokens), [{**values, "scope": list(scope), "name": name}])
    return connection.scalar(select(tokens.c.number).where(tokens.c.digest == digest)) or 0


def holder_of(connection: Connection, digest: str, at: datetime) -> tuple[Person, tuple[str, ...]] | None:
    """Whom a token for the API lets in now, and its scope."""
    query = (
        select(people, tokens.c.scope)
        .join(tokens, tokens.c.person == people.c.id)
        .where(tokens.c.digest == digest, tokens.c.expires_at > at, tokens.c.revoked_at.is_(None))
        .where(people.c.disabled_at.is_(None))
    )
    row = connection.execute(query).first()
    return None if row is None else (_account(row).person, tuple(row.scope or ()))


def tokens_of(connection: Connection, person_id: str | None = None) -> list[Token]:
    """The tokens of a person (default: of all)."""
    query = select(tokens).order_by(tokens.c.number)
    if person_id is not None:
        query = query.where(tokens.c.person == person_id)
    return [
        Token(row.number, row.person, row.made_at, row.expires_at, row.revoked_at, tuple(row.scope or ()), row.name)
        for row in connection.execute(query)
    ]


def token(connection: Connection, number: int) -> Token | None:
    """The token of that number."""
    row = connection.execute(select(tokens).where(tokens.c.number == number)).first()
    if row is None:
        return None
    return Token(row.number, row.person, row.made_at, row.expires_at, row.revoked_at, tuple(row.scope or ()), row.name)


def revoke_token(connection: Connection, number: int, at: datetime) -> bool:
    """Let a token be good no more; False where there is none such."""
    query = update(tokens).where(tokens.c.number == number, tokens.c.revoked_at.is_(None)).values(revoked_at=at)
    return bool(connection.execute(query).rowcount)


def _account(row: Row[Any]) -> Account:
    person = Person(row.id, frozenset(row.roles), row.unit, disabled=row.disabled_at is not None)
    return Account(person, row.password, row.made_at, row.disabled_at)
