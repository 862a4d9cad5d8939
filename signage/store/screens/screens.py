"""Screens: the facts of each, and the sha256 of its token.

The facts of a screen are one JSON value; the columns ``kind``, ``panel``, ``unit`` and the labels are copies of them
to search by.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    Row,
    Select,
    String,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from signage.model.screen import BrightnessStep, OperatingHours, Screen, format_sun_time, parse_sun_time
from signage.store.column_types import Instant
from signage.store.engine import metadata

screens = Table(
    "screens",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("facts", Text, nullable=False),
    Column("kind", String(64), nullable=False, index=True),
    Column("panel", String(64), nullable=False, index=True),
    Column("unit", String(64), index=True),
    Column("token", String(64), unique=True),
    Column("made_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

screen_labels = Table(
    "screen_labels",
    metadata,
    Column("screen", String(64), primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("label", String(64), primary_key=True),
    Index("ix_screen_labels_label", "kind", "label", "screen"),
)


class _ScreenFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    kind: str
    panel: str
    timezone: str
    groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    unit: str | None = None
    position: tuple[float, float] | None = None
    hours: tuple[tuple[str, str], ...] = ()
    brightness: tuple[tuple[str, int], ...] = ()
    default: str | None = None
    name: str | None = None
    address: str | None = None


_decoder = msgspec.json.Decoder(_ScreenFacts)


@dataclass(frozen=True, slots=True)
class ScreenRow:
    """A screen with the stored facts of its registration. *token_hash*: the sha256 of its token, in hex."""

    screen: Screen
    token_hash: str | None
    made_at: datetime
    changed_at: datetime
    revoked_at: datetime | None = None


def create_screens(connection: Connection, entries: Iterable[tuple[Screen, str | None]], at: datetime) -> None:
    """Store new screens, each with the hash of its token (None: no token yet)."""
    rows, labels = [], []
    for screen, token_hash in entries:
        rows.append({**_build_columns(screen), "id": screen.id, "token": token_hash, "made_at": at, "changed_at": at})
        labels += _build_labels(screen)
    _insert_rows(connection, rows, labels)


def update_screens(connection: Connection, changed: Sequence[Screen], at: datetime) -> None:
    """Replace the facts of existing screens."""
    if not changed:
        return
    query = update(screens).where(screens.c.id == bindparam("key"))
    connection.execute(query, [{**_build_columns(screen), "key": screen.id, "changed_at": at} for screen in changed])
    connection.execute(
        delete(screen_labels).where(screen_labels.c.screen == bindparam("key")), [{"key": s.id} for s in changed]
    )
    _insert_rows(connection, [], [label for screen in changed for label in _build_labels(screen)])


def set_token(connection: Connection, screen_id: str, token_hash: str, at: datetime) -> None:
    """Replace the token of a screen (by its hash), and end a revocation."""
    values = {"token": token_hash, "changed_at": at, "revoked_at": None}
    connection.execute(update(screens).where(screens.c.id == screen_id).values(**values))


def revoke_screen(connection: Connection, screen_id: str, at: datetime) -> None:
    """Revoke the token of a screen: it stays known and is refused."""
    connection.execute(update(screens).where(screens.c.id == screen_id).values(revoked_at=at, changed_at=at))


def delete_screen(connection: Connection, screen_id: str) -> None:
    """Delete a screen; its plays stay."""
    connection.execute(delete(screen_labels).where(screen_labels.c.screen == screen_id))
    connection.execute(delete(screens).where(screens.c.id == screen_id))


def get_screen(connection: Connection, screen_id: str) -> ScreenRow | None:
    """Return the screen of that id."""
    row = connection.execute(select(screens).where(screens.c.id == screen_id)).first()
    return None if row is None else build_screen_row(row)


def iter_screens(connection: Connection) -> Iterator[ScreenRow]:
    """Iterate over all screens by id."""
    for row in connection.execute(select(screens).order_by(screens.c.id)):
        yield build_screen_row(row)


def list_screen_ids(connection: Connection) -> list[str]:
    """List the ids of all screens, in order."""
    return list(connection.scalars(select(screens.c.id).order_by(screens.c.id)))


def count_screens(connection: Connection) -> int:
    """Count all screens."""
    return connection.scalar(select(func.count()).select_from(screens)) or 0


def select_screens_with_label(kind: str, condition: ColumnElement[bool]) -> Select[tuple[str]]:
    """Build a query of the ids of screens with a label of *kind* (``group``, ``tag``) that meets *condition*."""
    return select(screen_labels.c.screen).where(screen_labels.c.kind == kind, condition)


def _insert_rows(connection: Connection, rows: list[dict[str, object]], labels: list[dict[str, str]]) -> None:
    if rows:
        connection.execute(insert(screens), rows)
    if labels:
        connection.execute(insert(screen_labels), labels)


def _build_columns(screen: Screen) -> dict[str, object]:
    facts = _ScreenFacts(
        screen.kind,
        screen.panel,
        screen.timezone,
        screen.groups,
        screen.tags,
        screen.unit,
        screen.position,
        tuple((format_sun_time(h.from_), format_sun_time(h.until)) for h in screen.hours),
        tuple((format_sun_time(b.from_), b.percent) for b in screen.brightness),
        screen.default_campaign,
        screen.name,
        screen.address,
    )
    text = msgspec.json.encode(facts).decode()
    return {"facts": text, "kind": screen.kind, "panel": screen.panel, "unit": screen.unit}


def _build_labels(screen: Screen) -> list[dict[str, str]]:
    labels = [("group", label) for label in set(screen.groups)] + [("tag", label) for label in set(screen.tags)]
    return [{"screen": screen.id, "kind": kind, "label": label} for kind, label in labels]


def build_screen_row(row: Row[Any]) -> ScreenRow:
    """Build the value of a row that has all columns of the table, among others."""
    facts = _decoder.decode(row.facts)
    screen = Screen(
        id=row.id,
        kind=facts.kind,
        panel=facts.panel,
        timezone=facts.timezone,
        groups=facts.groups,
        tags=facts.tags,
        unit=facts.unit,
        position=facts.position,
        hours=tuple(OperatingHours(parse_sun_time(a), parse_sun_time(b)) for a, b in facts.hours),
        brightness=tuple(BrightnessStep(parse_sun_time(a), percent) for a, percent in facts.brightness),
        default_campaign=facts.default,
        name=facts.name,
        address=facts.address,
    )
    return ScreenRow(screen, row.token, row.made_at, row.changed_at, row.revoked_at)
