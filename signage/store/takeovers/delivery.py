"""Updates the delivery state of each screen of a takeover as evidence arrives, instead of recomputing it.

A row goes from ``silent`` through ``fetched`` to ``shown`` and never back: counting and paging need an index alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from signage.model.takeover import TAKEOVER_ITEM_PREFIX, format_takeover_ref
from signage.protocol.epoch import to_ms
from signage.protocol.plays import SHOWN_RESULTS
from signage.store.takeovers.takeovers import FETCHED, SHOWN, UNDELIVERED, takeover_screens

_GRACE_MS = 86_400_000
"""How long after the end of a takeover evidence of it still counts."""
_CHUNK_SIZE = 500
_SELECT_TRACKED_SQL = 'SELECT id, item, blank, "from", until, stopped_at FROM takeovers WHERE until >= ?'


@dataclass(frozen=True, slots=True)
class TrackedTakeoverRow:
    """A takeover of which evidence may arrive. *item*: a campaign's item that it shows. Instants in ms since 1970."""

    id: str
    item: str | None
    blank: bool
    from_ms: int
    ends_ms: int

    @property
    def has_own_item(self) -> bool:
        """Whether the takeover alone shows its item."""
        return self.item is None and not self.blank

    @property
    def item_names(self) -> tuple[str | None, ...]:
        """The names under which a playlist may have what the takeover shows; None: the screen is dark."""
        if self.blank:
            return (None,)
        return (format_takeover_ref(self.id),) if self.item is None else (self.item, format_takeover_ref(self.id))


PublishedSerials = Iterable[tuple[str, str, int]]
"""Takeover id, screen id, and the serial of a playlist of that screen."""


def on_takeover_published(connection: Connection, published: PublishedSerials) -> None:
    """Record that playlists with a takeover were published; the first one of each screen counts."""
    for takeover_id, serial, screen_ids in _group_by_serial(published):
        query = update(takeover_screens).where(
            takeover_screens.c.takeover == takeover_id,
            takeover_screens.c.screen.in_(screen_ids),
            takeover_screens.c.serial.is_(None),
        )
        connection.execute(query.values(serial=serial))


def on_stop_published(connection: Connection, published: PublishedSerials) -> None:
    """Record that playlists with the stop of a takeover were published; the first one of each screen counts."""
    for takeover_id, serial, screen_ids in _group_by_serial(published):
        query = update(takeover_screens).where(
            takeover_screens.c.takeover == takeover_id,
            takeover_screens.c.screen.in_(screen_ids),
            takeover_screens.c.serial < serial,
        )
        connection.execute(query.where(takeover_screens.c.told.is_(None)).values(told=serial))


def on_serials_seen(connection: Connection, serials: Iterable[tuple[str, int]]) -> None:
    """Record that screens (id, serial) have the playlist of that serial, or a later one."""
    for _, serial, screen_ids in _group_by_serial(("", screen, serial) for screen, serial in serials):
        query = update(takeover_screens).where(
            takeover_screens.c.screen.in_(screen_ids),
            takeover_screens.c.state == UNDELIVERED,
            takeover_screens.c.serial <= serial,
        )
        connection.execute(query.values(state=FETCHED))


def _group_by_serial(published: PublishedSerials) -> Iterator[tuple[str, int, list[str]]]:
    """Group screens by takeover and serial, in chunks: few statements for many screens."""
    screens_by_serial: dict[tuple[str, int], list[str]] = {}
    for takeover_id, screen, serial in published:
        screens_by_serial.setdefault((takeover_id, serial), []).append(screen)
    for (takeover_id, serial), screen_ids in screens_by_serial.items():
        for start in range(0, len(screen_ids), _CHUNK_SIZE):
            yield takeover_id, serial, screen_ids[start : start + _CHUNK_SIZE]


def on_status(connection: Connection, screen: str, at: datetime, item: str | None) -> None:
    """Record that *screen* reported at *at* that it shows *item* (None: dark)."""
    for takeover in _iter_tracked_takeovers(connection, to_ms(at)):
        own = takeover.has_own_item or item == format_takeover_ref(takeover.id)
        if item in takeover.item_names and (own or takeover.from_ms <= to_ms(at) <= takeover.ends_ms):
            _mark_shown(connection, takeover.id, screen, (UNDELIVERED, FETCHED) if own else (FETCHED,))


def on_plays(connection: Connection, screen: str, plays: Sequence[Any], received_ms: int) -> None:
    """Record the takeovers that *plays* of *screen* prove.

    A play of an item that campaigns show as well counts under a playlist with the takeover, until its end.
    """
    shown = [play for play in plays if play.result in SHOWN_RESULTS]
    for name in {play.item for play in shown if play.item.startswith(TAKEOVER_ITEM_PREFIX)}:
        _mark_shown(connection, name.removeprefix(TAKEOVER_ITEM_PREFIX), screen, (UNDELIVERED, FETCHED))
    takeovers = [takeover for takeover in _iter_tracked_takeovers(connection, received_ms) if takeover.item is not None]
    for takeover in takeovers:
        serials = [p.serial for p in shown if p.item == takeover.item and p.started_ms < takeover.ends_ms]
        if serials:
            _mark_shown(connection, takeover.id, screen, (UNDELIVERED, FETCHED), max(serials))


def _iter_tracked_takeovers(connection: Connection, now_ms: int) -> Iterator[TrackedTakeoverRow]:
    rows = connection.exec_driver_sql(_SELECT_TRACKED_SQL, (now_ms - _GRACE_MS,)).all()
    for takeover_id, item, blank, from_, until, stopped in rows:
        yield TrackedTakeoverRow(takeover_id, item, bool(blank), int(from_), min(int(until), int(stopped or until)))


def _mark_shown(
    connection: Connection, takeover_id: str, screen: str, from_states: tuple[str, ...], serial: int | None = None
) -> None:
    query = update(takeover_screens).where(
        takeover_screens.c.takeover == takeover_id,
        takeover_screens.c.screen == screen,
        takeover_screens.c.state.in_(from_states),
    )
    if serial is not None:
        query = query.where(takeover_screens.c.serial <= serial)
    connection.execute(query.values(state=SHOWN))
