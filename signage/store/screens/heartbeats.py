"""When each screen was last heard of, and what it said then. Written in batches: not every poll is a transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Row, String, Table, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from signage.store.column_types import Instant, Json
from signage.store.engine import metadata
from signage.store.takeovers import delivery as landings

heartbeats = Table(
    "screen_contacts",
    metadata,
    Column("screen", String(64), primary_key=True),
    Column("seen_at", Instant, index=True),
    Column("polls", BigInteger, nullable=False, server_default="0"),
    Column("status_at", Instant),
    Column("status", Json),
    Column("serial", BigInteger),
    Column("shot_at", Instant),
    Column("shot_sha256", String(64)),
    Column("served", BigInteger),
)


@dataclass(frozen=True, slots=True)
class HeartbeatRow:
    """*seen_at*: the last poll; *serial*: what the screen last said that it plays; *status* as it said it.

    *served*: the serial of the document that a poll of it was last answered with.
    """

    screen: str
    seen_at: datetime | None
    polls: int
    status_at: datetime | None
    status: dict[str, Any] | None
    serial: int | None
    screenshot_at: datetime | None
    screenshot_sha256: str | None
    served_serial: int | None = None

    @property
    def known_serial(self) -> int:
        """The highest serial that the screen is known to have: told of by itself, or served to it; 0: none."""
        return max(self.serial or 0, self.served_serial or 0)


def record_polls(connection: Connection, rows: Sequence[tuple[str, datetime, int]]) -> None:
    """Note polls: for each screen the instant of the last one, and how many there were since the last note."""
    if not rows:
        return
    insert = _build_insert(connection)
    query = insert.on_conflict_do_update(
        index_elements=["screen"],
        set_={
            "seen_at": _select_later(connection, heartbeats.c.seen_at, insert.excluded.seen_at),
            "polls": heartbeats.c.polls + insert.excluded.polls,
        },
    )
    connection.execute(query, [{"screen": screen, "seen_at": at, "polls": polls} for screen, at, polls in rows])


def record_served_serials(connection: Connection, serials: Iterable[tuple[str, int]]) -> None:
    """Note which document polls were answered with, by screen."""
    known = list(serials)
    rows = [{"screen": screen, "polls": 0, "served": serial} for screen, serial in known]
    if rows:
        insert = _build_insert(connection)
        set_ = {"served": _select_later(connection, heartbeats.c.served, insert.excluded.served)}
        connection.execute(insert.on_conflict_do_update(index_elements=["screen"], set_=set_), rows)
        landings.on_serial_seen(connection, known)


def record_status(
    connection: Connection, screen: str, at: datetime, status: dict[str, Any], serial: int | None
) -> None:
    """Keep what a screen said of itself."""
    values = {"status_at": at, "status": status, "serial": serial}
    query = _build_insert(connection).values(screen=screen, polls=0, **values)
    connection.execute(query.on_conflict_do_update(index_elements=["screen"], set_=values))
    if serial is not None:
        landings.on_serial_seen(connection, [(screen, serial)])
    if "item" in status:
        landings.on_status(connection, screen, at, status["item"])


def record_screenshot(connection: Connection, screen: str, at: datetime, sha256: str) -> None:
    """Keep which picture a screen last sent of itself."""
    values = {"shot_at": at, "shot_sha256": sha256}
    query = _build_insert(connection).values(screen=screen, polls=0, **values)
    connection.execute(query.on_conflict_do_update(index_elements=["screen"], set_=values))


def get_heartbeats(connection: Connection, screens: Iterable[str] | None = None) -> dict[str, HeartbeatRow]:
    """What is known of *screens* (default: all)."""
    if screens is None:
        return {row.screen: build_heartbeat_row(row) for row in connection.execute(select(heartbeats))}
    wanted = list(screens)
    found: dict[str, HeartbeatRow] = {}
    for start in range(0, len(wanted), 500):
        query = select(heartbeats).where(heartbeats.c.screen.in_(wanted[start : start + 500]))
        found.update((row.screen, build_heartbeat_row(row)) for row in connection.execute(query))
    return found


def delete_heartbeat(connection: Connection, screen: str) -> None:
    """Forget a screen that was removed."""
    connection.execute(delete(heartbeats).where(heartbeats.c.screen == screen))


def build_heartbeat_row(row: Row[Any]) -> HeartbeatRow:
    return HeartbeatRow(
        row.screen,
        row.seen_at,
        row.polls,
        row.status_at,
        row.status,
        row.serial,
        row.shot_at,
        row.shot_sha256,
        row.served,
    )


def _build_insert(connection: Connection) -> Any:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(heartbeats)


def _select_later(connection: Connection, old: Any, new: Any) -> Any:
    latest = func.greatest if connection.dialect.name == "postgresql" else func.max
    return latest(func.coalesce(old, new), new)
