"""Signing keys (Ed25519): created at first need, several during a rotation.

The private keys are in the database, so that all processes see a rotation in its transaction and a backup is complete;
only the owner of the state folder may read the database.
"""

from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Column, Connection, Integer, LargeBinary, String, Table, insert, select, update

from signage.protocol.signing import compute_key_id
from signage.store.column_types import Instant
from signage.store.engine import metadata

PLAYLIST_PURPOSE = "playlists"
"""The purpose of the keys that sign playlists."""

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(17), nullable=False, unique=True),
    Column("purpose", String(32), nullable=False),
    Column("private", LargeBinary, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("retired_at", Instant),
)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An active key pair. *public*: the raw public key; *id*: its KEYID."""

    id: str
    private: Ed25519PrivateKey
    public: bytes
    made_at: datetime


def list_active_keys(connection: Connection, purpose: str = PLAYLIST_PURPOSE) -> tuple[SigningKey, ...]:
    """List the active keys, the oldest first."""
    query = select(signing_keys).where(signing_keys.c.purpose == purpose, signing_keys.c.retired_at.is_(None))
    return tuple(
        _build_key(row.private, row.made_at) for row in connection.execute(query.order_by(signing_keys.c.number))
    )


def create_key(connection: Connection, at: datetime, purpose: str = PLAYLIST_PURPOSE) -> SigningKey:
    """Create and store a further key."""
    private = Ed25519PrivateKey.generate()
    key = _build_key(private.private_bytes_raw(), at)
    values = {"id": key.id, "purpose": purpose, "private": private.private_bytes_raw(), "made_at": at}
    connection.execute(insert(signing_keys).values(**values))
    return key


def retire_key(connection: Connection, key_id: str, at: datetime) -> bool:
    """Retire the key of that id; return False where no active key has it."""
    query = (
        update(signing_keys)
        .where(signing_keys.c.id == key_id, signing_keys.c.retired_at.is_(None))
        .values(retired_at=at)
    )
    return bool(connection.execute(query).rowcount)


def _build_key(private: bytes, made_at: datetime) -> SigningKey:
    key = Ed25519PrivateKey.from_private_bytes(private)
    public = key.public_key().public_bytes_raw()
    return SigningKey(compute_key_id(public), key, public, made_at)
