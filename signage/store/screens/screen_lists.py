"""Lists of screens beside what was last heard of each: paged by id, narrowed and counted by index."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Select, Text, func, select, type_coerce

from signage.store.playlists import current
from signage.store.screens.heartbeats import Contact, contacts
from signage.store.screens.screens import Kept, labels, screens
from signage.store.screens.screens import _kept as kept_of

Heard = Literal["", "heard", "silent", "never", "revoked", "faulty"]
_STATUS = type_coerce(contacts.c.status, Text)
_FAULTY = _STATUS.like('%"faults":["%')
"""The status is kept as JSON without white space: a list of faults that is not empty."""
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which screens. *search*: how their ids begin; *heard*: whether they polled after the instant *since*."""

    search: str = ""
    group: str = ""
    tag: str = ""
    kind: str = ""
    unit: str = ""
    panel: str = ""
    heard: Heard = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A screen, what it last said, and the serial of its current document."""

    kept: Kept
    contact: Contact | None
    serial: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many screens there are, and how many of them are silent, tell of faults, were never heard of, are revoked."""

    screens: int
    silent: int
    faulty: int
    never: int
    revoked: int


def page(connection: Connection, wanted: Wanted, after: str = "", limit: int = 50) -> list[Listed]:
    """The next *limit* of the *wanted* screens after the id *after*."""
    query = _narrowed(select(screens.c.id), wanted).where(screens.c.id > after)
    ids = list(connection.scalars(query.order_by(screens.c.id).limit(limit)))
    return of(connection, ids)


def of(connection: Connection, ids: list[str]) -> list[Listed]:
    """Those of *ids* that are there, by id."""
    query = (
        select(screens, contacts, current.c.serial.label("newest"))
        .outerjoin(contacts, contacts.c.screen == screens.c.id)
        .outerjoin(current, current.c.screen == screens.c.id)
        .where(screens.c.id.in_(ids))
        .order_by(screens.c.id)
    )
    return [_listed(row) for row in connection.execute(query)] if ids else []


def how_many(connection: Connection, wanted: Wanted, most: int) -> int:
    """How many screens are *wanted*, counted as far as *most*."""
    some = _narrowed(select(screens.c.id), wanted).limit(most).subquery()
    return int(connection.scalar(select(func.count()).select_from(some)) or 0)


def counts(connection: Connection, since: datetime) -> Counts:
    """How the fleet stands; *since*: a screen that polled then or later is not silent."""
    here = screens.c.revoked_at.is_(None)
    joined = screens.outerjoin(contacts, contacts.c.screen == screens.c.id)
    total = connection.scalar(select(func.count()).select_from(screens)) or 0
    revoked = connection.scalar(select(func.count()).select_from(screens).where(screens.c.revoked_at.is_not(None)))
    row = connection.execute(
        select(
            func.count(contacts.c.seen_at),
            func.count(contacts.c.seen_at).filter(contacts.c.seen_at < since),
            func.count(contacts.c.screen).filter(_FAULTY),
        )
        .select_from(joined)
        .where(here)
    ).one()
    heard, silent, faulty = (int(number) for number in row)
    return Counts(int(total), silent, faulty, int(total) - int(revoked or 0) - heard, int(revoked or 0))


def words(connection: Connection) -> dict[str, list[str]]:
    """The groups, tags, kinds, units and panels that screens have, for choosing."""
    found: dict[str, list[str]] = {"group": [], "tag": []}
    for kind, label in connection.execute(
        select(labels.c.kind, labels.c.label).distinct().order_by(labels.c.kind, labels.c.label)
    ):
        found[kind].append(label)
    for name in ("kind", "unit", "panel"):
        column = screens.c[name]
        query = select(column).where(column.is_not(None)).distinct().order_by(column)
        found[name] = list(connection.scalars(query))
    return found


def _narrowed(query: Select[Any], wanted: Wanted) -> Select[Any]:
    if wanted.search:
        query = query.where(screens.c.id >= wanted.search, screens.c.id < wanted.search + _LAST)
    for name in ("kind", "unit", "panel"):
        if value := getattr(wanted, name):
            query = query.where(screens.c[name] == value)
    for name in ("group", "tag"):
        if value := getattr(wanted, name):
            marked = select(labels.c.screen).where(labels.c.kind == name, labels.c.label == value)
            query = query.where(screens.c.id.in_(marked))
    return _as_heard(query, wanted)


def _as_heard(query: Select[Any], wanted: Wanted) -> Select[Any]:
    if wanted.heard == "revoked":
        return query.where(screens.c.revoked_at.is_not(None))
    if not wanted.heard:
        return query
    query = query.outerjoin(contacts, contacts.c.screen == screens.c.id).where(screens.c.revoked_at.is_(None))
    if wanted.heard == "never":
        return query.where(contacts.c.seen_at.is_(None))
    if wanted.heard == "faulty":
        return query.where(_FAULTY)
    if wanted.heard == "silent":
        return query.where(contacts.c.seen_at < wanted.since)
    return query.where(contacts.c.seen_at >= wanted.since)


def _listed(row: Any) -> Listed:
    contact = None
    if row.screen is not None:
        facts = (row.seen_at, row.polls, row.status_at, row.status, row.serial, row.shot_at, row.shot_sha256)
        contact = Contact(row.screen, *facts)
    return Listed(kept_of(row), contact, None if row.newest is None else int(row.newest))
