"""Users: accounts, one-time links to set a password, API tokens. Secrets are stored as their sha256 alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Integer, Row, String, Table, delete, false, insert, select, update

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
    Column("name", String(60)),
    Column("all_units", Boolean, nullable=False, server_default=false()),
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
    """A user with the stored facts of the account. *password_hash* None: no password set yet."""

    user: User
    password_hash: str | None
    made_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApiTokenRow:
    """An API token. *scope*: the permissions that it is limited to; empty: all that its user has."""

    number: int
    user_id: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    scope: tuple[str, ...] = ()
    name: str | None = None


def create_user(connection: Connection, user: User, at: datetime) -> None:
    """Store a new user."""
    connection.execute(insert(users), [{"id": user.id, "made_at": at, **_build_columns(user)}])


def update_user(connection: Connection, user: User) -> None:
    """Replace the roles, the unit, the name and the reach of a user."""
    connection.execute(update(users).where(users.c.id == user.id).values(_build_columns(user)))


def _build_columns(user: User) -> dict[str, Any]:
    roles = sorted(user.roles)
    return {"roles": roles, "unit": user.unit, "name": user.name, "all_units": user.all_units}


def set_disabled(connection: Connection, user_id: str, at: datetime | None) -> None:
    """Disable a user (None: enable); disabling revokes links and API tokens."""
    connection.execute(update(users).where(users.c.id == user_id).values(disabled_at=at))
    if at is not None:
        revoke_credentials(connection, user_id, at)


def revoke_credentials(connection: Connection, user_id: str, at: datetime) -> None:
    """Delete the password links of a user and revoke the API tokens."""
    connection.execute(delete(password_links).where(password_links.c.person == user_id))
    query = update(api_tokens).where(api_tokens.c.person == user_id, api_tokens.c.revoked_at.is_(None))
    connection.execute(query.values(revoked_at=at))


def set_password_hash(connection: Connection, user_id: str, password: str | None) -> None:
    """Store the hash of a password; None: no password."""
    connection.execute(update(users).where(users.c.id == user_id).values(password=password))


def get_user(connection: Connection, user_id: str) -> UserRow | None:
    """Return the user of that id."""
    row = connection.execute(select(users).where(users.c.id == user_id)).first()
    return None if row is None else _build_user_row(row)


def list_users(connection: Connection) -> list[UserRow]:
    """List all users by id."""
    return [_build_user_row(row) for row in connection.execute(select(users).order_by(users.c.id))]


def create_password_link(
    connection: Connection, user_id: str, token_hash: str, at: datetime, expires_at: datetime
) -> None:
    """Store a one-time link; earlier links of the user are deleted."""
    connection.execute(delete(password_links).where(password_links.c.person == user_id))
    connection.execute(
        insert(password_links).values(digest=token_hash, person=user_id, made_at=at, expires_at=expires_at),
    )


def consume_password_link(connection: Connection, token_hash: str, at: datetime) -> str | None:
    """Delete a link; return the id of its user, None where the link is not valid."""
    user_id = find_user_of_link(connection, token_hash, at)
    connection.execute(delete(password_links).where(password_links.c.digest == token_hash))
    return user_id


def find_user_of_link(connection: Connection, token_hash: str, at: datetime) -> str | None:
    """Return the id of a link's user; None where the link is not valid."""
    return connection.scalar(
        select(password_links.c.person).where(password_links.c.digest == token_hash, password_links.c.expires_at > at)
    )


def has_password_link(connection: Connection, user_id: str, at: datetime) -> bool:
    """Return whether a user has a link that is valid at *at*."""
    query = select(password_links.c.person).where(password_links.c.person == user_id, password_links.c.expires_at > at)
    return connection.scalar(query) is not None


def get_link_instant(connection: Connection, token_hash: str) -> datetime | None:
    """Return the instant at which a link was issued; None where it does not exist."""
    return connection.scalar(select(password_links.c.made_at).where(password_links.c.digest == token_hash))


def create_api_token(
    connection: Connection,
    user_id: str,
    token_hash: str,
    at: datetime,
    expires_at: datetime,
    scope: Iterable[str] = (),
    name: str | None = None,
) -> int:
    """Store an API token; return its number."""
    values = {"digest": token_hash, "person": user_id, "made_at": at, "expires_at": expires_at}
    connection.execute(insert(api_tokens), [{**values, "scope": list(scope), "name": name}])
    return connection.scalar(select(api_tokens.c.number).where(api_tokens.c.digest == token_hash)) or 0


def find_user_of_token(connection: Connection, token_hash: str, at: datetime) -> tuple[User, tuple[str, ...]] | None:
    """Return the enabled user of a valid API token, and the scope of the token."""
    query = (
        select(users, api_tokens.c.scope)
        .join(api_tokens, api_tokens.c.person == users.c.id)
        .where(api_tokens.c.digest == token_hash, api_tokens.c.expires_at > at, api_tokens.c.revoked_at.is_(None))
        .where(users.c.disabled_at.is_(None))
    )
    row = connection.execute(query).first()
    return None if row is None else (_build_user_row(row).user, tuple(row.scope or ()))


def list_api_tokens(connection: Connection, user_id: str | None = None) -> list[ApiTokenRow]:
    """List the API tokens of a user (default: of all users)."""
    query = select(api_tokens).order_by(api_tokens.c.number)
    if user_id is not None:
        query = query.where(api_tokens.c.person == user_id)
    return [_build_token_row(row) for row in connection.execute(query)]


def get_api_token(connection: Connection, number: int) -> ApiTokenRow | None:
    """Return the API token of that number."""
    row = connection.execute(select(api_tokens).where(api_tokens.c.number == number)).first()
    return None if row is None else _build_token_row(row)


def revoke_api_token(connection: Connection, number: int, at: datetime) -> bool:
    """Revoke an API token; return False where no valid one has that number."""
    query = (
        update(api_tokens).where(api_tokens.c.number == number, api_tokens.c.revoked_at.is_(None)).values(revoked_at=at)
    )
    return bool(connection.execute(query).rowcount)


def _build_user_row(row: Row[Any]) -> UserRow:
    disabled = row.disabled_at is not None
    user = User(row.id, frozenset(row.roles), row.unit, disabled, row.name, bool(row.all_units))
    return UserRow(user, row.password, row.made_at, row.disabled_at)


def _build_token_row(row: Row[Any]) -> ApiTokenRow:
    scope = tuple(row.scope or ())
    return ApiTokenRow(row.number, row.person, row.made_at, row.expires_at, row.revoked_at, scope, row.name)
