"""Takeovers, kept for ever: the order as given, the screens it named when it was given, and when it was stopped."""

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

from signage.model.takeover import Takeover
from signage.store.column_types import Instant, Json
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
"""*state*: what the screen is known to have done with the order (``store.landings``); *serial*: its first document
with the order, *told*: its first one that knows that the order was stopped."""


def create_takeover(connection: Connection, order: Takeover, screens: Iterable[str]) -> Takeover:
    """Keep a new order and the screens it names now; it comes back with its number."""
    rows = [{"takeover": order.id, "screen": screen} for screen in screens]
    values = {
        "id": order.id,
        "selectors": order.screens,
        "drifted": (),
        "from": order.from_,
        "until": order.until,
        "who": order.who,
        "why": order.why,
        "text": order.text,
        "item": order.item,
        "blank": order.blank,
        "count": len(rows),
    }
    connection.execute(insert(takeovers), [values])
    if rows:
        connection.execute(insert(takeover_screens), rows)
    return get_takeover(connection, order.id) or order


def stop_takeover(connection: Connection, takeover_id: str, at: datetime, who: str) -> None:
    """End an order before its time."""
    query = update(takeovers).where(takeovers.c.id == takeover_id)
    connection.execute(query.values(stopped_at=at, stopped_by=who))


def pin_screens(connection: Connection, takeover_id: str, screens: Sequence[str]) -> None:
    """Keep *screens* under an order although its selectors name them no more."""
    old = connection.scalar(select(takeovers.c.drifted).where(takeovers.c.id == takeover_id)) or []
    words = sorted({*old, *(f"screen:{screen}" for screen in screens)})
    connection.execute(update(takeovers).where(takeovers.c.id == takeover_id).values(drifted=words))


def get_takeover(connection: Connection, takeover_id: str) -> Takeover | None:
    """The order of that id."""
    row = connection.execute(select(takeovers).where(takeovers.c.id == takeover_id)).first()
    return None if row is None else _build_takeover(row)


def list_takeovers(connection: Connection, since: datetime | None = None) -> tuple[Takeover, ...]:
    """All orders as they were started; with *since* only those that had not ended by then."""
    query = select(takeovers).order_by(takeovers.c.number)
    if since is not None:
        stopped = takeovers.c.stopped_at
        query = query.where(takeovers.c.until > since, or_(stopped.is_(None), stopped > since))
    return tuple(_build_takeover(row) for row in connection.execute(query))


def list_takeover_screens(connection: Connection, takeover_id: str, most: int | None = None) -> list[str]:
    """The screens that an order named when it was given, by id; *most*: the first of them."""
    query = (
        select(takeover_screens.c.screen)
        .where(takeover_screens.c.takeover == takeover_id)
        .order_by(takeover_screens.c.screen)
    )
    return list(connection.scalars(query.limit(most)))


def count_takeover_screens(connection: Connection, takeover_id: str) -> int:
    """How many screens an order named when it was given."""
    return connection.scalar(select(takeovers.c.count).where(takeovers.c.id == takeover_id)) or 0


def find_takeovers_on(connection: Connection, screen_ids: Sequence[str], since: datetime) -> dict[str, list[str]]:
    """Order → those of *screen_ids* that it named, for orders not ended by *since*."""
    running = {order.id for order in list_takeovers(connection, since)}
    found: dict[str, list[str]] = {}
    for start_ in range(0, len(screen_ids) if running else 0, 500):
        query = select(takeover_screens.c.takeover, takeover_screens.c.screen).where(
            takeover_screens.c.screen.in_(screen_ids[start_ : start_ + 500])
        )
        for takeover, screen in connection.execute(query.where(takeover_screens.c.takeover.in_(running))):
            found.setdefault(takeover, []).append(screen)
    return found


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
    )
