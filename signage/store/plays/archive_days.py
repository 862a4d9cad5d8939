"""Days of plays that are over, sealed into files: which file holds what, and which numbers of a run are in it.

A day is the day of receipt (UTC): once it is over, nothing should come to it any more. Where a clock that ran ahead
was put right and something did, the day is sealed again: its row then names a further file that holds all.
"""

import json
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, String, Table, case, delete, insert, select

from signage.store.audit_log import audit_entries
from signage.store.engine import metadata

SEAL_VERB = "plays.seal"
"""The entry of the audit log with the sha256 of a day's file."""

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
"""Ranges of numbers whose plays are in the file of *day*: so that a resend is known without opening files."""


@dataclass(frozen=True, slots=True)
class ArchiveDayRow:
    """A file of the archive. *name* is relative to the archive's folder."""

    day: str
    name: str
    sha256: str
    bytes: int
    plays: int
    started_from_ms: int
    started_to_ms: int
    sealed_ms: int


def create_archive_day(connection: Connection, day: ArchiveDayRow, spans: list[tuple[int, int, int]]) -> None:
    """Enter a file, with the (run, first, last) of the plays in it."""
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
    for run_id, first, last in spans:
        connection.execute(insert(sealed_ranges), {"run_id": run_id, "first": first, "last": last, "day": day.day})


def list_archive_days(connection: Connection) -> list[ArchiveDayRow]:
    """All files, the oldest first."""
    return [ArchiveDayRow(*row) for row in connection.execute(select(archive_files).order_by(archive_files.c.day))]


def get_archive_day(connection: Connection, day: str) -> ArchiveDayRow | None:
    """The file of a day; None where it has none."""
    row = connection.execute(select(archive_files).where(archive_files.c.day == day)).first()
    return None if row is None else ArchiveDayRow(*row)


def get_logged_hashes(connection: Connection) -> dict[str, str]:
    """The sha256 of each day's file as the audit log says that it was sealed last."""
    query = (
        select(audit_entries.c.object, audit_entries.c.line)
        .where(audit_entries.c.verb == SEAL_VERB)
        .order_by(audit_entries.c.index)
    )
    return {str(day): str(json.loads(line)["details"].get("sha256", "")) for day, line in connection.execute(query)}


def find_file_of_play(connection: Connection, run_id: int, seq: int) -> str | None:
    """The name of the file that a play was sealed into, empty where it is kept no more; None where it is in none."""
    query = (
        select(archive_files.c.name)
        .select_from(sealed_ranges.outerjoin(archive_files, archive_files.c.day == sealed_ranges.c.day))
        .where(sealed_ranges.c.run_id == run_id, sealed_ranges.c.first <= seq, sealed_ranges.c.last >= seq)
    )
    row = connection.execute(query.limit(1)).first()
    return None if row is None else str(row[0] or "")


def find_next_sealed_play(connection: Connection, run_id: int, seq: int) -> tuple[str, int] | None:
    """The day and the number of the run's next play after *seq* that is in a file which is still kept."""
    number = case((sealed_ranges.c.first > seq, sealed_ranges.c.first), else_=seq + 1)
    query = select(sealed_ranges.c.day, number).where(
        sealed_ranges.c.run_id == run_id,
        sealed_ranges.c.last > seq,
        sealed_ranges.c.day.in_(select(archive_files.c.day)),
    )
    row = connection.execute(query.order_by(number).limit(1)).first()
    return None if row is None else (str(row[0]), int(row[1]))


def list_days_of_run(connection: Connection, run_id: int) -> list[str]:
    """The days in whose files plays of the run are, the oldest first; only those that are still kept."""
    query = select(sealed_ranges.c.day).where(
        sealed_ranges.c.run_id == run_id, sealed_ranges.c.day.in_(select(archive_files.c.day))
    )
    return [str(day) for (day,) in connection.execute(query.distinct().order_by(sealed_ranges.c.day))]


def has_sealed_plays(connection: Connection, run_id: int) -> bool:
    """Whether any play of the run is in a file."""
    return connection.scalar(select(sealed_ranges.c.id).where(sealed_ranges.c.run_id == run_id).limit(1)) is not None


def delete_archive_day(connection: Connection, day: str) -> None:
    """Forget a file that is past its retention. The ranges of numbers stay: a resend is still known as one."""
    connection.execute(delete(archive_files).where(archive_files.c.day == day))
