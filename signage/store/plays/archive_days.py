"""Days of plays that are over, sealed into files: which file holds what, and which numbers of a run are in it.

A day is the day of receipt (UTC): once it is over, nothing should come to it any more. Where a clock that ran ahead
was put right and something did, the day is sealed again: its row then names a further file that holds all.
"""

import json
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, String, Table, case, delete, insert, select

from signage.store.audit_log import audit
from signage.store.engine import metadata

SEAL = "plays.seal"
"""The entry of the audit log with the sha256 of a day's file."""

files = Table(
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

sealed = Table(
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
class SealedDay:
    """A file of the archive. *name* is relative to the archive's folder."""

    day: str
    name: str
    sha256: str
    bytes: int
    plays: int
    started_from_ms: int
    started_to_ms: int
    sealed_ms: int


def note(connection: Connection, day: SealedDay, spans: list[tuple[int, int, int]]) -> None:
    """Enter a file, with the (run, first, last) of the plays in it."""
    connection.execute(
        insert(files),
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
        connection.execute(insert(sealed), {"run_id": run_id, "first": first, "last": last, "day": day.day})


def days(connection: Connection) -> list[SealedDay]:
    """All files, the oldest first."""
    return [SealedDay(*row) for row in connection.execute(select(files).order_by(files.c.day))]


def get(connection: Connection, day: str) -> SealedDay | None:
    """The file of a day; None where it has none."""
    row = connection.execute(select(files).where(files.c.day == day)).first()
    return None if row is None else SealedDay(*row)


def logged(connection: Connection) -> dict[str, str]:
    """The sha256 of each day's file as the audit log says that it was sealed last."""
    query = select(audit.c.object, audit.c.line).where(audit.c.verb == SEAL).order_by(audit.c.index)
    return {str(day): str(json.loads(line)["details"].get("sha256", "")) for day, line in connection.execute(query)}


def file_of(connection: Connection, run_id: int, seq: int) -> str | None:
    """The name of the file that a play was sealed into, empty where it is kept no more; None where it is in none."""
    query = (
        select(files.c.name)
        .select_from(sealed.outerjoin(files, files.c.day == sealed.c.day))
        .where(sealed.c.run_id == run_id, sealed.c.first <= seq, sealed.c.last >= seq)
    )
    row = connection.execute(query.limit(1)).first()
    return None if row is None else str(row[0] or "")


def next_sealed(connection: Connection, run_id: int, seq: int) -> tuple[str, int] | None:
    """The day and the number of the run's next play after *seq* that is in a file which is still kept."""
    number = case((sealed.c.first > seq, sealed.c.first), else_=seq + 1)
    query = select(sealed.c.day, number).where(
        sealed.c.run_id == run_id, sealed.c.last > seq, sealed.c.day.in_(select(files.c.day))
    )
    row = connection.execute(query.order_by(number).limit(1)).first()
    return None if row is None else (str(row[0]), int(row[1]))


def days_of_run(connection: Connection, run_id: int) -> list[str]:
    """The days in whose files plays of the run are, the oldest first; only those that are still kept."""
    query = select(sealed.c.day).where(sealed.c.run_id == run_id, sealed.c.day.in_(select(files.c.day)))
    return [str(day) for (day,) in connection.execute(query.distinct().order_by(sealed.c.day))]


def has_sealed(connection: Connection, run_id: int) -> bool:
    """Whether any play of the run is in a file."""
    return connection.scalar(select(sealed.c.id).where(sealed.c.run_id == run_id).limit(1)) is not None


def drop(connection: Connection, day: str) -> None:
    """Forget a file that is past its retention. The ranges of numbers stay: a resend is still known as one."""
    connection.execute(delete(files).where(files.c.day == day))
