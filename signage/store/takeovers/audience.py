"""Which screens selectors name, and what screens have done with a takeover: counted and paged by the database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, and_, case, false, func, or_, select, true

from signage.model.wildcards import is_wild
from signage.store.screens.heartbeats import contacts
from signage.store.screens.screens import labels, screens
from signage.store.takeovers.takeovers import FETCHED, SHOWN, SILENT, named


class Selector(Protocol):
    """A selector, read: *field* None is every screen."""

    @property
    def field(self) -> str | None: ...
    @property
    def pattern(self) -> str: ...
    @property
    def negative(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Reach:
    """How many screens are named, how many of them are silent (some of their ids in *those*), by panel."""

    screens: int
    silent: int
    those: tuple[str, ...]
    panels: dict[str, int]


@dataclass(frozen=True, slots=True)
class Landed:
    """How many of a takeover's screens show it, have fetched it, are silent; some of those that do not show it."""

    shown: int
    fetched: int
    silent: int
    missing: tuple[tuple[str, str, datetime | None], ...]

    @property
    def screens(self) -> int:
        return self.shown + self.fetched + self.silent


@dataclass(frozen=True, slots=True)
class Marked:
    """*state*: silent, fetched or shown; *serial*: of its first document with the order, *told*: with its stop."""

    screen: str
    state: str
    serial: int | None
    told: int | None


def reach(connection: Connection, selectors: Iterable[Selector], since: datetime, most: int = 20) -> Reach:
    """What *selectors* name; *since*: who polled then or later is not silent."""
    ours = _matches(list(selectors))
    quiet = or_(contacts.c.seen_at.is_(None), contacts.c.seen_at < since)
    joined = screens.outerjoin(contacts, contacts.c.screen == screens.c.id)
    counted = select(screens.c.panel, func.count(), func.sum(case((quiet, 1), else_=0))).select_from(joined)
    found = [(str(p), int(n), int(s)) for p, n, s in connection.execute(counted.where(ours).group_by(screens.c.panel))]
    those = connection.scalars(
        select(screens.c.id).select_from(joined).where(ours, quiet).order_by(screens.c.id).limit(most)
    )
    by_panel = {panel: number for panel, number, _ in found}
    return Reach(sum(by_panel.values()), sum(silent for *_, silent in found), tuple(those), by_panel)


def panels(connection: Connection, selectors: Iterable[Selector]) -> dict[str, int]:
    """How many screens *selectors* name, by panel."""
    query = select(screens.c.panel, func.count()).where(_matches(list(selectors))).group_by(screens.c.panel)
    return {str(panel): int(number) for panel, number in connection.execute(query)}


def _matches(read: list[Selector]) -> ColumnElement[bool]:
    positive = [_one(one) for one in read if not one.negative]
    negative = [_one(one) for one in read if one.negative]
    yes: ColumnElement[bool] = or_(*positive) if positive else (true() if negative else false())
    return and_(yes, ~or_(*negative)) if negative else yes


def _one(one: Selector) -> ColumnElement[bool]:
    if one.field is None:
        return true()
    if one.field in ("group", "tag"):
        marked = select(labels.c.screen).where(labels.c.kind == one.field, _like(labels.c.label, one.pattern))
        return screens.c.id.in_(marked)
    column = screens.c.id if one.field == "screen" else screens.c[one.field]
    return and_(column.is_not(None), _like(column, one.pattern))


def _like(column: Any, pattern: str) -> ColumnElement[bool]:
    if not is_wild(pattern):
        return column == pattern  # type: ignore[no-any-return]
    text = "".join({"*": "%", "?": "_", "%": "\\%", "_": "\\_"}.get(c, c) for c in pattern)
    return column.like(text, escape="\\")  # type: ignore[no-any-return]


def landed(connection: Connection, takeover: str, most: int = 50) -> Landed:
    """How a takeover stands on the screens that it named."""
    ours = named.c.takeover == takeover
    counted = select(named.c.state, func.count()).where(ours).group_by(named.c.state)
    counts = {str(word): int(number) for word, number in connection.execute(counted)}
    missing: list[tuple[str, str, datetime | None]] = []
    for state in (SILENT, FETCHED):
        joined = named.outerjoin(contacts, contacts.c.screen == named.c.screen)
        query = select(named.c.screen, named.c.state, contacts.c.seen_at).select_from(joined)
        query = query.where(ours, named.c.state == state).order_by(named.c.screen)
        missing += [(row[0], row[1], row[2]) for row in connection.execute(query.limit(most - len(missing)))]
    return Landed(counts.get(SHOWN, 0), counts.get(FETCHED, 0), counts.get(SILENT, 0), tuple(missing))


def receipts(connection: Connection, takeover: str, after: str = "", limit: int | None = None) -> list[Marked]:
    """What each screen that a takeover named has done with it, by id: those after *after*, *limit* at most."""
    query = select(named).where(named.c.takeover == takeover, named.c.screen > after)
    return [
        Marked(row.screen, row.state, row.serial, row.told)
        for row in connection.execute(query.order_by(named.c.screen).limit(limit))
    ]
