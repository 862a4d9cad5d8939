"""Heartbeats: the last poll, status message and screenshot of each screen.

Polls are written in batches: not every poll is a transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Connection, Row, String, Table, delete, false, func, select
from sqlalchemy.dialects import postgresql, sqlite

from signage.store.column_types import Instant, Json
from signage.store.engine import metadata

_CHUNK_SIZE = 500

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
    Column("faulty", Boolean, nullable=False, server_default=false()),
)
"""*faulty*: the last status message lists faults."""


@dataclass(frozen=True, slots=True)
class HeartbeatRow:
    """The heartbeat of one screen.

    *seen_at*: the last poll; *serial*: of the playlist that the screen last reported to play; *status*: the message
    as sent; *served_serial*: of the playlist in the answer to its last poll.
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
        """The highest serial that the screen is known to have, reported by it or served to it; 0: none."""
        return max(self.serial or 0, self.served_serial or 0)


def record_polls(connection: Connection, polls: Sequence[tuple[str, datetime, int]]) -> None:
    """Record polls: for each screen the instant of the last one, and their number since the last record."""
    if not polls:
        return
    insert = _build_insert(connection)
    query = insert.on_conflict_do_update(
        index_elements=["screen"],
        set_={
            "seen_at": _select_greatest(connection, heartbeats.c.seen_at, insert.excluded.seen_at),
            "polls": heartbeats.c.polls + insert.excluded.polls,
        },
    )
    connection.execute(query, [{"screen": screen, "seen_at": at, "polls": number} for screen, at, number in polls])


def record_served_serials(connection: Connection, serials: Iterable[tuple[str, int]]) -> None:
    """Record the serial of the playlist that the last poll of each screen was answered with."""
    rows = [{"screen": screen, "polls": 0, "served": serial} for screen, serial in serials]
    if rows:
        insert = _build_insert(connection)
        greatest = _select_greatest(connection, heartbeats.c.served, insert.excluded.served)
        connection.execute(insert.on_conflict_do_update(index_elements=["screen"], set_={"served": greatest}), rows)


def record_status(
    connection: Connection, screen: str, at: datetime, status: Mapping[str, Any], serial: int | None
) -> None:
    """Record the status message of a screen."""
    _upsert(
        connection, screen, {"status_at": at, "status": status, "serial": serial, "faulty": bool(status.get("faults"))}
    )


def record_screenshot(connection: Connection, screen: str, at: datetime, sha256: str) -> None:
    """Record the sha256 of the last screenshot that a screen sent."""
    _upsert(connection, screen, {"shot_at": at, "shot_sha256": sha256})


def get_heartbeats(connection: Connection, screens: Iterable[str] | None = None) -> dict[str, HeartbeatRow]:
    """Return screen id → heartbeat for *screens* (default: all) that have one."""
    if screens is None:
        return {row.screen: build_heartbeat_row(row) for row in connection.execute(select(heartbeats))}
    screen_ids = list(screens)
    by_screen: dict[str, HeartbeatRow] = {}
    for start in range(0, len(screen_ids), _CHUNK_SIZE):
        query = select(heartbeats).where(heartbeats.c.screen.in_(screen_ids[start : start + _CHUNK_SIZE]))
        by_screen.update((row.screen, build_heartbeat_row(row)) for row in connection.execute(query))
    return by_screen


def delete_heartbeat(connection: Connection, screen: str) -> None:
    """Delete the heartbeat of a screen that was removed."""
    connection.execute(delete(heartbeats).where(heartbeats.c.screen == screen))


def build_heartbeat_row(row: Row[Any]) -> HeartbeatRow:
    """Build the value of a row that has all columns of the table, among others."""
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


def _upsert(connection: Connection, screen: str, values: dict[str, Any]) -> None:
    query = _build_insert(connection).values(screen=screen, polls=0, **values)
    connection.execute(query.on_conflict_do_update(index_elements=["screen"], set_=values))


def _build_insert(connection: Connection) -> Any:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(heartbeats)


def _select_greatest(connection: Connection, old: Any, new: Any) -> Any:
    greatest = func.greatest if connection.dialect.name == "postgresql" else func.max
    return greatest(func.coalesce(old, new), new)
