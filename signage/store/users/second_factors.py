"""Second factors of people: one authenticator secret (TOTP), any number of passkeys (WebAuthn).

A passkey is kept by its public half; the TOTP secret has to be kept as it is, so the database is its owner's alone.
"""

from dataclasses import dataclass
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
    """An authenticator. *used_step*: the last time step whose code was used; none is good twice."""

    user_id: str
    secret: str
    made_at: datetime
    used_step: int


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """A passkey. *credential* is its id in base64url."""

    credential: str
    person: str
    name: str
    public: bytes
    sign_count: int
    made_at: datetime
    used_at: datetime | None


def get_totp(connection: Connection, person: str) -> TotpRow | None:
    """The authenticator of a person."""
    row = connection.execute(select(totp_secrets).where(totp_secrets.c.person == person)).first()
    return None if row is None else TotpRow(row.person, row.secret, row.made_at, row.used_step)


def set_totp(connection: Connection, person: str, secret: str | None, at: datetime, step: int = 0) -> None:
    """Keep an authenticator in place of the one before; None takes it away."""
    connection.execute(delete(totp_secrets).where(totp_secrets.c.person == person))
    if secret is not None:
        connection.execute(insert(totp_secrets).values(person=person, secret=secret, made_at=at, used_step=step))


def consume_totp_step(connection: Connection, person: str, step: int) -> bool:
    """Use a time step up; False where it, or a later one, was used already."""
    query = (
        update(totp_secrets)
        .where(totp_secrets.c.person == person, totp_secrets.c.used_step < step)
        .values(used_step=step)
    )
    return bool(connection.execute(query).rowcount)


def create_passkey(connection: Connection, passkey: PasskeyRow) -> None:
    """Keep a new passkey."""
    values = {name: getattr(passkey, name) for name in PasskeyRow.__slots__}
    connection.execute(insert(passkeys), [values])


def get_passkey(connection: Connection, credential: str) -> PasskeyRow | None:
    """The passkey of that credential id."""
    row = connection.execute(select(passkeys).where(passkeys.c.credential == credential)).first()
    return None if row is None else _build_passkey_row(row)


def list_passkeys(connection: Connection, person: str) -> list[PasskeyRow]:
    """The passkeys of a person, the oldest first."""
    query = select(passkeys).where(passkeys.c.person == person).order_by(passkeys.c.made_at)
    return [_build_passkey_row(row) for row in connection.execute(query)]


def record_passkey_use(connection: Connection, credential: str, sign_count: int, at: datetime) -> None:
    """Note the use of a passkey."""
    query = update(passkeys).where(passkeys.c.credential == credential)
    connection.execute(query.values(sign_count=sign_count, used_at=at))


def delete_passkey(connection: Connection, person: str, credential: str) -> bool:
    """Forget a passkey of a person; False where there is none such."""
    query = delete(passkeys).where(passkeys.c.person == person, passkeys.c.credential == credential)
    return bool(connection.execute(query).rowcount)


def delete_second_factors(connection: Connection, person: str) -> None:
    """Forget all second factors of a person."""
    connection.execute(delete(totp_secrets).where(totp_secrets.c.person == person))
    delete_passkeys(connection, person)


def delete_passkeys(connection: Connection, person: str) -> None:
    """Forget what lets a person in without their password."""
    connection.execute(delete(passkeys).where(passkeys.c.person == person))


def _build_passkey_row(row: Row[Any]) -> PasskeyRow:
    return PasskeyRow(row.credential, row.person, row.name, row.public, row.sign_count, row.made_at, row.used_at)
