"""Checkpoints of the audit log: its signed size and root hash, made after new entries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, LargeBinary, String, Table, Text, insert, select, update

from signage.store.column_types import Instant
from signage.store.engine import metadata

checkpoints = Table(
    "audit_checkpoints",
    metadata,
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("at", Instant, nullable=False),
    Column("origin", String(200), nullable=False),
    Column("note", Text, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("shown", Integer, nullable=False),
)


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """A checkpoint. *note*: the signed text; *frontier*: the hashes of the tree's full subtrees, 32 bytes each.

    *published*: it is in a bundle, report or mail, so later bundles have a proof of consistency with it.
    """

    size: int
    root: bytes
    at: datetime
    origin: str
    note: str
    frontier: bytes
    published: bool = False


def create_checkpoint(connection: Connection, checkpoint: CheckpointRow) -> None:
    """Store a checkpoint."""
    connection.execute(
        insert(checkpoints),
        {
            "size": checkpoint.size,
            "root": checkpoint.root,
            "at": checkpoint.at,
            "origin": checkpoint.origin,
            "note": checkpoint.note,
            "frontier": checkpoint.frontier,
            "shown": int(checkpoint.published),
        },
    )


def get_latest_checkpoint(connection: Connection) -> CheckpointRow | None:
    """Return the newest checkpoint; None before the first."""
    row = connection.execute(select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)).first()
    return None if row is None else _build_checkpoint_row(row)


def mark_published(connection: Connection, size: int) -> None:
    """Mark the checkpoint of that size as published."""
    connection.execute(update(checkpoints).where(checkpoints.c.size == size).values(shown=1))


def list_published_checkpoints(connection: Connection) -> list[CheckpointRow]:
    """List the published checkpoints in order."""
    query = select(checkpoints).where(checkpoints.c.shown == 1).order_by(checkpoints.c.size)
    return [_build_checkpoint_row(row) for row in connection.execute(query)]


def _build_checkpoint_row(row: Any) -> CheckpointRow:
    size, root, at, origin, note, frontier, published = row
    return CheckpointRow(int(size), root, at, origin, note, frontier, bool(published))
