"""Checkpoints of the audit log: its size and root, signed, at instants at which something had happened."""

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
    """*note*: the signed text; *frontier*: the tree's whole subtrees at that size, 32 bytes each.

    *shown*: it left the house (in a bundle, on a report, in a mail), so later bundles prove themselves from it.
    """

    size: int
    root: bytes
    at: datetime
    origin: str
    note: str
    frontier: bytes
    published: bool = False


def create_checkpoint(connection: Connection, checkpoint: CheckpointRow) -> None:
    """Keep a checkpoint."""
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
    """The newest; None before the first."""
    row = connection.execute(select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)).first()
    return None if row is None else _build_checkpoint_row(row)


def mark_published(connection: Connection, size: int) -> None:
    """Note that the checkpoint of that size leaves the house."""
    connection.execute(update(checkpoints).where(checkpoints.c.size == size).values(shown=1))


def list_published_checkpoints(connection: Connection) -> list[CheckpointRow]:
    """Those that left the house, in order."""
    query = select(checkpoints).where(checkpoints.c.shown == 1).order_by(checkpoints.c.size)
    return [_build_checkpoint_row(row) for row in connection.execute(query)]


def _build_checkpoint_row(row: Any) -> CheckpointRow:
    size, root, at, origin, note, frontier, left = row
    return CheckpointRow(int(size), root, at, origin, note, frontier, bool(left))
