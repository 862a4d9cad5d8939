"""What each screen that a takeover named has done with it: marked as it becomes known, never found by looking back.

A row goes from ``silent`` by ``fetched`` to ``shown``, and never back: counting and paging take an index alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from signage.store.column_types import to_ms
from signage.store.takeovers.takeovers import FETCHED, SHOWN, SILENT, named

OWN = "_takeover/"
"""What the items begin with that an order alone shows: the name of the order follows."""
_LATE_MS = 86_400_000
"""So long after an order's time word of it counts still."""
_AT_ONCE = 500
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


Documents = Iterable[tuple[str, str, int]]
"""Takeover, screen, and the serial of a document of that screen."""


def begins(connection: Connection, documents: Documents) -> None:
    """Documents with an order were published: for each screen the first one counts."""
    for order, serial, some in _together(documents):
        query = update(named).where(named.c.takeover == order, named.c.screen.in_(some), named.c.serial.is_(None))
        connection.execute(query.values(serial=serial))


def ends(connection: Connection, documents: Documents) -> None:
    """Documents that know the end of an order were published: for each screen the first one counts."""
    for order, serial, some in _together(documents):
        query = update(named).where(named.c.takeover == order, named.c.screen.in_(some), named.c.serial < serial)
        connection.execute(query.where(named.c.told.is_(None)).values(told=serial))


def has(connection: Connection, serials: Iterable[tuple[str, int]]) -> None:
    """Screens are known to have a document of that serial, or a later one."""
    for _, serial, some in _together(("", screen, serial) for screen, serial in serials):
        query = update(named).where(named.c.screen.in_(some), named.c.state == SILENT, named.c.serial <= serial)
        connection.execute(query.values(state=FETCHED))


def _together(documents: Documents) -> Iterator[tuple[str, int, list[str]]]:
    """Takeover, serial and some of the screens that have both: few statements where screens are many."""
    found: dict[tuple[str, int], list[str]] = {}
    for order, screen, serial in documents:
        found.setdefault((order, serial), []).append(screen)
    for (order, serial), screens in found.items():
        for begin in range(0, len(screens), _AT_ONCE):
            yield order, serial, screens[begin : begin + _AT_ONCE]


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


def _awaited(connection: Connection, now_ms: int) -> Iterator[Awaited]:
    for name, item, blank, from_, until, stopped in connection.exec_driver_sql(_AWAITED, (now_ms - _LATE_MS,)).all():
        yield Awaited(name, item, bool(blank), int(from_), min(int(until), int(stopped or until)))


def _was_shown(play: Any) -> bool:
    return play.result in ("completed", "cut")


def _shown(connection: Connection, order: str, screen: str, from_: tuple[str, ...], serial: int | None = None) -> None:
    query = update(named).where(named.c.takeover == order, named.c.screen == screen, named.c.state.in_(from_))
    if serial is not None:
        query = query.where(named.c.serial <= serial)
    connection.execute(query.values(state=SHOWN))
