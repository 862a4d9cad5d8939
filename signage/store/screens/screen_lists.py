"""Lists of screens beside what was last heard of each: paged by id, narrowed and counted by index."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Select, Text, func, select, type_coerce

from signage.store.playlists import current_playlists
from signage.store.screens.heartbeats import HeartbeatRow, heartbeats
from signage.store.screens.screens import ScreenRow, screen_labels, screens
from signage.store.screens.screens import build_screen_row as kept_of

ContactState = Literal["", "heard", "silent", "never", "revoked", "faulty"]
_STATUS_TEXT = type_coerce(heartbeats.c.status, Text)
_HAS_FAULTS = _STATUS_TEXT.like('%"faults":["%')
"""The status is kept as JSON without white space: a list of faults that is not empty."""
_HIGHEST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class ScreenFilter:
    """Which screens. *search*: how their ids begin; *heard*: whether they polled after the instant *since*."""

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
    """A screen, what it last said, and the serial of its current document."""

    screen_row: ScreenRow
    heartbeat: HeartbeatRow | None
    serial: int | None


@dataclass(frozen=True, slots=True)
class ScreenCounts:
    """How many screens there are, and how many of them are silent, tell of faults, were never heard of, are revoked."""

    total: int
    offline: int
    faulty: int
    never_seen: int
    revoked: int


def list_screen_rows(
    connection: Connection, wanted: ScreenFilter, after: str = "", limit: int = 50
) -> list[ScreenListRow]:
    """The next *limit* of the *wanted* screens after the id *after*."""
    query = _apply_filter(select(screens.c.id), wanted).where(screens.c.id > after)
    ids = list(connection.scalars(query.order_by(screens.c.id).limit(limit)))
    return get_screen_rows(connection, ids)


def get_screen_rows(connection: Connection, ids: list[str]) -> list[ScreenListRow]:
    """Those of *ids* that are there, by id."""
    query = (
        select(screens, heartbeats, current_playlists.c.serial.label("newest"))
        .outerjoin(heartbeats, heartbeats.c.screen == screens.c.id)
        .outerjoin(current_playlists, current_playlists.c.screen == screens.c.id)
        .where(screens.c.id.in_(ids))
        .order_by(screens.c.id)
    )
    return [_build_screen_list_row(row) for row in connection.execute(query)] if ids else []


def count_screens(connection: Connection, wanted: ScreenFilter, most: int) -> int:
    """How many screens are *wanted*, counted as far as *most*."""
    some = _apply_filter(select(screens.c.id), wanted).limit(most).subquery()
    return int(connection.scalar(select(func.count()).select_from(some)) or 0)


def count_by_contact_state(connection: Connection, since: datetime) -> ScreenCounts:
    """How the fleet stands; *since*: a screen that polled then or later is not silent."""
    here = screens.c.revoked_at.is_(None)
    joined = screens.outerjoin(heartbeats, heartbeats.c.screen == screens.c.id)
    total = connection.scalar(select(func.count()).select_from(screens)) or 0
    revoked = connection.scalar(select(func.count()).select_from(screens).where(screens.c.revoked_at.is_not(None)))
    row = connection.execute(
        select(
            func.count(heartbeats.c.seen_at),
            func.count(heartbeats.c.seen_at).filter(heartbeats.c.seen_at < since),
            func.count(heartbeats.c.screen).filter(_HAS_FAULTS),
        )
        .select_from(joined)
        .where(here)
    ).one()
    heard, silent, faulty = (int(number) for number in row)
    return ScreenCounts(int(total), silent, faulty, int(total) - int(revoked or 0) - heard, int(revoked or 0))


def list_labels(connection: Connection) -> dict[str, list[str]]:
    """The groups, tags, kinds, units and panels that screens have, for choosing."""
    found: dict[str, list[str]] = {"group": [], "tag": []}
    for kind, label in connection.execute(
        select(screen_labels.c.kind, screen_labels.c.label)
        .distinct()
        .order_by(screen_labels.c.kind, screen_labels.c.label)
    ):
        found[kind].append(label)
    for name in ("kind", "unit", "panel"):
        column = screens.c[name]
        query = select(column).where(column.is_not(None)).distinct().order_by(column)
        found[name] = list(connection.scalars(query))
    return found


def _apply_filter(query: Select[Any], wanted: ScreenFilter) -> Select[Any]:
    if wanted.search:
        query = query.where(screens.c.id >= wanted.search, screens.c.id < wanted.search + _HIGHEST_CHARACTER)
    for name in ("kind", "unit", "panel"):
        if value := getattr(wanted, name):
            query = query.where(screens.c[name] == value)
    for name in ("group", "tag"):
        if value := getattr(wanted, name):
            marked = select(screen_labels.c.screen).where(screen_labels.c.kind == name, screen_labels.c.label == value)
            query = query.where(screens.c.id.in_(marked))
    return _filter_by_contact_state(query, wanted)


def _filter_by_contact_state(query: Select[Any], wanted: ScreenFilter) -> Select[Any]:
    if wanted.contact_state == "revoked":
        return query.where(screens.c.revoked_at.is_not(None))
    if not wanted.contact_state:
        return query
    query = query.outerjoin(heartbeats, heartbeats.c.screen == screens.c.id).where(screens.c.revoked_at.is_(None))
    if wanted.contact_state == "never":
        return query.where(heartbeats.c.seen_at.is_(None))
    if wanted.contact_state == "faulty":
        return query.where(_HAS_FAULTS)
    if wanted.contact_state == "silent":
        return query.where(heartbeats.c.seen_at < wanted.since)
    return query.where(heartbeats.c.seen_at >= wanted.since)


def _build_screen_list_row(row: Any) -> ScreenListRow:
    contact = None
    if row.screen is not None:
        facts = (row.seen_at, row.polls, row.status_at, row.status, row.serial, row.shot_at, row.shot_sha256)
        contact = HeartbeatRow(row.screen, *facts)
    return ScreenListRow(kept_of(row), contact, None if row.newest is None else int(row.newest))
