"""Queue of renditions: an item made for a kind of panel, keyed by the hash of everything that determines it.

A row is ``waiting``, ``working`` (claimed by a worker until *lease*), ``done`` (with its media) or ``failed`` (with
its fault). The lease of a crashed worker expires, and the row is claimed again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
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
    """*sha256*: of the clip (None: text); *recipe*: its specification; *result*: its media or its fault."""

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
    """Return the rendition of that key."""
    row = connection.execute(select(renditions).where(renditions.c.key == key)).first()
    return None if row is None else _build_rendition_row(row)


def get_settled_renditions(connection: Connection, keys: Iterable[str]) -> dict[str, RenditionRow]:
    """Return key → rendition for those of *keys* that are done or failed."""
    settled: dict[str, RenditionRow] = {}
    ordered = list(keys)
    for start in range(0, len(ordered), 500):
        chunk = ordered[start : start + 500]
        query = select(renditions).where(renditions.c.key.in_(chunk), renditions.c.state.in_(("done", "failed")))
        settled.update((row.key, _build_rendition_row(row)) for row in connection.execute(query))
    return settled


def request_rendition(connection: Connection, key: str, sha256: str | None, recipe: object, at: datetime) -> bool:
    """Queue a rendition; return False where it was requested already."""
    if get_rendition(connection, key) is not None:
        return False
    values = {"key": key, "state": "waiting", "sha256": sha256, "recipe": recipe, "asked_at": at}
    connection.execute(insert(renditions).values(values))
    return True


def create_finished_rendition(
    connection: Connection, key: str, recipe: object, media: tuple[PlaylistMedia, ...], at: datetime
) -> None:
    """Store a rendition that was made without the queue."""
    values = {"key": key, "state": "done", "recipe": recipe, "result": media, "progress": 1.0}
    try:
        with connection.begin_nested():
            connection.execute(insert(renditions).values(**values, asked_at=at, done_at=at))
    except IntegrityError:
        return  # another process stored the same rendition


def claim_next_rendition(
    connection: Connection, worker: str, at: datetime, lease: timedelta, max_tries: int
) -> RenditionRow | None:
    """Claim the oldest rendition that is waiting or whose lease has expired.

    A rendition that crashed its worker *max_tries* times fails.
    """
    is_waiting = _match_waiting(at)
    result = RenditionFailure("rendition-gave-up", {"tries": max_tries})
    failed = update(renditions).where(is_waiting, renditions.c.tries >= max_tries)
    connection.execute(failed.values(state="failed", result=result, done_at=at))
    query = select(renditions).where(is_waiting)
    row = connection.execute(query.order_by(renditions.c.asked_at, renditions.c.key).limit(1)).first()
    if row is None:
        return None
    values = {"state": "working", "worker": worker, "lease": at + lease, "tries": row.tries + 1, "progress": 0.0}
    connection.execute(update(renditions).where(renditions.c.key == row.key).values(values))
    return get_rendition(connection, row.key)


def update_progress(connection: Connection, key: str, worker: str, progress: float, until: datetime) -> bool:
    """Record progress and extend the lease; return False where the worker has lost its claim."""
    query = update(renditions).where(renditions.c.key == key, _match_claimed(worker))
    return bool(connection.execute(query.values(progress=progress, lease=until)).rowcount)


def delete_failed_renditions(connection: Connection, sha256: str) -> None:
    """Delete the failed renditions of a clip, so that they can be requested again."""
    connection.execute(delete(renditions).where(renditions.c.sha256 == sha256, renditions.c.state == "failed"))


def finish_rendition(
    connection: Connection, key: str, state: RenditionState, result: RenditionResult, at: datetime
) -> None:
    """Record that a rendition is done, or has failed."""
    values = {"state": state, "result": result, "progress": 1.0, "lease": None, "done_at": at}
    connection.execute(update(renditions).where(renditions.c.key == key).values(values))


def release_claims(connection: Connection, worker: str) -> None:
    """Release the renditions of a worker that shuts down; the try does not count."""
    values = {"state": "waiting", "worker": None, "lease": None, "tries": renditions.c.tries - 1}
    connection.execute(update(renditions).where(_match_claimed(worker)).values(values))


def reclaim_rendition(connection: Connection, key: str, worker: str) -> None:
    """Return a rendition of a crashed worker to the queue; the try counts."""
    query = update(renditions).where(renditions.c.key == key, _match_claimed(worker))
    connection.execute(query.values(state="waiting", worker=None, lease=None))


def list_claimed_renditions(connection: Connection) -> list[RenditionRow]:
    """List the renditions that a worker has claimed."""
    return [
        _build_rendition_row(row)
        for row in connection.execute(select(renditions).where(renditions.c.state == "working"))
    ]


def has_waiting_renditions(connection: Connection, at: datetime) -> bool:
    """Return whether any rendition can be claimed."""
    query = select(renditions.c.key).where(_match_waiting(at)).limit(1)
    return connection.execute(query).first() is not None


def delete_rendition(connection: Connection, key: str) -> None:
    """Delete a rendition, so that it can be requested anew."""
    connection.execute(delete(renditions).where(renditions.c.key == key))


def count_by_state(connection: Connection) -> dict[str, int]:
    """Count the renditions by state."""
    query = select(renditions.c.state, func.count()).group_by(renditions.c.state)
    return {state: int(number) for state, number in connection.execute(query)}


def list_renditions_of_clip(connection: Connection, sha256: str) -> list[RenditionRow]:
    """List the renditions of a clip, the oldest first."""
    query = select(renditions).where(renditions.c.sha256 == sha256).order_by(renditions.c.asked_at, renditions.c.key)
    return [_build_rendition_row(row) for row in connection.execute(query)]


def _match_waiting(at: datetime) -> ColumnElement[bool]:
    has_expired = (renditions.c.state == "working") & (renditions.c.lease <= at)
    return (renditions.c.state == "waiting") | has_expired


def _match_claimed(worker: str) -> ColumnElement[bool]:
    return (renditions.c.worker == worker) & (renditions.c.state == "working")


def _build_rendition_row(row: Row[Any]) -> RenditionRow:
    columns: Sequence[Any] = row
    return RenditionRow(*columns)
