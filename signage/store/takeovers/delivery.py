"""What each screen that a takeover named has done with it: marked as it becomes known, never found by looking back.

A row goes from ``silent`` by ``fetched`` to ``shown``, and never back: counting and paging take an index alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from signage.store.column_types import to_ms
from signage.store.takeovers.takeovers import FETCHED, SHOWN, UNDELIVERED, takeover_screens

OWN_ITEM_PREFIX = "_takeover/"
"""What the items begin with that an order alone shows: the name of the order follows."""
_GRACE_MS = 86_400_000
"""So long after an order's time word of it counts still."""
_CHUNK_SIZE = 500
_SELECT_TRACKED_SQL = 'SELECT id, item, blank, "from", until, stopped_at FROM takeovers WHERE until >= ?'


@dataclass(frozen=True, slots=True)
class TrackedTakeoverRow:
    """An order of which word may come; its items are its own where *item* is None. Instants in ms since 1970."""

    id: str
    item: str | None
    blank: bool
    from_ms: int
    ends_ms: int

    @property
    def has_own_item(self) -> bool:
        """Whether what it shows is shown by it alone."""
        return self.item is None and not self.blank

    @property
    def item_name(self) -> str | None:
        """The name of its item; None: dark."""
        return None if self.blank else self.item or OWN_ITEM_PREFIX + self.id


DocumentSerials = Iterable[tuple[str, str, int]]
"""Takeover, screen, and the serial of a document of that screen."""


def on_takeover_published(connection: Connection, documents: DocumentSerials) -> None:
    """Documents with an order were published: for each screen the first one counts."""
    for order, serial, some in _group_by_serial(documents):
        query = update(takeover_screens).where(
            takeover_screens.c.takeover == order,
            takeover_screens.c.screen.in_(some),
            takeover_screens.c.serial.is_(None),
        )
        connection.execute(query.values(serial=serial))


def on_stop_published(connection: Connection, documents: DocumentSerials) -> None:
    """Documents that know the end of an order were published: for each screen the first one counts."""
    for order, serial, some in _group_by_serial(documents):
        query = update(takeover_screens).where(
            takeover_screens.c.takeover == order,
            takeover_screens.c.screen.in_(some),
            takeover_screens.c.serial < serial,
        )
        connection.execute(query.where(takeover_screens.c.told.is_(None)).values(told=serial))


def on_serial_seen(connection: Connection, serials: Iterable[tuple[str, int]]) -> None:
    """Screens are known to have a document of that serial, or a later one."""
    for _, serial, some in _group_by_serial(("", screen, serial) for screen, serial in serials):
        query = update(takeover_screens).where(
            takeover_screens.c.screen.in_(some),
            takeover_screens.c.state == UNDELIVERED,
            takeover_screens.c.serial <= serial,
        )
        connection.execute(query.values(state=FETCHED))


def _group_by_serial(documents: DocumentSerials) -> Iterator[tuple[str, int, list[str]]]:
    """Takeover, serial and some of the screens that have both: few statements where screens are many."""
    found: dict[tuple[str, int], list[str]] = {}
    for order, screen, serial in documents:
        found.setdefault((order, serial), []).append(screen)
    for (order, serial), screens in found.items():
        for begin in range(0, len(screens), _CHUNK_SIZE):
            yield order, serial, screens[begin : begin + _CHUNK_SIZE]


def on_status(connection: Connection, screen: str, at: datetime, item: str | None) -> None:
    """*screen* says at *at* that it shows *item* (None: dark)."""
    for order in _iter_tracked_takeovers(connection, to_ms(at)):
        if order.item_name == item and (order.has_own_item or order.from_ms <= to_ms(at) <= order.ends_ms):
            _mark_shown(connection, order.id, screen, (UNDELIVERED, FETCHED) if order.has_own_item else (FETCHED,))


def on_plays(connection: Connection, screen: str, plays: Sequence[Any], received_ms: int) -> None:
    """Plays of *screen* came in: those of an order show that it was shown.

    An item that campaigns show as well counts under a document with the order, while that one held.
    """
    ours = {play.item for play in plays if play.item.startswith(OWN_ITEM_PREFIX) and _was_shown(play)}
    for name in ours:
        _mark_shown(connection, name.removeprefix(OWN_ITEM_PREFIX), screen, (UNDELIVERED, FETCHED))
    orders = [order for order in _iter_tracked_takeovers(connection, received_ms) if order.item is not None]
    for order in orders:
        serials = [p.serial for p in plays if p.item == order.item and _was_shown(p) and p.started_ms < order.ends_ms]
        if serials:
            _mark_shown(connection, order.id, screen, (UNDELIVERED, FETCHED), max(serials))


def _iter_tracked_takeovers(connection: Connection, now_ms: int) -> Iterator[TrackedTakeoverRow]:
    for name, item, blank, from_, until, stopped in connection.exec_driver_sql(
        _SELECT_TRACKED_SQL, (now_ms - _GRACE_MS,)
    ).all():
        yield TrackedTakeoverRow(name, item, bool(blank), int(from_), min(int(until), int(stopped or until)))


def _was_shown(play: Any) -> bool:
    return play.result in ("completed", "cut")


def _mark_shown(
    connection: Connection, order: str, screen: str, from_: tuple[str, ...], serial: int | None = None
) -> None:
    query = update(takeover_screens).where(
        takeover_screens.c.takeover == order, takeover_screens.c.screen == screen, takeover_screens.c.state.in_(from_)
    )
    if serial is not None:
        query = query.where(takeover_screens.c.serial <= serial)
    connection.execute(query.values(state=SHOWN))
