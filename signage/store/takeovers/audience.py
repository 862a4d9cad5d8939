"""Which screens selectors name, and what screens have done with a takeover: counted and paged by the database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, and_, case, false, func, or_, select, true

from signage.model.wildcards import has_wildcard
from signage.store.screens.heartbeats import heartbeats
from signage.store.screens.screens import screen_labels, screens
from signage.store.takeovers.takeovers import FETCHED, SHOWN, UNDELIVERED, takeover_screens


class SelectorProtocol(Protocol):
    """A selector, read: *field* None is every screen."""

    @property
    def field(self) -> str | None: ...
    @property
    def pattern(self) -> str: ...
    @property
    def negative(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Audience:
    """How many screens are named, how many of them are silent (some of their ids in *those*), by panel."""

    screens: int
    offline: int
    offline_examples: tuple[str, ...]
    panels: dict[str, int]


@dataclass(frozen=True, slots=True)
class DeliveryCounts:
    """How many of a takeover's screens show it, have fetched it, are silent; some of those that do not show it."""

    shown: int
    fetched: int
    undelivered: int
    missing: tuple[tuple[str, str, datetime | None], ...]

    @property
    def screens(self) -> int:
        return self.shown + self.fetched + self.undelivered


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """*state*: silent, fetched or shown; *serial*: of its first document with the order, *told*: with its stop."""

    screen: str
    state: str
    serial: int | None
    stop_serial: int | None


def get_audience(
    connection: Connection, selectors: Iterable[SelectorProtocol], since: datetime, most: int = 20
) -> Audience:
    """What *selectors* name; *since*: who polled then or later is not silent."""
    ours = _match_selectors(list(selectors))
    quiet = or_(heartbeats.c.seen_at.is_(None), heartbeats.c.seen_at < since)
    joined = screens.outerjoin(heartbeats, heartbeats.c.screen == screens.c.id)
    counted = select(screens.c.panel, func.count(), func.sum(case((quiet, 1), else_=0))).select_from(joined)
    found = [(str(p), int(n), int(s)) for p, n, s in connection.execute(counted.where(ours).group_by(screens.c.panel))]
    those = connection.scalars(
        select(screens.c.id).select_from(joined).where(ours, quiet).order_by(screens.c.id).limit(most)
    )
    by_panel = {panel: number for panel, number, _ in found}
    return Audience(sum(by_panel.values()), sum(silent for *_, silent in found), tuple(those), by_panel)


def count_screens_by_panel(connection: Connection, selectors: Iterable[SelectorProtocol]) -> dict[str, int]:
    """How many screens *selectors* name, by panel."""
    query = select(screens.c.panel, func.count()).where(_match_selectors(list(selectors))).group_by(screens.c.panel)
    return {str(panel): int(number) for panel, number in connection.execute(query)}


def _match_selectors(read: list[SelectorProtocol]) -> ColumnElement[bool]:
    positive = [_match_selector(one) for one in read if not one.negative]
    negative = [_match_selector(one) for one in read if one.negative]
    yes: ColumnElement[bool] = or_(*positive) if positive else (true() if negative else false())
    return and_(yes, ~or_(*negative)) if negative else yes


def _match_selector(one: SelectorProtocol) -> ColumnElement[bool]:
    if one.field is None:
        return true()
    if one.field in ("group", "tag"):
        marked = select(screen_labels.c.screen).where(
            screen_labels.c.kind == one.field, _match_pattern(screen_labels.c.label, one.pattern)
        )
        return screens.c.id.in_(marked)
    column = screens.c.id if one.field == "screen" else screens.c[one.field]
    return and_(column.is_not(None), _match_pattern(column, one.pattern))


def _match_pattern(column: Any, pattern: str) -> ColumnElement[bool]:
    if not has_wildcard(pattern):
        return column == pattern  # type: ignore[no-any-return]
    text = "".join({"*": "%", "?": "_", "%": "\\%", "_": "\\_"}.get(c, c) for c in pattern)
    return column.like(text, escape="\\")  # type: ignore[no-any-return]


def get_delivery_counts(connection: Connection, takeover: str, most: int = 50) -> DeliveryCounts:
    """How a takeover stands on the screens that it named."""
    ours = takeover_screens.c.takeover == takeover
    counted = select(takeover_screens.c.state, func.count()).where(ours).group_by(takeover_screens.c.state)
    counts = {str(word): int(number) for word, number in connection.execute(counted)}
    missing: list[tuple[str, str, datetime | None]] = []
    for state in (UNDELIVERED, FETCHED):
        joined = takeover_screens.outerjoin(heartbeats, heartbeats.c.screen == takeover_screens.c.screen)
        query = select(takeover_screens.c.screen, takeover_screens.c.state, heartbeats.c.seen_at).select_from(joined)
        query = query.where(ours, takeover_screens.c.state == state).order_by(takeover_screens.c.screen)
        missing += [(row[0], row[1], row[2]) for row in connection.execute(query.limit(most - len(missing)))]
    return DeliveryCounts(counts.get(SHOWN, 0), counts.get(FETCHED, 0), counts.get(UNDELIVERED, 0), tuple(missing))


def list_deliveries(
    connection: Connection, takeover: str, after: str = "", limit: int | None = None
) -> list[DeliveryRow]:
    """What each screen that a takeover named has done with it, by id: those after *after*, *limit* at most."""
    query = select(takeover_screens).where(takeover_screens.c.takeover == takeover, takeover_screens.c.screen > after)
    return [
        DeliveryRow(row.screen, row.state, row.serial, row.told)
        for row in connection.execute(query.order_by(takeover_screens.c.screen).limit(limit))
    ]
