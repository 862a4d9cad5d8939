"""People: accounts, links by which they set a password, tokens for the API; secrets only by their sha256."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, Row, String, Table, delete, insert, select, update

from signage.model.users import User
from signage.store.column_types import Instant, Json
from signage.store.engine import metadata

users = Table(
    "people",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("roles", Json, nullable=False),
    Column("unit", String(64)),
    Column("password", String(255)),
    Column("made_at", Instant, nullable=False),
    Column("disabled_at", Instant),
)

password_links = Table(
    "people_links",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person", String(64), nullable=False, index=True),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

api_tokens = Table(
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
class UserRow:
    """A person with what the office knows beside. *password* is its hash; None: not set yet."""

    user: User
    password_hash: str | None
    made_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApiTokenRow:
    """A token for the API, by its number. *scope* narrows what it is good for (none: all that its person may)."""

    number: int
    user_id: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    scope: tuple[str, ...] = ()
    name: str | None = None


def create_user(connection: Connection, person: User, at: datetime) -> None:
    """Keep a new person."""
    values = {"id": person.id, "roles": sorted(person.roles), "unit": person.unit, "made_at": at}
    connection.execute(insert(users), [values])


def update_user(connection: Connection, person_id: str, roles: Iterable[str], unit: str | None) -> None:
    """Keep other roles and another unit."""
    query = update(users).where(users.c.id == person_id)
    connection.execute(query.values(roles=sorted(roles), unit=unit))


def set_disabled(connection: Connection, person_id: str, at: datetime | None) -> None:
    """Let a person in no more (None: again); what could let them in is forgotten."""
    connection.execute(update(users).where(users.c.id == person_id).values(disabled_at=at))
    if at is not None:
        revoke_credentials(connection, person_id, at)


def revoke_credentials(connection: Connection, person_id: str, at: datetime) -> None:
    """Let the links and tokens of a person be good no more."""
    connection.execute(delete(password_links).where(password_links.c.person == person_id))
    query = update(api_tokens).where(api_tokens.c.person == person_id, api_tokens.c.revoked_at.is_(None))
    connection.execute(query.values(revoked_at=at))


def set_password_hash(connection: Connection, person_id: str, password: str | None) -> None:
    """Keep the hash of a password."""
    connection.execute(update(users).where(users.c.id == person_id).values(password=password))


def get_user(connection: Connection, person_id: str) -> UserRow | None:
    """The person of that id."""
    row = connection.execute(select(users).where(users.c.id == person_id)).first()
    return None if row is None else _build_user_row(row)


def list_users(connection: Connection) -> list[UserRow]:
    """All people by id."""
    return [_build_user_row(row) for row in connection.execute(select(users).order_by(users.c.id))]


def create_password_link(
    connection: Connection, person_id: str, digest: str, at: datetime, expires_at: datetime
) -> None:
    """Keep a one-time link; older ones of the person are void."""
    connection.execute(delete(password_links).where(password_links.c.person == person_id))
    connection.execute(
        insert(password_links).values(digest=digest, person=person_id, made_at=at, expires_at=expires_at),
    )


def consume_password_link(connection: Connection, digest: str, at: datetime) -> str | None:
    """Use a link up: whose it is, or None where it is void."""
    found = find_user_of_link(connection, digest, at)
    connection.execute(delete(password_links).where(password_links.c.digest == digest))
    return found


def find_user_of_link(connection: Connection, digest: str, at: datetime) -> str | None:
    """Whose link it is; None where it is void."""
    return connection.scalar(
        select(password_links.c.person).where(password_links.c.digest == digest, password_links.c.expires_at > at)
    )


def create_api_token(
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
    connection.execute(insert(api_tokens), [{**values, "scope": list(scope), "name": name}])
    return connection.scalar(select(api_tokens.c.number).where(api_tokens.c.digest == digest)) or 0


def find_user_of_token(connection: Connection, digest: str, at: datetime) -> tuple[User, tuple[str, ...]] | None:
    """Whom a token for the API lets in now, and its scope."""
    query = (
        select(users, api_tokens.c.scope)
        .join(api_tokens, api_tokens.c.person == users.c.id)
        .where(api_tokens.c.digest == digest, api_tokens.c.expires_at > at, api_tokens.c.revoked_at.is_(None))
        .where(users.c.disabled_at.is_(None))
    )
    row = connection.execute(query).first()
    return None if row is None else (_build_user_row(row).user, tuple(row.scope or ()))


def list_api_tokens(connection: Connection, person_id: str | None = None) -> list[ApiTokenRow]:
    """The tokens of a person (default: of all)."""
    query = select(api_tokens).order_by(api_tokens.c.number)
    if person_id is not None:
        query = query.where(api_tokens.c.person == person_id)
    return [
        ApiTokenRow(
            row.number, row.person, row.made_at, row.expires_at, row.revoked_at, tuple(row.scope or ()), row.name
        )
        for row in connection.execute(query)
    ]


def get_api_token(connection: Connection, number: int) -> ApiTokenRow | None:
    """The token of that number."""
    row = connection.execute(select(api_tokens).where(api_tokens.c.number == number)).first()
    if row is None:
        return None
    return ApiTokenRow(
        row.number, row.person, row.made_at, row.expires_at, row.revoked_at, tuple(row.scope or ()), row.name
    )


def revoke_api_token(connection: Connection, number: int, at: datetime) -> bool:
    """Let a token be good no more; False where there is none such."""
    query = (
        update(api_tokens).where(api_tokens.c.number == number, api_tokens.c.revoked_at.is_(None)).values(revoked_at=at)
    )
    return bool(connection.execute(query).rowcount)


def _build_user_row(row: Row[Any]) -> UserRow:
    person = User(row.id, frozenset(row.roles), row.unit, disabled=row.disabled_at is not None)
    return UserRow(person, row.password, row.made_at, row.disabled_at)
