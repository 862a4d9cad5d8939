"""Archive days: the file that the plays of a past day are sealed into, and the numbers of each run in it.

A day is the day of receipt (UTC): once it is over, no play is added to it. Where one is (the server's clock was ahead
and was corrected), the day is sealed again: its row then names a further file with all of its plays.
"""

import json
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, String, Table, case, delete, insert, select

from signage.store.audit_log import audit_entries
from signage.store.engine import metadata

SEAL_VERB = "plays.seal"
"""The verb of the audit entry with the sha256 of a day's file."""

archive_files = Table(
    "archive_files",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("plays", BigInteger, nullable=False),
    Column("started_from_ms", BigInteger, nullable=False),
    Column("started_to_ms", BigInteger, nullable=False),
    Column("sealed_ms", BigInteger, nullable=False),
)

sealed_ranges = Table(
    "plays_sealed",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("day", String(10), nullable=False),
    Index("ix_plays_sealed_run_id_first", "run_id", "first"),
    Index("ix_plays_sealed_day", "day"),
)
"""Ranges of numbers whose plays are in the file of *day*: a resend is detected without opening files."""


@dataclass(frozen=True, slots=True)
class ArchiveDayRow:
    """The archive file of a day. *name* is relative to the archive folder."""

    day: str
    name: str
    sha256: str
    bytes: int
    plays: int
    started_from_ms: int
    started_to_ms: int
    sealed_ms: int


def create_archive_day(connection: Connection, day: ArchiveDayRow, ranges: list[tuple[int, int, int]]) -> None:
    """Store the file of a day, with the (run id, first, last) of the plays in it."""
    connection.execute(
        insert(archive_files),
        {
            "day": day.day,
            "name": day.name,
            "sha256": day.sha256,
            "bytes": day.bytes,
            "plays": day.plays,
            "started_from_ms": day.started_from_ms,
            "started_to_ms": day.started_to_ms,
            "sealed_ms": day.sealed_ms,
        },
    )
    for run_id, first, last in ranges:
        connection.execute(insert(sealed_ranges), {"run_id": run_id, "first": first, "last": last, "day": day.day})


def list_archive_days(connection: Connection) -> list[ArchiveDayRow]:
    """List all archive days, the oldest first."""
    return [ArchiveDayRow(*row) for row in connection.execute(select(archive_files).order_by(archive_files.c.day))]


def get_archive_day(connection: Connection, day: str) -> ArchiveDayRow | None:
    """Return the file of a day; None where it has none."""
    row = connection.execute(select(archive_files).where(archive_files.c.day == day)).first()
    return None if row is None else ArchiveDayRow(*row)


def get_logged_hashes(connection: Connection) -> dict[str, str]:
    """Return day → sha256 of its file, from the last seal entry of the audit log."""
    query = (
        select(audit_entries.c.object, audit_entries.c.line)
        .where(audit_entries.c.verb == SEAL_VERB)
        .order_by(audit_entries.c.index)
    )
    return {str(day): str(json.loads(line)["details"].get("sha256", "")) for day, line in connection.execute(query)}


def find_file_of_play(connection: Connection, run_id: int, seq: int) -> str | None:
    """Return the name of the file of a sealed play, empty where the file was deleted; None where it is not sealed."""
    query = (
        select(archive_files.c.name)
        .select_from(sealed_ranges.outerjoin(archive_files, archive_files.c.day == sealed_ranges.c.day))
        .where(sealed_ranges.c.run_id == run_id, sealed_ranges.c.first <= seq, sealed_ranges.c.last >= seq)
    )
    row = connection.execute(query.limit(1)).first()
    return None if row is None else str(row[0] or "")


def find_next_sealed_play(connection: Connection, run_id: int, seq: int) -> tuple[str, int] | None:
    """Return day and number of the next play of a run after *seq* that is in an existing file."""
    number = case((sealed_ranges.c.first > seq, sealed_ranges.c.first), else_=seq + 1)
    query = select(sealed_ranges.c.day, number).where(
        sealed_ranges.c.run_id == run_id,
        sealed_ranges.c.last > seq,
        sealed_ranges.c.day.in_(select(archive_files.c.day)),
    )
    row = connection.execute(query.order_by(number).limit(1)).first()
    return None if row is None else (str(row[0]), int(row[1]))


def list_days_of_run(connection: Connection, run_id: int) -> list[str]:
    """List the days with an existing file that has plays of a run, the oldest first."""
    query = select(sealed_ranges.c.day).where(
        sealed_ranges.c.run_id == run_id, sealed_ranges.c.day.in_(select(archive_files.c.day))
    )
    return [str(day) for (day,) in connection.execute(query.distinct().order_by(sealed_ranges.c.day))]


def has_sealed_plays(connection: Connection, run_id: int) -> bool:
    """Return whether any play of a run is sealed."""
    return connection.scalar(select(sealed_ranges.c.id).where(sealed_ranges.c.run_id == run_id).limit(1)) is not None


def delete_archive_day(connection: Connection, day: str) -> None:
    """Delete the row of a file past its retention. Its ranges stay, so that a resend is still detected."""
    connection.execute(delete(archive_files).where(archive_files.c.day == day))
