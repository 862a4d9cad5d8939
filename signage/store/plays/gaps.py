"""Gaps in the sequence numbers of a run, and their reasons.

The numbers of a run begin at 1. A number is settled once its play is stored or rejected, or the player reports it as
lost. All numbers up to ``runs.through`` are settled; *islands* are the settled ranges beyond it, which never touch
each other. An update reads only the islands that it touches.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    delete,
    insert,
    select,
)

from signage.store.engine import metadata

islands = Table(
    "plays_islands",
    metadata,
    Column("run_id", Integer, primary_key=True, autoincrement=False),
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

lost_ranges = Table(
    "plays_lost",
    metadata,
    Column("run_id", Integer, primary_key=True, autoincrement=False),
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("last", BigInteger, primary_key=True, autoincrement=False),
    Column("received_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

rejected_records = Table(
    "plays_rejected",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, nullable=False),
    Column("seq", BigInteger),
    Column("why", Text, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("received_ms", BigInteger, nullable=False),
    Column("conflict", Integer, nullable=False),
    UniqueConstraint("run_id", "digest"),
    Index("ix_plays_rejected_run_id_seq", "run_id", "seq"),
)

KEPT_BYTES = 1024
"""Of a rejected record so many bytes are stored, and the sha256 of all."""

GapReason = Literal["missing", "lost", "rejected"]


@dataclass(frozen=True, slots=True)
class SequenceGap:
    """A range of numbers without a play, both ends included."""

    first: int
    last: int
    why: GapReason


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """A rejected record with its bytes as received. *conflict*: a play with its number and other content is stored."""

    seq: int | None
    why: str
    bytes: bytes
    conflict: bool = False


@dataclass(frozen=True, slots=True)
class RejectedRecordRow:
    """A rejected record as stored, for the auditor."""

    id: int
    run_id: int
    seq: int | None
    why: str
    bytes: bytes
    received_ms: int


def group_into_ranges(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Group sorted numbers into ranges, both ends included."""
    if not numbers:
        return []
    if numbers[-1] - numbers[0] == len(numbers) - 1:
        return [(numbers[0], numbers[-1])]
    ranges: list[tuple[int, int]] = []
    first = last = numbers[0]
    for number in numbers[1:]:
        if number > last + 1:
            ranges.append((first, last))
            first = number
        last = number
    return [*ranges, (first, last)]


