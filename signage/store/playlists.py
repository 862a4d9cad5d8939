"""Published playlists: the header of each screen and serial, and the bodies that screens share.

Published playlists are never changed or deleted: a play is judged against the playlist that the screen had.
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
    """A playlist of *screen*. *body_sha256*: of its shared body; *modified_at*: in seconds since 1970."""

    screen: str
    serial: int
    issued_at: datetime
    timezone: str
    body_sha256: str
    modified_at: int
    number: int = 0


def publish_playlists(
    connection: Connection, published: Sequence[PlaylistRow], first: set[str], bodies: Iterable[tuple[str, bytes]]
) -> None:
    """Store *published* with their *bodies* and make each the current playlist of its screen.

    *first*: ids of the screens that had no playlist before.
    """
    for sha256, content in bodies:
        if connection.execute(select(shared_bodies.c.sha256).where(shared_bodies.c.sha256 == sha256)).first() is None:
            connection.execute(insert(shared_bodies).values(sha256=sha256, bytes=zlib.compress(content, 3)))
    number = int(connection.scalar(select(func.max(playlists.c.number))) or 0)
    rows = [{**_build_columns(d), "number": number + index} for index, d in enumerate(published, 1)]
    added = [row for row in rows if row["screen"] in first]
    changed = [{f"new_{key}": value for key, value in row.items()} for row in rows if row["screen"] not in first]
    if rows:
        connection.execute(insert(playlists), rows)
    if added:
        connection.execute(insert(current_playlists), added)
    if changed:
        connection.execute(_UPDATE_CURRENT, changed)


_CURRENT_COLUMNS = ("number", "serial", "issued_at", "timezone", "tail", "modified_at")
_UPDATE_CURRENT = (
    update(current_playlists)
    .where(current_playlists.c.screen == bindparam("new_screen"))
    .values({name: bindparam(f"new_{name}", type_=current_playlists.c[name].type) for name in _CURRENT_COLUMNS})
)


def _build_columns(playlist: PlaylistRow) -> dict[str, Any]:
    return {
        "screen": playlist.screen,
        "serial": playlist.serial,
        "issued_at": playlist.issued_at,
        "timezone": playlist.timezone,
        "tail": playlist.body_sha256,
        "modified_at": playlist.modified_at,
    }


def iter_current_playlists(connection: Connection, after: int = 0) -> Iterator[PlaylistRow]:
    """Iterate over the current playlists with a number above *after*, by number."""
    query = select(current_playlists).where(current_playlists.c.number > after).order_by(current_playlists.c.number)
    for row in connection.execute(query):
        yield _build_playlist_row(row)


def get_playlist(connection: Connection, screen: str, serial: int) -> PlaylistRow | None:
    """Return the playlist of that screen and serial."""
    query = select(playlists).where(playlists.c.screen == screen, playlists.c.serial == serial)
    row = connection.execute(query.order_by(playlists.c.number.desc())).first()
    return None if row is None else _build_playlist_row(row)


def list_playlists_between(connection: Connection, screen: str, begin: datetime, end: datetime) -> list[PlaylistRow]:
    """List the playlists that were current at some time between *begin* and *end*, in order."""
    rows = connection.execute(select(playlists).where(playlists.c.screen == screen).order_by(playlists.c.number))
    issued = [_build_playlist_row(row) for row in rows if row.issued_at < end]
    before = [index for index, playlist in enumerate(issued) if playlist.issued_at <= begin]
    return issued[before[-1] :] if before else issued


def get_shared_body(connection: Connection, sha256: str) -> bytes | None:
    """Return the bytes of a shared body."""
    compressed = connection.scalar(select(shared_bodies.c.bytes).where(shared_bodies.c.sha256 == sha256))
    return None if compressed is None else zlib.decompress(compressed)


def get_current_serial(connection: Connection, screen: str) -> int | None:
    """Return the serial of the current playlist of a screen."""
    serial = connection.scalar(select(current_playlists.c.serial).where(current_playlists.c.screen == screen))
    return None if serial is None else int(serial)


def record_reported_serial(connection: Connection, screen: str, serial: int) -> bool:
    """Record the highest serial that *screen* reported; return whether it is above all reported before."""
    highest = connection.scalar(
        select(reported_playlist_serials.c.serial).where(reported_playlist_serials.c.screen == screen)
    )
    if highest is None:
        connection.execute(insert(reported_playlist_serials).values(screen=screen, serial=serial))
    elif highest < serial:
        connection.execute(
            update(reported_playlist_serials).where(reported_playlist_serials.c.screen == screen).values(serial=serial)
        )
    return highest is None or highest < serial


def get_reported_serials(connection: Connection) -> dict[str, int]:
    """Return screen id → the highest serial that the screen reported."""
    return {screen: int(serial) for screen, serial in connection.execute(select(reported_playlist_serials))}


def _build_playlist_row(row: Any) -> PlaylistRow:
    return PlaylistRow(
        row.screen, int(row.serial), row.issued_at, row.timezone, row.tail, int(row.modified_at), int(row.number)
    )
