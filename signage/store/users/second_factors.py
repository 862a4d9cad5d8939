"""Second factors of users: one authenticator secret (TOTP), any number of passkeys (WebAuthn).

Of a passkey the public key is stored; the TOTP secret is stored as it is, so only the owner of the state folder may
read the database.
"""

from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, LargeBinary, Row, String, Table, delete, insert, select, update

from signage.store.column_types import Instant
from signage.store.engine import metadata

totp_secrets = Table(
    "people_totp",
    metadata,
    Column("person", String(64), primary_key=True),
    Column("secret", String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("used_step", BigInteger, nullable=False),
)

passkeys = Table(
    "people_passkeys",
    metadata,
    Column("credential", String(500), primary_key=True),
    Column("person", String(64), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("public", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("used_at", Instant),
)


@dataclass(frozen=True, slots=True)
class TotpRow:
    """An authenticator. *used_step*: the last time step whose code was used; a code is valid once."""

    user_id: str
    secret: str
    made_at: datetime
    used_step: int


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """A passkey. *credential* is its id in base64url."""

    credential: str
    user_id: str
    name: str
    public: bytes
    sign_count: int
    made_at: datetime
    used_at: datetime | None


def get_totp(connection: Connection, user_id: str) -> TotpRow | None:
    """Return the authenticator of a user."""
    row = connection.execute(select(totp_secrets).where(totp_secrets.c.person == user_id)).first()
    return None if row is None else TotpRow(row.person, row.secret, row.made_at, row.used_step)


def set_totp(connection: Connection, user_id: str, secret: str | None, at: datetime, step: int = 0) -> None:
    """Replace the authenticator of a user; None deletes it."""
    connection.execute(delete(totp_secrets).where(totp_secrets.c.person == user_id))
    if secret is not None:
        connection.execute(insert(totp_secrets).values(person=user_id, secret=secret, made_at=at, used_step=step))


def consume_totp_step(connection: Connection, user_id: str, step: int) -> bool:
    """Mark a time step as used; return False where it, or a later one, was used already."""
    query = (
        update(totp_secrets)
        .where(totp_secrets.c.person == user_id, totp_secrets.c.used_step < step)
        .values(used_step=step)
    )
    return bool(connection.execute(query).rowcount)


def create_passkey(connection: Connection, passkey: PasskeyRow) -> None:
    """Store a new passkey."""
    values = dict(zip(passkeys.c.keys(), astuple(passkey), strict=True))
    connection.execute(insert(passkeys), [values])


def get_passkey(connection: Connection, credential: str) -> PasskeyRow | None:
    """Return the passkey of that credential id."""
    row = connection.execute(select(passkeys).where(passkeys.c.credential == credential)).first()
    return None if row is None else _build_passkey_row(row)


def list_passkeys(connection: Connection, user_id: str) -> list[PasskeyRow]:
    """List the passkeys of a user, the oldest first."""
    query = select(passkeys).where(passkeys.c.person == user_id).order_by(passkeys.c.made_at)
    return [_build_passkey_row(row) for row in connection.execute(query)]


def record_passkey_use(connection: Connection, credential: str, sign_count: int, at: datetime) -> None:
    """Record the use of a passkey."""
    query = update(passkeys).where(passkeys.c.credential == credential)
    connection.execute(query.values(sign_count=sign_count, used_at=at))


def delete_passkey(connection: Connection, user_id: str, credential: str) -> bool:
    """Delete a passkey of a user; return False where there is none."""
    query = delete(passkeys).where(passkeys.c.person == user_id, passkeys.c.credential == credential)
    return bool(connection.execute(query).rowcount)


def delete_second_factors(connection: Connection, user_id: str) -> None:
    """Delete all second factors of a user."""
    connection.execute(delete(totp_secrets).where(totp_secrets.c.person == user_id))
    delete_passkeys(connection, user_id)


def delete_passkeys(connection: Connection, user_id: str) -> None:
    """Delete the passkeys of a user."""
    connection.execute(delete(passkeys).where(passkeys.c.person == user_id))


def _build_passkey_row(row: Row[Any]) -> PasskeyRow:
    return PasskeyRow(row.credential, row.person, row.name, row.public, row.sign_count, row.made_at, row.used_at)
