"""What people say of clips: title, tags, source and rights, validity. Every version is kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, String, Table, func, insert, select

from signage.store.column_types import Instant, Json
from signage.store.engine import metadata

clip_details = Table(
    "clip_details",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("details", Json, nullable=False),
    Column("at", Instant, nullable=False),
    Column("who", String(200), nullable=False),
)


@dataclass(frozen=True, slots=True)
class ClipDetailsRow:
    """One version of what is said of a clip."""

    sha256: str
    version: int
    details: dict[str, Any]
    at: datetime
    who: str


def list_details_versions(connection: Connection, sha256: str) -> list[ClipDetailsRow]:
    """All that was said of a clip, the newest first."""
    query = select(clip_details).where(clip_details.c.sha256 == sha256).order_by(clip_details.c.version.desc())
    return [ClipDetailsRow(*row) for row in connection.execute(query)]


def get_newest_details(connection: Connection, clips: Iterable[str]) -> dict[str, ClipDetailsRow]:
    """The newest of each of *clips* of which something was said."""
    wanted = list(clips)
    found: dict[str, ClipDetailsRow] = {}
    for start in range(0, len(wanted), 500):
        query = (
            select(clip_details)
            .where(clip_details.c.sha256.in_(wanted[start : start + 500]))
            .order_by(clip_details.c.version)
        )
        found.update((row.sha256, ClipDetailsRow(*row)) for row in connection.execute(query))
    return found


def create_details_version(connection: Connection, sha256: str, said: dict[str, Any], at: datetime, who: str) -> int:
    """Keep the next version; returns its number."""
    last = connection.scalar(select(func.max(clip_details.c.version)).where(clip_details.c.sha256 == sha256)) or 0
    values = {"sha256": sha256, "version": last + 1, "details": said, "at": at, "who": who}
    connection.execute(insert(clip_details).values(**values))
    return int(last) + 1
