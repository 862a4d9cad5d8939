"""Takeovers, stored for ever: each as requested, the screens that it named when it started, and when it was stopped."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    insert,
    or_,
    select,
    update,
)

from signage.model.campaign import Campaign
from signage.model.takeover import Takeover
from signage.store.column_types import Instant, Json, JsonOf
from signage.store.engine import metadata

takeovers = Table(
    "takeovers",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("selectors", Json, nullable=False),
    Column("drifted", Json, nullable=False),
    Column("from", Instant, nullable=False),
    Column("until", Instant, nullable=False, index=True),
    Column("stopped_at", Instant),
    Column("who", String(200), nullable=False),
    Column("why", Text, nullable=False),
    Column("text", Text),
    Column("item", String(129)),
    Column("blank", Boolean, nullable=False),
    Column("stopped_by", String(200)),
    Column("count", Integer, nullable=False, server_default="0"),
    Column("content", JsonOf(Campaign)),
    Column("unit", String(64)),
    sqlite_autoincrement=True,
)

UNDELIVERED, FETCHED, SHOWN = "silent", "fetched", "shown"
takeover_screens = Table(
    "takeover_screens",
    metadata,
    Column("takeover", String(64), primary_key=True),
    Column("screen", String(64), primary_key=True),
    Column("state", String(8), nullable=False, server_default=UNDELIVERED),
    Column("serial", BigInteger),
    Column("told", BigInteger),
    Index("ix_takeover_screens_screen", "screen", "state", "serial"),
    Index("ix_takeover_screens_takeover", "takeover", "state", "screen"),
)
"""*state*: the delivery state of the screen (``store.takeovers.delivery``); *serial*: of its first playlist with the
takeover; *told*: of its first playlist with the stop of the takeover."""

_CHUNK_SIZE = 500


def create_takeover(connection: Connection, takeover: Takeover, screens: Iterable[str]) -> Takeover:
    """Store a takeover and the ids of the screens that it names now; return it with its number."""
    rows = [{"takeover": takeover.id, "screen": screen} for screen in screens]
    values = {
        "id": takeover.id,
        "selectors": takeover.screens,
        "drifted": (),
        "from": takeover.from_,
        "until": takeover.until,
        "who": takeover.who,
        "why": takeover.why,
        "text": takeover.text,
        "item": takeover.item,
        "blank": takeover.blank,
        "count": len(rows),
        "content": takeover.content,
        "unit": takeover.unit,
    }
    connection.execute(insert(takeovers), [values])
    if rows:
        connection.execute(insert(takeover_screens), rows)
    created = get_takeover(connection, takeover.id)
    assert created is not None
    return created


def stop_takeover(connection: Connection, takeover_id: str, at: datetime, who: str) -> None:
    """Record that *who* stopped a takeover at *at*, before its requested end."""
    query = update(takeovers).where(takeovers.c.id == takeover_id)
    connection.execute(query.values(stopped_at=at, stopped_by=who))


def pin_screens(connection: Connection, takeover_id: str, screens: Sequence[str]) -> None:
    """Add *screens* to the selectors of a takeover by id, because they no longer match the others."""
    pinned = connection.scalar(select(takeovers.c.drifted).where(takeovers.c.id == takeover_id)) or []
    selectors = sorted({*pinned, *(f"screen:{screen}" for screen in screens)})
    connection.execute(update(takeovers).where(takeovers.c.id == takeover_id).values(drifted=selectors))


def get_takeover(connection: Connection, takeover_id: str) -> Takeover | None:
    """Return the takeover of that id."""
    row = connection.execute(select(takeovers).where(takeovers.c.id == takeover_id)).first()
    return None if row is None else _build_takeover(row)


def list_takeovers(connection: Connection, since: datetime | None = None) -> tuple[Takeover, ...]:
    """List takeovers in the order of their start; with *since* only those that had not ended by then."""
    query = select(takeovers).order_by(takeovers.c.number)
    if since is not None:
        stopped = takeovers.c.stopped_at
        query = query.where(takeovers.c.until > since, or_(stopped.is_(None), stopped > since))
    return tuple(_build_takeover(row) for row in connection.execute(query))


def list_takeover_screens(connection: Connection, takeover_id: str, limit: int | None = None) -> list[str]:
    """List the ids of the screens that a takeover named when it started, at most *limit*."""
    query = (
        select(takeover_screens.c.screen)
        .where(takeover_screens.c.takeover == takeover_id)
        .order_by(takeover_screens.c.screen)
    )
    return list(connection.scalars(query.limit(limit)))


def count_takeover_screens(connection: Connection, takeover_id: str) -> int:
    """Count the screens that a takeover named when it started."""
    return connection.scalar(select(takeovers.c.count).where(takeovers.c.id == takeover_id)) or 0


def find_takeovers_on(connection: Connection, screen_ids: Sequence[str], since: datetime) -> dict[str, list[str]]:
    """Return takeover id → those of *screen_ids* that it named, for takeovers not ended by *since*."""
    running = {takeover.id for takeover in list_takeovers(connection, since)}
    by_takeover: dict[str, list[str]] = {}
    for start in range(0, len(screen_ids) if running else 0, _CHUNK_SIZE):
        query = select(takeover_screens.c.takeover, takeover_screens.c.screen).where(
            takeover_screens.c.screen.in_(screen_ids[start : start + _CHUNK_SIZE])
        )
        for takeover_id, screen in connection.execute(query.where(takeover_screens.c.takeover.in_(running))):
            by_takeover.setdefault(takeover_id, []).append(screen)
    return by_takeover


def _build_takeover(row: Row[Any]) -> Takeover:
    values = row._mapping
    return Takeover(
        id=values["id"],
        number=values["number"],
        screens=(*values["selectors"], *values["drifted"]),
        from_=values["from"],
        until=values["until"],
        who=values["who"],
        why=values["why"],
        text=values["text"],
        item=values["item"],
        blank=values["blank"],
        stopped_at=values["stopped_at"],
        content=values["content"],
        unit=values["unit"],
    )
