"""What is missing in the screens' numbers, and why.

A run's numbers begin at 1. A number is settled once its play is stored, or rejected, or said to be lost. Up to
``runs.through`` all are; *islands* are the settled ranges beyond it, never touching each other. Each change looks at
the islands that it touches and at no other.
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

GapReason = Literal["missing", "lost", "rejected"]


@dataclass(frozen=True, slots=True)
class SequenceGap:
    """Numbers of which there is no play, both ends in it."""

    first: int
    last: int
    why: GapReason


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """A record that was not taken: its bytes as they came. *conflict*: its number has a play with other content."""

    seq: int | None
    why: str
    bytes: bytes
    conflict: bool = False


@dataclass(frozen=True, slots=True)
class RejectedRecordRow:
    """A refusal as it is kept, for the auditor."""

    id: int
    run_id: int
    seq: int | None
    why: str
    bytes: bytes
    received_ms: int


def group_into_ranges(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Sorted numbers as ranges, both ends in them."""
    if not numbers:
        return []
    if numbers[-1] - numbers[0] == len(numbers) - 1:
        return [(numbers[0], numbers[-1])]
    found: list[tuple[int, int]] = []
    first = last = numbers[0]
    for number in numbers[1:]:
        if number > last + 1:
            found.append((first, last))
            first = number
        last = number
    return [*found, (first, last)]


def merge_ranges(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges in order, those that touch made one."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def subtract_ranges(ranges: Iterable[tuple[int, int]], taken: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """*ranges* less the numbers in *taken*."""
    away = merge_ranges(taken)
    left: list[tuple[int, int]] = []
    at = 0
    for first, last in merge_ranges(ranges):
        while at and away[at - 1][1] >= first:
            at -= 1
        while at < len(away) and away[at][1] < first:
            at += 1
        while first <= last and at < len(away) and away[at][0] <= last:
            if away[at][0] > first:
                left.append((first, away[at][0] - 1))
            first = away[at][1] + 1
            at += 1
        if first <= last:
            left.append((first, last))
    return left


def settle_ranges(connection: Connection, run_id: int, through: int, ranges: Iterable[tuple[int, int]]) -> int:
    """Settle *ranges* of a run that is settled up to *through*; returns up to where it is now."""
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
    """Keep what a player says it can never send; the same again changes nothing."""
    for first, last in ranges:
        connection.exec_driver_sql(
            "INSERT INTO plays_lost (run_id, first, last, received_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (run_id, first, last, received_ms),
        )


def add_rejected_records(
    connection: Connection, run_id: int, refusals: Iterable[RejectedRecord], received_ms: int
) -> None:
    """Keep the bytes of records that were not taken; the same again changes nothing."""
    for refusal in refusals:
        connection.exec_driver_sql(
            "INSERT INTO plays_rejected (run_id, seq, why, bytes, digest, received_ms, conflict) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                run_id,
                refusal.seq,
                refusal.why,
                refusal.bytes,
                hashlib.sha256(refusal.bytes).hexdigest(),
                received_ms,
                int(refusal.conflict),
            ),
        )


def list_rejected_records(connection: Connection, run_id: int) -> list[RejectedRecordRow]:
    """The records of a run that were not taken."""
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
    """The gaps of a run in order: numbers that never came, that are lost, that were rejected and never came well."""
    beyond = connection.execute(select(islands.c.first, islands.c.last).where(islands.c.run_id == run_id))
    settled = merge_ranges([(int(first), int(last)) for first, last in beyond])
    found: list[SequenceGap] = []
    last = through
    for first, end in settled:
        found.append(SequenceGap(last + 1, first - 1, "missing"))
        last = end
    refused = _list_rejected_ranges(connection, run_id)
    said = connection.execute(select(lost_ranges.c.first, lost_ranges.c.last).where(lost_ranges.c.run_id == run_id))
    gone = merge_ranges([(int(first), int(last)) for first, last in said])
    there = _list_stored_ranges(connection, run_id, [*gone, *refused])
    found += [SequenceGap(first, last, "rejected") for first, last in subtract_ranges(refused, there)]
    found += [SequenceGap(first, last, "lost") for first, last in subtract_ranges(gone, [*there, *refused])]
    return sorted(found, key=lambda gap: (gap.first, gap.last))


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
    found: list[tuple[int, int]] = []
    for first, last in merge_ranges(ranges):
        hot = connection.exec_driver_sql(
            "SELECT seq FROM plays WHERE run_id = ? AND seq BETWEEN ? AND ? ORDER BY seq", (run_id, first, last)
        )
        found += group_into_ranges([row[0] for row in hot])
        sealed = connection.exec_driver_sql(
            "SELECT first, last FROM plays_sealed WHERE run_id = ? AND first <= ? AND last >= ?", (run_id, last, first)
        )
        found += [(max(row[0], first), min(row[1], last)) for row in sealed]
    return found


def delete_run_gaps(connection: Connection, run_id: int) -> None:
    """Drop what is known of a run's gaps (when all its plays are past their retention)."""
    for table in (islands, lost_ranges, rejected_records):
        connection.execute(delete(table).where(table.c.run_id == run_id))
