"""Clips: the facts of each clip of the library, and every name under which it was uploaded.

A name is a label, stored verbatim and never a path; the same bytes under two names are one clip.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    Row,
    String,
    Table,
    Text,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from signage.model.clip_facts import ClipFacts
from signage.store.column_types import Instant, JsonOf
from signage.store.engine import metadata

clips = Table(
    "clips",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("bytes", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("facts", JsonOf(ClipFacts), nullable=False),
    Column("unit", String(64), index=True),
    Column("added_at", Instant, nullable=False, index=True),
    Column("added_by", Text, nullable=False),
    Column("thumbnail", String(64)),
    Column("poster", String(64)),
)

clip_names = Table(
    "clip_names",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("who", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_clip_names_name", "name"),
)

clip_files = Table(
    "clip_files",
    metadata,
    Column("path", Text, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("changed_ns", BigInteger, nullable=False),
)
"""Ingested files of the clip folder: a file whose size and mtime are unchanged is not read again."""


@dataclass(frozen=True, slots=True)
class ClipRow:
    """A clip. *name*: its first name; *facts*: as the probe measured them; *unit*: whose quota it counts against."""

    sha256: str
    bytes: int
    name: str
    facts: ClipFacts
    unit: str | None
    added_at: datetime
    added_by: str
    thumbnail: str | None = None
    poster: str | None = None


def create_clip(connection: Connection, clip: ClipRow) -> bool:
    """Store a clip and its name; return False where its bytes are stored already."""
    is_new = get_clip(connection, clip.sha256) is None
    if is_new:
        connection.execute(
            insert(clips).values(
                sha256=clip.sha256,
                bytes=clip.bytes,
                name=clip.name,
                facts=clip.facts,
                unit=clip.unit,
                added_at=clip.added_at,
                added_by=clip.added_by,
                thumbnail=clip.thumbnail,
                poster=clip.poster,
            )
        )
    name_count = connection.scalar(
        select(func.count())
        .select_from(clip_names)
        .where(clip_names.c.sha256 == clip.sha256, clip_names.c.name == clip.name)
    )
    if not name_count:
        row = {"sha256": clip.sha256, "name": clip.name, "who": clip.added_by, "at": clip.added_at}
        connection.execute(insert(clip_names).values(row))
    return is_new


def get_clip(connection: Connection, sha256: str) -> ClipRow | None:
    """Return the clip of that sha256."""
    row = connection.execute(select(clips).where(clips.c.sha256 == sha256)).first()
    return None if row is None else _build_clip_row(row)


def find_clips_by_name(connection: Connection, name: str) -> list[ClipRow]:
    """List the clips with exactly that name."""
    has_name = exists().where(clip_names.c.sha256 == clips.c.sha256, clip_names.c.name == name)
    return [
        _build_clip_row(row) for row in connection.execute(select(clips).where(has_name).order_by(clips.c.added_at))
    ]


def list_clip_names(connection: Connection, sha256: str) -> list[str]:
    """List the names of a clip, the oldest first."""
    query = select(clip_names.c.name).where(clip_names.c.sha256 == sha256).order_by(clip_names.c.at, clip_names.c.name)
    return list(connection.scalars(query))


def list_clips(connection: Connection, after: str = "", limit: int = 100, search: str = "") -> list[ClipRow]:
    """List the first *limit* clips after the sha256 *after*; with *search* only those with it in a name."""
    query = select(clips).where(clips.c.sha256 > after).order_by(clips.c.sha256).limit(limit)
    if search:
        query = query.where(_has_name(search))
    return [_build_clip_row(row) for row in connection.execute(query)]


def _has_name(search: str) -> ColumnElement[bool]:
    """Match either Unicode form: é is one character in names from some systems and two in others."""
    forms = {search, unicodedata.normalize("NFC", search), unicodedata.normalize("NFD", search)}
    like = or_(*(clip_names.c.name.contains(form, autoescape=True) for form in sorted(forms)))
    return exists().where(clip_names.c.sha256 == clips.c.sha256, like)


def list_newest_clips(connection: Connection, limit: int = 100, search: str = "") -> list[ClipRow]:
    """List the newest *limit* clips, the newest first; with *search* only those with it in a name."""
    query = select(clips).order_by(clips.c.added_at.desc(), clips.c.sha256).limit(limit)
    if search:
        query = query.where(_has_name(search))
    return [_build_clip_row(row) for row in connection.execute(query)]


def get_used_bytes(connection: Connection, unit: str | None) -> int:
    """Return the total size of the clips of a unit."""
    query = select(func.coalesce(func.sum(clips.c.bytes), 0)).where(clips.c.unit == unit)
    return int(connection.scalar(query) or 0)


def set_preview_image(
    connection: Connection, sha256: str, which: Literal["thumbnail", "poster"], image_sha256: str
) -> None:
    """Record the sha256 of the thumbnail or poster of a clip."""
    connection.execute(update(clips).where(clips.c.sha256 == sha256).values({which: image_sha256}))


def delete_clip(connection: Connection, sha256: str) -> None:
    """Delete a clip; its bytes stay sealed for the auditor."""
    for table in (clip_names, clip_files, clips):
        connection.execute(delete(table).where(table.c.sha256 == sha256))


def get_clip_file(connection: Connection, path: str) -> tuple[str, int, int] | None:
    """Return sha256, size and mtime (ns) of a file of the clip folder when it was ingested."""
    row = connection.execute(select(clip_files).where(clip_files.c.path == path)).first()
    return None if row is None else (row.sha256, row.size, row.changed_ns)


def set_clip_file(connection: Connection, path: str, sha256: str, size: int, changed_ns: int) -> None:
    """Record sha256, size and mtime (ns) of a file of the clip folder that was ingested."""
    connection.execute(delete(clip_files).where(clip_files.c.path == path))
    connection.execute(insert(clip_files).values(path=path, sha256=sha256, size=size, changed_ns=changed_ns))


def _build_clip_row(row: Row[Any]) -> ClipRow:
    columns: Sequence[Any] = row
    return ClipRow(*columns)
