"""Documents as published: for each screen and serial the head's facts, and the tails that screens share.

Nothing here is ever changed or deleted: a play is judged against the document that the screen had.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    bindparam,
    func,
    insert,
    select,
    update,
)

from signage.store.column_types import Instant
from signage.store.engine import metadata

shared_bodies = Table(
    "playlist_tails",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
)

playlists = Table(
    "playlists",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("screen", String(64), nullable=False),
    Column("serial", BigInteger, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("timezone", String(64), nullable=False),
    Column("tail", String(64), nullable=False),
    Column("modified_at", BigInteger, nullable=False),
    Index("ix_playlists_screen", "screen", "serial"),
)

current_playlists = Table(
    "playlist_current",
    metadata,
    Column("screen", String(64), primary_key=True),
    Column("number", Integer, nullable=False, index=True),
    Column("serial", BigInteger, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("timezone", String(64), nullable=False),
    Column("tail", String(64), nullable=False),
    Column("modified_at", BigInteger, nullable=False),
)

reported_playlist_serials = Table(
    "playlist_reported",
    metadata,
    Column("screen", String(64), primary_key=True),
    Column("serial", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class PlaylistRow:
    """A document of *screen*; *tail* is the sha256 of its tail, *modified_at* in epoch seconds."""

    screen: str
    serial: int
    issued_at: datetime
    timezone: str
    body_sha256: str
    modified_at: int
    number: int = 0


def publish_playlists(
    connection: Connection, documents: Sequence[PlaylistRow], first: set[str], new_tails: Iterable[tuple[str, bytes]]
) -> None:
    """Keep new documents and make each its screen's current one. *first*: screens that had none before."""
    for sha256, content in new_tails:
        if connection.execute(select(shared_bodies.c.sha256).where(shared_bodies.c.sha256 == sha256)).first() is None:
            connection.execute(insert(shared_bodies).values(sha256=sha256, bytes=zlib.compress(content, 3)))
    number = int(connection.scalar(select(func.max(playlists.c.number))) or 0)
    rows = [{**_build_columns(d), "number": number + place} for place, d in enumerate(documents, 1)]
    fresh = [row for row in rows if row["screen"] in first]
    changed = [{f"new_{key}": value for key, value in row.items()} for row in rows if row["screen"] not in first]
    if rows:
        connection.execute(insert(playlists), rows)
    if fresh:
        connection.execute(insert(current_playlists), fresh)
    if changed:
        connection.execute(_UPDATE_CURRENT, changed)


_CURRENT_COLUMNS = ("number", "serial", "issued_at", "timezone", "tail", "modified_at")
_UPDATE_CURRENT = (
    update(current_playlists)
    .where(current_playlists.c.screen == bindparam("new_screen"))
    .values({name: bindparam(f"new_{name}", type_=current_playlists.c[name].type) for name in _CURRENT_COLUMNS})
)


def _build_columns(document: PlaylistRow) -> dict[str, Any]:
    return {
        "screen": document.screen,
        "serial": document.serial,
        "issued_at": document.issued_at,
        "timezone": document.timezone,
        "tail": document.body_sha256,
        "modified_at": document.modified_at,
    }


def iter_current_playlists(connection: Connection, after: int = 0) -> Iterator[PlaylistRow]:
    """Screens' current documents with a number above *after*, by number."""
    query = select(current_playlists).where(current_playlists.c.number > after).order_by(current_playlists.c.number)
    for row in connection.execute(query):
        yield _build_playlist_row(row)


def get_playlist(connection: Connection, screen: str, serial: int) -> PlaylistRow | None:
    """The document of that screen and serial."""
    query = select(playlists).where(playlists.c.screen == screen, playlists.c.serial == serial)
    row = connection.execute(query.order_by(playlists.c.number.desc())).first()
    return None if row is None else _build_playlist_row(row)


def list_playlists_between(connection: Connection, screen: str, begin: datetime, end: datetime) -> list[PlaylistRow]:
    """The documents that were current at some time between *begin* and *end*, in order."""
    rows = connection.execute(select(playlists).where(playlists.c.screen == screen).order_by(playlists.c.number))
    found = [_build_playlist_row(row) for row in rows if row.issued_at < end]
    late = [n for n, one in enumerate(found) if one.issued_at <= begin]
    return found[late[-1] :] if late else found


def get_shared_body(connection: Connection, sha256: str) -> bytes | None:
    """The bytes of a tail."""
    found = connection.scalar(select(shared_bodies.c.bytes).where(shared_bodies.c.sha256 == sha256))
    return None if found is None else zlib.decompress(found)


def get_current_serial(connection: Connection, screen: str) -> int | None:
    """The serial of the screen's current document."""
    found = connection.scalar(select(current_playlists.c.serial).where(current_playlists.c.screen == screen))
    return None if found is None else int(found)


def record_reported_serial(connection: Connection, screen: str, serial: int) -> bool:
    """Keep the highest serial that *screen* told of; True when it is above all that it told before."""
    known = connection.scalar(
        select(reported_playlist_serials.c.serial).where(reported_playlist_serials.c.screen == screen)
    )
    if known is None:
        connection.execute(insert(reported_playlist_serials).values(screen=screen, serial=serial))
    elif known < serial:
        connection.execute(
            update(reported_playlist_serials).where(reported_playlist_serials.c.screen == screen).values(serial=serial)
        )
    return known is None or known < serial


def get_reported_serials(connection: Connection) -> dict[str, int]:
    """The highest serial that each screen told of."""
    return {screen: int(serial) for screen, serial in connection.execute(select(reported_playlist_serials))}


def _build_playlist_row(row: Any) -> PlaylistRow:
    return PlaylistRow(
        row.screen, int(row.serial), row.issued_at, row.timezone, row.tail, int(row.modified_at), int(row.number)
    )
