"""Details of clips as users enter them: title, tags, source and rights, validity. Every version is stored."""

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
    """One version of the details of a clip."""

    sha256: str
    version: int
    details: dict[str, Any]
    at: datetime
    who: str


def list_details_versions(connection: Connection, sha256: str) -> list[ClipDetailsRow]:
    """List all versions of the details of a clip, the newest first."""
    query = select(clip_details).where(clip_details.c.sha256 == sha256).order_by(clip_details.c.version.desc())
    return [ClipDetailsRow(*row) for row in connection.execute(query)]


def get_newest_details(connection: Connection, clips: Iterable[str]) -> dict[str, ClipDetailsRow]:
    """Return sha256 → newest details for those of *clips* that have any."""
    clip_ids = list(clips)
    newest: dict[str, ClipDetailsRow] = {}
    for start in range(0, len(clip_ids), 500):
        query = (
            select(clip_details)
            .where(clip_details.c.sha256.in_(clip_ids[start : start + 500]))
            .order_by(clip_details.c.version)
        )
        newest.update((row.sha256, ClipDetailsRow(*row)) for row in connection.execute(query))
    return newest


def create_details_version(connection: Connection, sha256: str, details: dict[str, Any], at: datetime, who: str) -> int:
    """Store the next version of the details; return its number."""
    last = connection.scalar(select(func.max(clip_details.c.version)).where(clip_details.c.sha256 == sha256)) or 0
    values = {"sha256": sha256, "version": last + 1, "details": details, "at": at, "who": who}
    connection.execute(insert(clip_details).values(**values))
    return int(last) + 1