def merge_ranges(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sort ranges and merge those that touch."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


def subtract_ranges(ranges: Iterable[tuple[int, int]], subtracted: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return *ranges* without the numbers in *subtracted*."""
    removed = merge_ranges(subtracted)
    remaining: list[tuple[int, int]] = []
    index = 0
    for first, last in merge_ranges(ranges):
        while index and removed[index - 1][1] >= first:
            index -= 1
        while index < len(removed) and removed[index][1] < first:
            index += 1
        while first <= last and index < len(removed) and removed[index][0] <= last:
            if removed[index][0] > first:
                remaining.append((first, removed[index][0] - 1))
            first = removed[index][1] + 1
            index += 1
        if first <= last:
            remaining.append((first, last))
    return remaining


def settle_ranges(connection: Connection, run_id: int, through: int, ranges: Iterable[tuple[int, int]]) -> int:
    """Settle *ranges* of a run that is settled up to *through*; return up to where it is settled now."""
    pending = merge_ranges(ranges)
    for first, last in pending:
        if last <= through:
            continue
        if first <= through + 1:
            through = last
        else:
            _insert_island(connection, run_id, first, last)
    if pending:
        through = _absorb_islands(connection, run_id, through)
    return through


def _insert_island(connection: Connection, run_id: int, first: int, last: int) -> None:
    touching = connection.exec_driver_sql(
        "SELECT first, last FROM plays_islands WHERE run_id = ? AND first <= ? ORDER BY first DESC LIMIT 1",
        (run_id, first),
    ).all()
    touching = [row for row in touching if row[1] >= first - 1]
    inside = connection.exec_driver_sql(
        "SELECT first, last FROM plays_islands WHERE run_id = ? AND first > ? AND first <= ?", (run_id, first, last + 1)
    ).all()
    for row in (*touching, *inside):
        first, last = min(first, row[0]), max(last, row[1])
        connection.exec_driver_sql("DELETE FROM plays_islands WHERE run_id = ? AND first = ?", (run_id, row[0]))
    connection.execute(insert(islands), {"run_id": run_id, "first": first, "last": last})


def _absorb_islands(connection: Connection, run_id: int, through: int) -> int:
    while True:
        row = connection.exec_driver_sql(
            "SELECT first, last FROM plays_islands WHERE run_id = ? ORDER BY first LIMIT 1", (run_id,)
        ).first()
        if row is None or row[0] > through + 1:
            return through
        connection.exec_driver_sql("DELETE FROM plays_islands WHERE run_id = ? AND first = ?", (run_id, row[0]))
        through = max(through, row[1])


def add_lost_ranges(connection: Connection, run_id: int, ranges: Iterable[tuple[int, int]], received_ms: int) -> None:
    """Store ranges that a player reports as lost; a resend changes nothing."""
    for first, last in ranges:
        connection.exec_driver_sql(
            "INSERT INTO plays_lost (run_id, first, last, received_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (run_id, first, last, received_ms),
        )


def add_rejected_records(
    connection: Connection, run_id: int, records: Iterable[RejectedRecord], received_ms: int
) -> None:
    """Store sha256 and first KB of rejected records; a resend changes nothing."""
    for record in records:
        connection.exec_driver_sql(
            "INSERT INTO plays_rejected (run_id, seq, why, bytes, digest, received_ms, conflict) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                run_id,
                record.seq,
                record.why,
                record.bytes[:KEPT_BYTES],
                hashlib.sha256(record.bytes).hexdigest(),
                received_ms,
                int(record.conflict),
            ),
        )


def list_rejected_records(connection: Connection, run_id: int) -> list[RejectedRecordRow]:
    """List the rejected records of a run."""
    query = select(
        rejected_records.c.id,
        rejected_records.c.run_id,
        rejected_records.c.seq,
        rejected_records.c.why,
        rejected_records.c.bytes,
        rejected_records.c.received_ms,
    ).where(rejected_records.c.run_id == run_id)
    return [RejectedRecordRow(*row) for row in connection.execute(query.order_by(rejected_records.c.id))]


def list_gaps(connection: Connection, run_id: int, through: int) -> list[SequenceGap]:
    """List the gaps of a run in order: missing numbers, lost ones, rejected ones that were never sent correctly."""
    gaps: list[SequenceGap] = []
    settled_through = through
    for first, last in _list_ranges(connection, islands, run_id):
        gaps.append(SequenceGap(settled_through + 1, first - 1, "missing"))
        settled_through = last
    rejected = _list_rejected_ranges(connection, run_id)
    lost = _list_ranges(connection, lost_ranges, run_id)
    stored = _list_stored_ranges(connection, run_id, [*lost, *rejected])
    gaps += [SequenceGap(first, last, "rejected") for first, last in subtract_ranges(rejected, stored)]
    gaps += [SequenceGap(first, last, "lost") for first, last in subtract_ranges(lost, [*stored, *rejected])]
    return sorted(gaps, key=lambda gap: (gap.first, gap.last))


def _list_ranges(connection: Connection, table: Table, run_id: int) -> list[tuple[int, int]]:
    rows = connection.execute(select(table.c.first, table.c.last).where(table.c.run_id == run_id))
    return merge_ranges([(int(first), int(last)) for first, last in rows])


def _list_rejected_ranges(connection: Connection, run_id: int) -> list[tuple[int, int]]:
    query = (
        select(rejected_records.c.seq)
        .where(rejected_records.c.run_id == run_id, rejected_records.c.seq.is_not(None))
        .distinct()
    )
    return group_into_ranges(sorted(int(seq) for (seq,) in connection.execute(query)))


def _list_stored_ranges(
    connection: Connection, run_id: int, ranges: Iterable[tuple[int, int]]
) -> list[tuple[int, int]]:
    stored: list[tuple[int, int]] = []
    for first, last in merge_ranges(ranges):
        unsealed = connection.exec_driver_sql(
            "SELECT seq FROM plays WHERE run_id = ? AND seq BETWEEN ? AND ? ORDER BY seq", (run_id, first, last)
        )
        stored += group_into_ranges([row[0] for row in unsealed])
        sealed = connection.exec_driver_sql(
            "SELECT first, last FROM plays_sealed WHERE run_id = ? AND first <= ? AND last >= ?", (run_id, last, first)
        )
        stored += [(max(row[0], first), min(row[1], last)) for row in sealed]
    return stored


def delete_run_gaps(connection: Connection, run_id: int) -> None:
    """Delete the gaps of a run, once all its plays are past their retention."""
    for table in (islands, lost_ranges, rejected_records):
        connection.execute(delete(table).where(table.c.run_id == run_id))
