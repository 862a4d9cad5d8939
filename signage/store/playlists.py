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

tails = Table(
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

current = Table(
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

reported = Table(
    "playlist_reported",
    metadata,
    Column("screen", String(64), primary_key=True),
    Column("serial", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Published:
    """A document of *screen*; *tail* is the sha256 of its tail, *modified_at* in epoch seconds."""

    screen: str
    serial: int
    issued_at: datetime
    timezone: str
    tail: str
    modified_at: int
    number: int = 0


def publish(
    connection: Connection, documents: Sequence[Published], first: set[str], new_tails: Iterable[tuple[str, bytes]]
) -> None:
    """Keep new documents and make each its screen's current one. *first*: screens that had none before."""
    for sha256, content in new_tails:
        if connection.execute(select(tails.c.sha256).where(tails.c.sha256 == sha256)).first() is None:
            connection.execute(insert(tails).values(sha256=sha256, bytes=zlib.compress(content, 3)))
    number = int(connection.scalar(select(func.max(playlists.c.number))) or 0)
    rows = [{**_columns(d), "number": number + place} for place, d in enumerate(documents, 1)]
    fresh = [row for row in rows if row["screen"] in first]
    changed = [{f"new_{key}": value for key, value in row.items()} for row in rows if row["screen"] not in first]
    if rows:
        connection.execute(insert(playlists), rows)
    if fresh:
        connection.execute(insert(current), fresh)
    if changed:
        connection.execute(_CHANGE, changed)


_CHANGED = ("number", "serial", "issued_at", "timezone", "tail", "modified_at")
_CHANGE = (
    update(current)
    .where(current.c.screen == bindparam("new_screen"))
    .values({name: bindparam(f"new_{name}", type_=current.c[name].type) for name in _CHANGED})
)


def _columns(document: Published) -> dict[str, Any]:
    return {
        "screen": document.screen,
        "serial": document.serial,
        "issued_at": document.issued_at,
        "timezone": document.timezone,
        "tail": document.tail,
        "modified_at": document.modified_at,
    }


def newest(connection: Connection, after: int = 0) -> Iterator[Published]:
    """Screens' current documents with a number above *after*, by number."""
    query = select(current).where(current.c.number > after).order_by(current.c.number)
    for row in connection.execute(query):
        yield _published(row)


def get(connection: Connection, screen: str, serial: int) -> Published | None:
    """The document of that screen and serial."""
    query = select(playlists).where(playlists.c.screen == screen, playlists.c.serial == serial)
    row = connection.execute(query.order_by(playlists.c.number.desc())).first()
    return None if row is None else _published(row)


def between(connection: Connection, screen: str, begin: datetime, end: datetime) -> list[Published]:
    """The documents that were current at some time between *begin* and *end*, in order."""
    rows = connection.execute(select(playlists).where(playlists.c.screen == screen).order_by(playlists.c.number))
    found = [_published(row) for row in rows if row.issued_at < end]
    late = [n for n, one in enumerate(found) if one.issued_at <= begin]
    return found[late[-1] :] if late else found


def tail(connection: Connection, sha256: str) -> bytes | None:
    """The bytes of a tail."""
    found = connection.scalar(select(tails.c.bytes).where(tails.c.sha256 == sha256))
    return None if found is None else zlib.decompress(found)


def newest_serial(connection: Connection, screen: str) -> int | None:
    """The serial of the screen's current document."""
    found = connection.scalar(select(current.c.serial).where(current.c.screen == screen))
    return None if found is None else int(found)


def report_serial(connection: Connection, screen: str, serial: int) -> bool:
    """Keep the highest serial that *screen* told of; True when it is above all that it told before."""
    known = connection.scalar(select(reported.c.serial).where(reported.c.screen == screen))
    if known is None:
        connection.execute(insert(reported).values(screen=screen, serial=serial))
    elif known < serial:
        connection.execute(update(reported).where(reported.c.screen == screen).values(serial=serial))
    return known is None or known < serial


def reported_serials(connection: Connection) -> dict[str, int]:
    """The highest serial that each screen told of."""
    return {screen: int(serial) for screen, serial in connection.execute(select(reported))}


def _published(row: Any) -> Published:
    return Published(
        row.screen, int(row.serial), row.issued_at, row.timezone, row.tail, int(row.modified_at), int(row.number)
    )
