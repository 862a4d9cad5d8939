"""Resumable uploads: how many bytes of each are durable, when it expires, whose quota it counts against."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Row, String, Table, Text, delete, func, insert, select, update

from signage.store.column_types import Instant, Json
from signage.store.engine import metadata

uploads = Table(
    "uploads",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("unit", String(64), index=True),
    Column("facts", Json, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("sha256", String(64)),
    Column("fault", Json),
)


@dataclass(frozen=True, slots=True)
class UploadRow:
    """An upload. *offset*: its durable bytes; *sha256*: of the clip that it became; *fault*: why it was rejected."""

    id: str
    name: str
    size: int
    offset: int
    who: str
    unit: str | None
    facts: dict[str, Any]
    made_at: datetime
    expires_at: datetime
    sha256: str | None = None
    fault: dict[str, Any] | None = None

    @property
    def is_complete(self) -> bool:
        """Whether all bytes are durable."""
        return self.offset == self.size


def create_upload(connection: Connection, upload: UploadRow) -> None:
    """Store a new upload."""
    names = UploadRow.__slots__
    connection.execute(insert(uploads).values({name: getattr(upload, name) for name in names}))


def get_upload(connection: Connection, upload_id: str) -> UploadRow | None:
    """Return the upload of that id."""
    row = connection.execute(select(uploads).where(uploads.c.id == upload_id)).first()
    return None if row is None else _build_upload_row(row)


def update_offset(connection: Connection, upload_id: str, offset: int, expires_at: datetime) -> None:
    """Record the durable bytes of an upload, and when it expires."""
    connection.execute(update(uploads).where(uploads.c.id == upload_id).values(offset=offset, expires_at=expires_at))


def settle_upload(connection: Connection, upload_id: str, sha256: str | None, fault: dict[str, Any] | None) -> None:
    """Record the clip that an upload became, or why it was rejected."""
    connection.execute(update(uploads).where(uploads.c.id == upload_id).values(sha256=sha256, fault=fault))


def delete_upload(connection: Connection, upload_id: str) -> None:
    """Delete an upload."""
    connection.execute(delete(uploads).where(uploads.c.id == upload_id))


def list_expired_uploads(connection: Connection, at: datetime) -> list[UploadRow]:
    """List the uploads that have expired at *at*."""
    return [_build_upload_row(row) for row in connection.execute(select(uploads).where(uploads.c.expires_at <= at))]


def list_upload_ids(connection: Connection) -> set[str]:
    """Return the ids of all uploads."""
    return set(connection.scalars(select(uploads.c.id)))


def get_reserved_bytes(connection: Connection, unit: str | None) -> int:
    """Return the total declared size of the unfinished uploads of a unit."""
    query = select(func.coalesce(func.sum(uploads.c.size), 0)).where(uploads.c.unit == unit, uploads.c.sha256.is_(None))
    return int(connection.scalar(query.where(uploads.c.fault.is_(None))) or 0)


def count_unfinished_uploads(connection: Connection, who: str, at: datetime) -> int:
    """Count the uploads of a user that are neither settled nor expired."""
    query = select(func.count()).where(uploads.c.who == who, uploads.c.expires_at > at)
    return int(connection.scalar(query.where(uploads.c.sha256.is_(None), uploads.c.fault.is_(None))) or 0)


def _build_upload_row(row: Row[Any]) -> UploadRow:
    columns: Sequence[Any] = row
    return UploadRow(*columns)
