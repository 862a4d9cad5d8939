"""Second factors of people: one authenticator secret (TOTP), any number of passkeys (WebAuthn).

A passkey is kept by its public half; the TOTP secret has to be kept as it is, so the database is its owner's alone.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, LargeBinary, Row, String, Table, delete, insert, select, update

from signage.store.column_types import Instant
from signage.store.engine import metadata

totp = Table(
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
class Totp:
    """An authenticator. *used_step*: the last time step whose code was used; none is good twice."""

    person: str
    secret: str
    made_at: datetime
    used_step: int


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey. *credential* is its id in base64url."""

    credential: str
    person: str
    name: str
    public: bytes
    sign_count: int
    made_at: datetime
    used_at: datetime | None


def totp_of(connection: Connection, person: str) -> Totp | None:
    """The authenticator of a person."""
    row = connection.execute(select(totp).where(totp.c.person == person)).first()
    return None if row is None else Totp(row.person, row.secret, row.made_at, row.used_step)


def set_totp(connection: Connection, person: str, secret: str | None, at: datetime, step: int = 0) -> None:
    """Keep an authenticator in place of the one before; None takes it away."""
    connection.execute(delete(totp).where(totp.c.person == person))
    if secret is not None:
        connection.execute(insert(totp).values(person=person, secret=secret, made_at=at, used_step=step))


def use_step(connection: Connection, person: str, step: int) -> bool:
    """Use a time step up; False where it, or a later one, was used already."""
    query = update(totp).where(totp.c.person == person, totp.c.used_step < step).values(used_step=step)
    return bool(connection.execute(query).rowcount)


def add_passkey(connection: Connection, passkey: Passkey) -> None:
    """Keep a new passkey."""
    values = {name: getattr(passkey, name) for name in Passkey.__slots__}
    connection.execute(insert(passkeys), [values])


def passkey(connection: Connection, credential: str) -> Passkey | None:
    """The passkey of that credential id."""
    row = connection.execute(select(passkeys).where(passkeys.c.credential == credential)).first()
    return None if row is None else _passkey(row)


def passkeys_of(connection: Connection, person: str) -> list[Passkey]:
    """The passkeys of a person, the oldest first."""
    query = select(passkeys).where(passkeys.c.person == person).order_by(passkeys.c.made_at)
    return [_passkey(row) for row in connection.execute(query)]


def passkey_used(connection: Connection, credential: str, sign_count: int, at: datetime) -> None:
    """Note the use of a passkey."""
    query = update(passkeys).where(passkeys.c.credential == credential)
    connection.execute(query.values(sign_count=sign_count, used_at=at))


def remove_passkey(connection: Connection, person: str, credential: str) -> bool:
    """Forget a passkey of a person; False where there is none such."""
    query = delete(passkeys).where(passkeys.c.person == person, passkeys.c.credential == credential)
    return bool(connection.execute(query).rowcount)


def forget(connection: Connection, person: str) -> None:
    """Forget all second factors of a person."""
    connection.execute(delete(totp).where(totp.c.person == person))
    forget_passkeys(connection, person)


def forget_passkeys(connection: Connection, person: str) -> None:
    """Forget what lets a person in without their password."""
    connection.execute(delete(passkeys).where(passkeys.c.person == person))


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(row.credential, row.person, row.name, row.public, row.sign_count, row.made_at, row.used_at)
