"""Renditions: what an item is on a kind of panel, by a key of all that decides it; made once, or waiting to be.

A row is ``waiting``, ``working`` (claimed by a worker until *lease*), ``done`` (with its media) or ``failed`` (with
the fault). A worker that died leaves a lease that runs out, and the row waits again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from sqlalchemy import (
    Column,
    Connection,
    Float,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from signage.protocol.playlist import PlaylistMedia
from signage.store.column_types import Instant, Json, JsonOf
from signage.store.engine import IntegrityError, metadata

RenditionState = Literal["waiting", "working", "done", "failed"]


class RenditionFailure(msgspec.Struct, frozen=True):
    """Why a clip cannot be converted: a message code with its facts."""

    code: str
    facts: dict[str, str | int | float]


RenditionResult = tuple[PlaylistMedia, ...] | RenditionFailure

renditions = Table(
    "renditions",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("state", String(8), nullable=False),
    Column("sha256", String(64), index=True),
    Column("recipe", Json, nullable=False),
    Column("result", JsonOf(RenditionResult)),
    Column("progress", Float, nullable=False, default=0.0),
    Column("tries", Integer, nullable=False, default=0),
    Column("worker", Text),
    Column("lease", Instant),
    Column("asked_at", Instant, nullable=False),
    Column("done_at", Instant),
    Index("ix_renditions_state", "state", "asked_at", "key"),
)


@dataclass(frozen=True, slots=True)
class RenditionRow:
    """One row. *sha256*: the clip (None: text); *recipe*: how it is made; *result*: its media, or its fault."""

    key: str
    state: RenditionState
    sha256: str | None
    recipe: dict[str, Any]
    result: RenditionResult | None
    progress: float
    tries: int
    worker: str | None
    lease: datetime | None
    asked_at: datetime
    done_at: datetime | None


def get_rendition(connection: Connection, key: str) -> RenditionRow | None:
    """The rendition of that key."""
    row = connection.execute(select(renditions).where(renditions.c.key == key)).first()
    return None if row is None else _build_rendition_row(row)


def get_settled_renditions(connection: Connection, keys: Iterable[str]) -> dict[str, RenditionRow]:
    """Those of *keys* that are done or failed."""
    found: dict[str, RenditionRow] = {}
    wanted = list(keys)
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        query = select(renditions).where(renditions.c.key.in_(some), renditions.c.state.in_(("done", "failed")))
        found.update((row.key, _build_rendition_row(row)) for row in connection.execute(query))
    return found


def request_rendition(connection: Connection, key: str, sha256: str | None, recipe: object, at: datetime) -> bool:
    """Let a rendition be made; False where it was asked for already."""
    if get_rendition(connection, key) is not None:
        return False
    values = {"key": key, "state": "waiting", "sha256": sha256, "recipe": recipe, "asked_at": at}
    connection.execute(insert(renditions).values(values))
    return True


def create_finished_rendition(
    connection: Connection, key: str, recipe: object, media: tuple[PlaylistMedia, ...], at: datetime
) -> None:
    """Keep a rendition that was made at once."""
    values = {"key": key, "state": "done", "recipe": recipe, "result": media, "progress": 1.0}
    try:
        with connection.begin_nested():
            connection.execute(insert(renditions).values(**values, asked_at=at, done_at=at))
    except IntegrityError:
        return  # another process made the same of the same


def claim_next_rendition(
    connection: Connection, worker: str, at: datetime, lease: timedelta, tries: int
) -> RenditionRow | None:
    """Take the rendition that waited longest; those whose worker has died wait too.

    One that was tried *tries* times and took its worker with it each time has failed.
    """
    lost = (renditions.c.state == "working") & (renditions.c.lease <= at)
    waits = (renditions.c.state == "waiting") | lost
    given_up = {"state": "failed", "result": RenditionFailure("rendition-gave-up", {"tries": tries}), "done_at": at}
    connection.execute(update(renditions).where(waits, renditions.c.tries >= tries).values(**given_up))
    query = select(renditions).where(waits)
    row = connection.execute(query.order_by(renditions.c.asked_at, renditions.c.key).limit(1)).first()
    if row is None:
        return None
    values = {"state": "working", "worker": worker, "lease": at + lease, "tries": row.tries + 1, "progress": 0.0}
    connection.execute(update(renditions).where(renditions.c.key == row.key).values(values))
    return get_rendition(connection, row.key)


def update_progress(connection: Connection, key: str, worker: str, progress: float, until: datetime) -> bool:
    """Note how far the work is, and that its worker lives; False where it is no longer that worker's."""
    mine = (renditions.c.key == key) & (renditions.c.worker == worker) & (renditions.c.state == "working")
    changed = connection.execute(update(renditions).where(mine).values(progress=progress, lease=until))
    return bool(changed.rowcount)


def finish_rendition(
    connection: Connection, key: str, state: RenditionState, result: RenditionResult, at: datetime
) -> None:
    """The work is done, or has failed for good."""
    values = {"state": state, "result": result, "progress": 1.0, "lease": None, "done_at": at}
    connection.execute(update(renditions).where(renditions.c.key == key).values(values))


def release_claims(connection: Connection, worker: str) -> None:
    """Let what a worker that stops in good order held wait again."""
    mine = (renditions.c.worker == worker) & (renditions.c.state == "working")
    values = {"state": "waiting", "worker": None, "lease": None, "tries": renditions.c.tries - 1}
    connection.execute(update(renditions).where(mine).values(values))


def reclaim_rendition(connection: Connection, key: str, worker: str) -> None:
    """Let a rendition wait again whose worker is gone; the try counts."""
    mine = (renditions.c.key == key) & (renditions.c.worker == worker) & (renditions.c.state == "working")
    connection.execute(update(renditions).where(mine).values(state="waiting", worker=None, lease=None))


def list_claimed_renditions(connection: Connection) -> list[RenditionRow]:
    """Those that a worker has claimed."""
    return [
        _build_rendition_row(row)
        for row in connection.execute(select(renditions).where(renditions.c.state == "working"))
    ]


def has_waiting_renditions(connection: Connection, at: datetime) -> bool:
    """Whether anything waits for a worker."""
    lost = (renditions.c.state == "working") & (renditions.c.lease <= at)
    query = select(renditions.c.key).where((renditions.c.state == "waiting") | lost).limit(1)
    return connection.execute(query).first() is not None


def delete_rendition(connection: Connection, key: str) -> None:
    """Forget a rendition, so that it can be asked for anew."""
    connection.execute(delete(renditions).where(renditions.c.key == key))


def count_by_state(connection: Connection) -> dict[str, int]:
    """How many renditions are in each state."""
    query = select(renditions.c.state, func.count()).group_by(renditions.c.state)
    return {state: int(number) for state, number in connection.execute(query)}


def list_renditions_of_clip(connection: Connection, sha256: str) -> list[RenditionRow]:
    """All renditions of a clip, for its page: which are done, how far the others are."""
    query = select(renditions).where(renditions.c.sha256 == sha256).order_by(renditions.c.asked_at, renditions.c.key)
    return [_build_rendition_row(row) for row in connection.execute(query)]


def _build_rendition_row(row: Row[Any]) -> RenditionRow:
    columns: Sequence[Any] = row
    return RenditionRow(*columns)
