"""What each screen that a takeover named has done with it: marked as it becomes known, never found by looking back.

A row goes from ``silent`` by ``fetched`` to ``shown``, and never back: counting and paging take an index alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, update

from signage.store.columns import to_ms
from signage.store.takeovers import FETCHED, SHOWN, SILENT, named

OWN = "_takeover/"
"""What the items begin with that an order alone shows: the name of the order follows."""
_LATE_MS = 86_400_000
"""So long after an order's time word of it counts still."""
_AWAITED = 'SELECT id, item, blank, "from", until, stopped_at FROM takeovers WHERE until >= ?'


@dataclass(frozen=True, slots=True)
class Awaited:
    """An order of which word may come; its items are its own where *item* is None. Instants in ms since 1970."""

    id: str
    item: str | None
    blank: bool
    from_ms: int
    ends_ms: int

    @property
    def own(self) -> bool:
        """Whether what it shows is shown by it alone."""
        return self.item is None and not self.blank

    @property
    def shows(self) -> str | None:
        """The name of its item; None: dark."""
        return None if self.blank else self.item or OWN + self.id


_BEGINS = (
    update(named)
    .where(
        named.c.takeover == bindparam("order_"),
        named.c.screen == bindparam("screen_"),
        named.c.serial.is_(None),
    )
    .values(serial=bindparam("serial_"))
)
_ENDS = (
    update(named)
    .where(
        named.c.takeover == bindparam("order_"),
        named.c.screen == bindparam("screen_"),
        named.c.serial < bindparam("serial_"),
        named.c.told.is_(None),
    )
    .values(told=bindparam("serial_"))
)
_HAS = (
    update(named)
    .where(named.c.screen == bindparam("screen_"), named.c.state == SILENT, named.c.serial <= bindparam("serial_"))
    .values(state=FETCHED)
)
Documents = Iterable[tuple[str, str, int]]
"""Takeover, screen, and the serial of a document of that screen."""


def begins(connection: Connection, documents: Documents) -> None:
    """Documents with an order were published: for each screen the first one counts."""
    _mark(connection, _BEGINS, documents)


def ends(connection: Connection, documents: Documents) -> None:
    """Documents that know the end of an order were published: for each screen the first one counts."""
    _mark(connection, _ENDS, documents)


def has(connection: Connection, serials: Sequence[tuple[str, int]]) -> None:
    """Screens are known to have a document of that serial, or a later one."""
    if serials:
        connection.execute(_HAS, [{"screen_": screen, "serial_": serial} for screen, serial in serials])


def says(connection: Connection, screen: str, at: datetime, item: str | None) -> None:
    """*screen* says at *at* that it shows *item* (None: dark)."""
    for order in _awaited(connection, to_ms(at)):
        if order.shows == item and (order.own or order.from_ms <= to_ms(at) <= order.ends_ms):
            _shown(connection, order.id, screen, (SILENT, FETCHED) if order.own else (FETCHED,))


def played(connection: Connection, screen: str, plays: Sequence[Any], received_ms: int) -> None:
    """Plays of *screen* came in: those of an order show that it was shown.

    An item that campaigns show as well counts under a document with the order, while that one held.
    """
    ours = {play.item for play in plays if play.item.startswith(OWN) and _was_shown(play)}
    for name in ours:
        _shown(connection, name.removeprefix(OWN), screen, (SILENT, FETCHED))
    orders = [order for order in _awaited(connection, received_ms) if order.item is not None]
    for order in orders:
        serials = [p.serial for p in plays if p.item == order.item and _was_shown(p) and p.started_ms < order.ends_ms]
        if serials:
            _shown(connection, order.id, screen, (SILENT, FETCHED), max(serials))


def _mark(connection: Connection, query: Any, documents: Documents) -> None:
    rows = [{"order_": order, "screen_": screen, "serial_": serial} for order, screen, serial in documents]
    if rows:
        connection.execute(query, rows)


def _awaited(connection: Connection, now_ms: int) -> Iterator[Awaited]:
    for name, item, blank, from_, until, stopped in connection.exec_driver_sql(_AWAITED, (now_ms - _LATE_MS,)):
        yield Awaited(name, item, bool(blank), int(from_), min(int(until), int(stopped or until)))


def _was_shown(play: Any) -> bool:
    return play.result in ("completed", "cut")


def _shown(connection: Connection, order: str, screen: str, from_: tuple[str, ...], serial: int | None = None) -> None:
    query = update(named).where(named.c.takeover == order, named.c.screen == screen, named.c.state.in_(from_))
    if serial is not None:
        query = query.where(named.c.serial <= serial)
    connection.execute(query.values(state=SHOWN))
