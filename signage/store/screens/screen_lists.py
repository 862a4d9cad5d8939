"""Lists of screens with the last heartbeat of each: paged by id, filtered and counted by index."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, func, select

from signage.store.playlists import current_playlists
from signage.store.screens.heartbeats import HeartbeatRow, build_heartbeat_row, heartbeats
from signage.store.screens.screens import (
    ScreenRow,
    build_screen_row,
    screen_labels,
    screens,
    select_screens_with_label,
)

ContactState = Literal["", "heard", "silent", "never", "revoked", "faulty"]
_HIGHEST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class ScreenFilter:
    """Conditions on screens; an empty one matches all.

    *search*: a prefix of the id; *contact_state*: for ``heard`` and ``silent``, whether the last poll is at or after
    *since*.
    """

    search: str = ""
    group: str = ""
    tag: str = ""
    kind: str = ""
    unit: str = ""
    panel: str = ""
    contact_state: ContactState = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class ScreenListRow:
    """A screen, its last heartbeat, and the serial of its current playlist."""

    screen_row: ScreenRow
    heartbeat: HeartbeatRow | None
    serial: int | None


@dataclass(frozen=True, slots=True)
class ScreenCounts:
    """The number of screens; of those in use: offline, reporting faults, never seen; and how many are revoked."""

    total: int
    offline: int
    faulty: int
    never_seen: int
    revoked: int


def list_screen_rows(
    connection: Connection, screen_filter: ScreenFilter, after: str = "", limit: int = 50
) -> list[ScreenListRow]:
    """List the first *limit* screens after the id *after* that match *screen_filter*."""
    query = _apply_filter(select(screens.c.id), screen_filter).where(screens.c.id > after)
    return get_screen_rows(connection, list(connection.scalars(query.order_by(screens.c.id).limit(limit))))


def get_screen_rows(connection: Connection, screen_ids: list[str]) -> list[ScreenListRow]:
    """Return the screens of *screen_ids* that exist, by id."""
    query = (
        select(screens, heartbeats, current_playlists.c.serial.label("current_serial"))
        .outerjoin(heartbeats, heartbeats.c.screen == screens.c.id)
        .outerjoin(current_playlists, current_playlists.c.screen == screens.c.id)
        .where(screens.c.id.in_(screen_ids))
        .order_by(screens.c.id)
    )
    return [_build_screen_list_row(row) for row in connection.execute(query)] if screen_ids else []


def count_screens(connection: Connection, screen_filter: ScreenFilter, limit: int) -> int:
    """Count the screens that match *screen_filter*, up to *limit*."""
    matching = _apply_filter(select(screens.c.id), screen_filter).limit(limit).subquery()
    return int(connection.scalar(select(func.count()).select_from(matching)) or 0)


def count_by_contact_state(connection: Connection, since: datetime) -> ScreenCounts:
    """Count all screens by contact state; a screen whose last poll is before *since* is offline."""
    joined = screens.outerjoin(heartbeats, heartbeats.c.screen == screens.c.id)
    total = int(connection.scalar(select(func.count()).select_from(screens)) or 0)
    revoked = int(
        connection.scalar(select(func.count()).select_from(screens).where(screens.c.revoked_at.is_not(None))) or 0
    )
    seen, offline, faulty = connection.execute(
        select(
            func.count(heartbeats.c.seen_at),
            func.count(heartbeats.c.seen_at).filter(heartbeats.c.seen_at < since),
            func.count(heartbeats.c.screen).filter(heartbeats.c.faulty),
        )
        .select_from(joined)
        .where(screens.c.revoked_at.is_(None))
    ).one()
    return ScreenCounts(total, int(offline), int(faulty), total - revoked - int(seen), revoked)


def list_labels(connection: Connection) -> dict[str, list[str]]:
    """List the groups, tags, kinds, units and panels that screens have, for a form to choose from."""
    labels: dict[str, list[str]] = {"group": [], "tag": []}
    for kind, label in connection.execute(
        select(screen_labels.c.kind, screen_labels.c.label)
        .distinct()
        .order_by(screen_labels.c.kind, screen_labels.c.label)
    ):
        labels[kind].append(label)
    for name in ("kind", "unit", "panel"):
        column = screens.c[name]
        query = select(column).where(column.is_not(None)).distinct().order_by(column)
        labels[name] = list(connection.scalars(query))
    return labels


def _apply_filter(query: Select[Any], screen_filter: ScreenFilter) -> Select[Any]:
    prefix = screen_filter.search
    if prefix:
        query = query.where(screens.c.id >= prefix, screens.c.id < prefix + _HIGHEST_CHARACTER)
    for name in ("kind", "unit", "panel"):
        if value := getattr(screen_filter, name):
            query = query.where(screens.c[name] == value)
    for name in ("group", "tag"):
        if value := getattr(screen_filter, name):
            query = query.where(screens.c.id.in_(select_screens_with_label(name, screen_labels.c.label == value)))
    return _filter_by_contact_state(query, screen_filter)


def _filter_by_contact_state(query: Select[Any], screen_filter: ScreenFilter) -> Select[Any]:
    state = screen_filter.contact_state
    if state == "revoked":
        return query.where(screens.c.revoked_at.is_not(None))
    if not state:
        return query
    query = query.outerjoin(heartbeats, heartbeats.c.screen == screens.c.id).where(screens.c.revoked_at.is_(None))
    if state == "never":
        return query.where(heartbeats.c.seen_at.is_(None))
    if state == "faulty":
        return query.where(heartbeats.c.faulty)
    if state == "silent":
        return query.where(heartbeats.c.seen_at < screen_filter.since)
    return query.where(heartbeats.c.seen_at >= screen_filter.since)


def _build_screen_list_row(row: Row[Any]) -> ScreenListRow:
    heartbeat = None if row.screen is None else build_heartbeat_row(row)
    serial = None if row.current_serial is None else int(row.current_serial)
    return ScreenListRow(build_screen_row(row), heartbeat, serial)
