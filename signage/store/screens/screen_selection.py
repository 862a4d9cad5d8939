"""Counts the screens that selectors match, in SQL: how many, on which panels, how many of them are offline."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, and_, case, false, func, or_, select, true

from signage.model.wildcards import has_wildcard
from signage.store.screens.heartbeats import heartbeats
from signage.store.screens.screens import screen_labels, screens, select_screens_with_label


class SelectorProtocol(Protocol):
    """A parsed selector; *field* None matches every screen."""

    @property
    def field(self) -> str | None: ...
    @property
    def pattern(self) -> str: ...
    @property
    def negative(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Audience:
    """The screens that selectors match: how many, how many of them are offline (with some ids), how many by panel."""

    screens: int
    offline: int
    offline_examples: tuple[str, ...]
    panels: dict[str, int]


def get_audience(
    connection: Connection, selectors: Iterable[SelectorProtocol], since: datetime, max_examples: int = 20
) -> Audience:
    """Count the screens that *selectors* match; a screen whose last poll is before *since* is offline."""
    matches = _match_selectors(list(selectors))
    is_offline = or_(heartbeats.c.seen_at.is_(None), heartbeats.c.seen_at < since)
    joined = screens.outerjoin(heartbeats, heartbeats.c.screen == screens.c.id)
    counts = select(screens.c.panel, func.count(), func.sum(case((is_offline, 1), else_=0))).select_from(joined)
    rows = connection.execute(counts.where(matches).group_by(screens.c.panel)).all()
    examples = select(screens.c.id).select_from(joined).where(matches, is_offline)
    return Audience(
        screens=sum(int(number) for _, number, _ in rows),
        offline=sum(int(offline) for *_, offline in rows),
        offline_examples=tuple(connection.scalars(examples.order_by(screens.c.id).limit(max_examples))),
        panels={str(panel): int(number) for panel, number, _ in rows},
    )


def count_screens_by_panel(connection: Connection, selectors: Iterable[SelectorProtocol]) -> dict[str, int]:
    """Count the screens that *selectors* match, by panel."""
    query = select(screens.c.panel, func.count()).where(_match_selectors(list(selectors))).group_by(screens.c.panel)
    return {str(panel): int(number) for panel, number in connection.execute(query)}


def _match_selectors(selectors: list[SelectorProtocol]) -> ColumnElement[bool]:
    positive = [_match_selector(selector) for selector in selectors if not selector.negative]
    negative = [_match_selector(selector) for selector in selectors if selector.negative]
    included: ColumnElement[bool] = or_(*positive) if positive else (true() if negative else false())
    return and_(included, ~or_(*negative)) if negative else included


def _match_selector(selector: SelectorProtocol) -> ColumnElement[bool]:
    if selector.field is None:
        return true()
    if selector.field in ("group", "tag"):
        condition = _match_pattern(screen_labels.c.label, selector.pattern)
        return screens.c.id.in_(select_screens_with_label(selector.field, condition))
    column = screens.c.id if selector.field == "screen" else screens.c[selector.field]
    return and_(column.is_not(None), _match_pattern(column, selector.pattern))


def _match_pattern(column: Any, pattern: str) -> ColumnElement[bool]:
    if not has_wildcard(pattern):
        return column == pattern  # type: ignore[no-any-return]
    text = "".join({"*": "%", "?": "_", "%": "\\%", "_": "\\_"}.get(c, c) for c in pattern)
    return column.like(text, escape="\\")  # type: ignore[no-any-return]
