"""Uploads that are under way: how much of each is durable, until when it is kept, whose quota it counts in."""

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
    """One upload. *offset*: bytes that are on disk for good; *sha256*: the clip it became, or why *fault* not."""

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
        return self.offset == self.size


def create_upload(connection: Connection, upload: UploadRow) -> None:
    """Begin an upload."""
    names = UploadRow.__slots__
    connection.execute(insert(uploads).values({name: getattr(upload, name) for name in names}))


def get_upload(connection: Connection, upload_id: str) -> UploadRow | None:
    """The upload of that id."""
    row = connection.execute(select(uploads).where(uploads.c.id == upload_id)).first()
    return None if row is None else _build_upload_row(row)


def update_offset(connection: Connection, upload_id: str, offset: int, expires_at: datetime) -> None:
    """So much of it is on disk for good."""
    connection.execute(update(uploads).where(uploads.c.id == upload_id).values(offset=offset, expires_at=expires_at))


def settle_upload(connection: Connection, upload_id: str, sha256: str | None, fault: dict[str, Any] | None) -> None:
    """It became a clip, or was refused."""
    connection.execute(update(uploads).where(uploads.c.id == upload_id).values(sha256=sha256, fault=fault))


def delete_upload(connection: Connection, upload_id: str) -> None:
    """Forget it."""
    connection.execute(delete(uploads).where(uploads.c.id == upload_id))


def list_expired_uploads(connection: Connection, at: datetime) -> list[UploadRow]:
    """Those that are kept no longer."""
    return [_build_upload_row(row) for row in connection.execute(select(uploads).where(uploads.c.expires_at <= at))]


def list_upload_ids(connection: Connection) -> set[str]:
    """All that are under way."""
    return set(connection.scalars(select(uploads.c.id)))


def get_reserved_bytes(connection: Connection, unit: str | None) -> int:
    """What the unfinished uploads of a unit may grow to."""
    query = select(func.coalesce(func.sum(uploads.c.size), 0)).where(uploads.c.unit == unit, uploads.c.sha256.is_(None))
    return int(connection.scalar(query.where(uploads.c.fault.is_(None))) or 0)


def count_unfinished_uploads(connection: Connection, who: str, at: datetime) -> int:
    """How many uploads of a person are neither settled nor over."""
    query = select(func.count()).where(uploads.c.who == who, uploads.c.expires_at > at)
    return int(connection.scalar(query.where(uploads.c.sha256.is_(None), uploads.c.fault.is_(None))) or 0)


def _build_upload_row(row: Row[Any]) -> UploadRow:
    columns: Sequence[Any] = row
    return UploadRow(*columns)
