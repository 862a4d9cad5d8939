"""Slogans of the library, each with its details (tags, source, rights, validity) and all its versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, Row, String, Table, Text, insert, select, type_coerce, update

from signage.store.column_types import Instant, Json
from signage.store.engine import metadata

slogans = Table(
    "slogans",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("text", Text, nullable=False, index=True),
    Column("details", Json, nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", String(200), nullable=False),
    Column("removed_at", Instant),
)

slogan_versions = Table(
    "slogan_versions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("details", Json, nullable=False),
    Column("at", Instant, nullable=False),
    Column("who", String(200), nullable=False),
)


@dataclass(frozen=True, slots=True)
class SloganRow:
    """The newest version of a slogan. *details*: tags, source, rights, validity."""

    number: int
    text: str
    details: dict[str, Any]
    version: int
    changed_at: datetime
    changed_by: str


def create_slogan(connection: Connection, text: str, details: dict[str, Any], at: datetime, who: str) -> int:
    """Store a new slogan; return its number."""
    values = {"text": text, "details": details, "version": 1, "changed_at": at, "changed_by": who}
    key = connection.execute(insert(slogans).values(**values)).inserted_primary_key
    assert key is not None
    _insert_version(connection, int(key[0]), 1, text, details, at, who)
    return int(key[0])


def update_slogan(
    connection: Connection, slogan: SloganRow, text: str, details: dict[str, Any], at: datetime, who: str
) -> int:
    """Store another text or other details as the next version; return its number."""
    version = slogan.version + 1
    values = {"text": text, "details": details, "version": version, "changed_at": at, "changed_by": who}
    connection.execute(update(slogans).where(slogans.c.number == slogan.number).values(**values))
    _insert_version(connection, slogan.number, version, text, details, at, who)
    return version


def get_slogan(connection: Connection, number: int) -> SloganRow | None:
    """Return the slogan of that number, unless it was deleted."""
    query = select(slogans).where(slogans.c.number == number, slogans.c.removed_at.is_(None))
    row = connection.execute(query).first()
    return None if row is None else _build_slogan_row(row)


def find_slogans_by_text(connection: Connection, texts: Sequence[str]) -> dict[str, SloganRow]:
    """Return text → slogan for those of *texts* that are in the library."""
    by_text: dict[str, SloganRow] = {}
    for start in range(0, len(texts), 500):
        query = select(slogans).where(slogans.c.text.in_(texts[start : start + 500]), slogans.c.removed_at.is_(None))
        by_text.update((row.text, _build_slogan_row(row)) for row in connection.execute(query))
    return by_text


def list_slogans(
    connection: Connection, before: int | None = None, limit: int = 50, search: str = ""
) -> list[SloganRow]:
    """List the newest *limit* slogans with a number below *before* and *search* in text or details."""
    query = select(slogans).where(slogans.c.removed_at.is_(None)).order_by(slogans.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(slogans.c.number < before)
    if search:
        query = query.where(
            slogans.c.text.contains(search, autoescape=True)
            | type_coerce(slogans.c.details, Text).contains(search, autoescape=True)
        )
    return [_build_slogan_row(row) for row in connection.execute(query)]


def list_slogan_versions(connection: Connection, number: int) -> list[SloganRow]:
    """List all versions of a slogan, the newest first."""
    query = select(slogan_versions).where(slogan_versions.c.number == number).order_by(slogan_versions.c.version.desc())
    return [
        SloganRow(row.number, row.text, row.details, row.version, row.at, row.who) for row in connection.execute(query)
    ]


def delete_slogan(connection: Connection, number: int, at: datetime) -> None:
    """Delete a slogan from the library; its versions stay."""
    connection.execute(update(slogans).where(slogans.c.number == number).values(removed_at=at))


def _insert_version(
    connection: Connection, number: int, version: int, text: str, details: dict[str, Any], at: datetime, who: str
) -> None:
    values = {"number": number, "version": version, "text": text, "details": details, "at": at, "who": who}
    connection.execute(insert(slogan_versions).values(**values))


def _build_slogan_row(row: Row[Any]) -> SloganRow:
    return SloganRow(row.number, row.text, row.details, row.version, row.changed_at, row.changed_by)
