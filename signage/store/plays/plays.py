"""Plays: what the screens say that they showed, each once.

1. The key is (screen, run, seq). The same again changes nothing; the same key with other content is not stored.
2. A run's numbers are settled once stored, rejected or lost. The contiguous beginning is one number of the run, what
   is settled beyond it are islands (``store.gaps``): nothing here looks at more rows than a batch has.
3. Fields stand as sent; what follows from them (the corrected time, flags, verdict) is worked out when asked.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    insert,
    select,
)

from signage.store.column_types import from_ms
from signage.store.engine import metadata
from signage.store.plays import archive_days as archive
from signage.store.plays import gaps
from signage.store.takeovers import delivery as landings

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("screen", String(64), nullable=False),
    Column("run", String(200), nullable=False),
    Column("first_received_ms", BigInteger, nullable=False),
    Column("last_received_ms", BigInteger, nullable=False),
    Column("highest", BigInteger, nullable=False),
    Column("through", BigInteger, nullable=False),
    UniqueConstraint("screen", "run"),
)

plays = Table(
    "plays",
    metadata,
    Column("run_id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("item", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("serial", BigInteger, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("started_ms", BigInteger, nullable=False),
    Column("received_ms", BigInteger, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("result", Text, nullable=False),
    sqlite_with_rowid=False,
)

batches = Table(
    "plays_batches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("received_ms", BigInteger, nullable=False),
    Column("run_id", Integer, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("plays", Integer, nullable=False),
    Column("started_from_ms", BigInteger, nullable=False),
    Column("started_to_ms", BigInteger, nullable=False),
    Column("lag_ms", BigInteger, nullable=False),
    Index("ix_plays_batches_received_ms", "received_ms"),
    Index("ix_plays_batches_run_id", "run_id"),
)
"""What came when: one row a batch, so that days and clocks need no index over the plays themselves.

*lag_ms*: how long after the end of its last play (by the screen's clock) the batch was received.
"""


class Sent(NamedTuple):
    """A play as a screen sent it, with its time in ms since 1970."""

    seq: int
    item: str
    sha256: str
    serial: int
    started_at: str
    started_ms: int
    duration_ms: int
    result: str


class Stored(NamedTuple):
    """A play as it is kept."""

    screen: str
    run: str
    run_id: int
    seq: int
    item: str
    sha256: str
    serial: int
    started_at: str
    started_ms: int
    received_ms: int
    duration_ms: int
    result: str


@dataclass(frozen=True, slots=True)
class Run:
    """A run of numbers of one screen. *through*: settled without a gap up to there; *highest*: the highest stored."""

    id: int
    screen: str
    run: str
    first_received_ms: int
    last_received_ms: int
    highest: int
    through: int


@dataclass(frozen=True, slots=True)
class Added:
    """What became of plays: how many were stored, how many were there already, and which conflict with one there."""

    stored: int
    duplicates: int
    conflicts: tuple[Sent, ...]


_FIELDS = ("run_id", *Sent._fields, "received_ms")
_INSERT = f"INSERT INTO plays ({', '.join(_FIELDS)}) VALUES ({', '.join('?' * len(_FIELDS))})"  # noqa: S608
_RUN = (
    "SELECT id, screen, run, first_received_ms, last_received_ms, highest, through "
    "FROM runs WHERE screen = ? AND run = ?"
)
Content = tuple[str, str, int, str, int, str]
"""What must be the same in a resend: item, sha256, serial, started_at, duration_ms, result."""

FromArchive = Callable[[str, int, Sequence[int]], Mapping[int, Content]]
"""File, run and numbers to the contents of plays that are in that file."""


def open_run(connection: Connection, screen: str, run: str, received_ms: int) -> Run:
    """The run, made where it is new."""
    found = find_run(connection, screen, run)
    if found is not None:
        return found
    made = connection.execute(
        insert(runs).values(
            screen=screen, run=run, first_received_ms=received_ms, last_received_ms=received_ms, highest=-1, through=0
        )
    )
    assert made.inserted_primary_key is not None
    return Run(int(made.inserted_primary_key[0]), screen, run, received_ms, received_ms, -1, 0)


def find_run(connection: Connection, screen: str, run: str) -> Run | None:
    """The run, None where nothing of it ever came."""
    row = connection.exec_driver_sql(_RUN, (screen, run)).first()
    return None if row is None else Run(*row)


def add(
    connection: Connection, run: Run, sent: Sequence[Sent], received_ms: int, from_archive: FromArchive | None = None
) -> Added:
    """Store plays of *run* that are not there yet, in the caller's transaction."""
    if not sent:
        return Added(0, 0, ())
    seqs = {play.seq for play in sent}
    known: dict[int, Content | None] = {}
    if min(seqs) <= run.highest:
        known.update(_contents(connection, run.id, seqs))
        if len(known) < len(seqs):
            known.update(_sealed_contents(connection, run.id, seqs - known.keys(), from_archive))
    if known or len(seqs) < len(sent):
        added, fresh = _sorted_out(sent, known)
    else:
        added, fresh = Added(len(sent), 0, ()), list(sent)
    if fresh:
        connection.exec_driver_sql(_INSERT, [(run.id, *play, received_ms) for play in fresh])
        _note_batch(connection, run, fresh, received_ms)
        landings.played(connection, run.screen, fresh, received_ms)
    return added


def _sorted_out(sent: Sequence[Sent], known: dict[int, Content | None]) -> tuple[Added, list[Sent]]:
    fresh: list[Sent] = []
    conflicts: list[Sent] = []
    duplicates = 0
    for play in sent:
        content = (play.item, play.sha256, play.serial, play.started_at, play.duration_ms, play.result)
        if play.seq not in known:
            known[play.seq] = content
            fresh.append(play)
        elif known[play.seq] in (content, None):
            duplicates += 1
        else:
            conflicts.append(play)
    return Added(len(fresh), duplicates, tuple(conflicts)), fresh


def advance(
    connection: Connection, run: Run, seqs: Iterable[int], lost: Iterable[tuple[int, int]], received_ms: int
) -> int:
    """Settle numbers and ranges of *run*; returns up to where every number is settled now."""
    numbers = sorted(set(seqs))
    spans = gaps.spans(numbers) + list(lost)
    through = gaps.settle(connection, run.id, run.through, spans)
    highest = max(run.highest, numbers[-1]) if numbers else run.highest
    connection.exec_driver_sql(
        "UPDATE runs SET through = ?, highest = ?, last_received_ms = ? WHERE id = ?",
        (through, highest, max(received_ms, run.last_received_ms), run.id),
    )
    return through


def runs_of(connection: Connection, screen: str | None = None) -> list[Run]:
    """The runs of a screen (of all screens), in the order in which they were first heard of."""
    query = select(runs)
    if screen is not None:
        query = query.where(runs.c.screen == screen)
    rows = connection.execute(query.order_by(runs.c.screen, runs.c.first_received_ms, runs.c.id))
    return [Run(*row) for row in rows]


def plays_of(connection: Connection, run: Run, first: int = 0, last: int | None = None) -> Iterator[Stored]:
    """The plays of a run by their numbers, from *first* on, *last* the last."""
    query = select(*plays.c).where(plays.c.run_id == run.id, plays.c.seq >= first).order_by(plays.c.seq)
    if last is not None:
        query = query.where(plays.c.seq <= last)
    for row in connection.execute(query, execution_options={"stream_results": True}).yield_per(2000):
        yield Stored(run.screen, run.run, *row)


def lags(connection: Connection, run_id: int) -> list[tuple[int, int, int]]:
    """(received, first number, lag) in ms of each batch of a run, in the order of receipt."""
    query = select(batches.c.received_ms, batches.c.first, batches.c.lag_ms).where(batches.c.run_id == run_id)
    return [(int(r), int(f), int(lag)) for r, f, lag in connection.execute(query.order_by(batches.c.id))]


def days(connection: Connection) -> list[str]:
    """The days (UTC) on which plays in the hot table were received, the oldest first."""
    query = select((batches.c.received_ms / 86_400_000).cast(Integer)).distinct()
    numbers = sorted(int(number) for (number,) in connection.execute(query))
    return [from_ms(number * 86_400_000).date().isoformat() for number in numbers]


def runs_of_day(connection: Connection, begin_ms: int, end_ms: int) -> list[tuple[Run, int, int]]:
    """The runs of which plays were received then, by screen, each with its lowest and highest number among them."""
    inside = batches.c.received_ms >= begin_ms, batches.c.received_ms < end_ms
    query = select(*runs.c, func.min(batches.c.first), func.max(batches.c.last)).join(
        batches, batches.c.run_id == runs.c.id
    )
    rows = connection.execute(query.where(*inside).group_by(runs.c.id).order_by(runs.c.screen, runs.c.id))
    return [(Run(*row[:7]), int(row[7]), int(row[8])) for row in rows]


def remove_day(connection: Connection, begin_ms: int, end_ms: int) -> None:
    """Take the plays that were received then out of the hot table (they are in the archive)."""
    for run, first, last in runs_of_day(connection, begin_ms, end_ms):
        connection.exec_driver_sql(
            "DELETE FROM plays WHERE run_id = ? AND seq BETWEEN ? AND ? AND received_ms >= ? AND received_ms < ?",
            (run.id, first, last, begin_ms, end_ms),
        )
    connection.exec_driver_sql(
        "DELETE FROM plays_batches WHERE received_ms >= ? AND received_ms < ?", (begin_ms, end_ms)
    )


def received(connection: Connection, begin_ms: int, end_ms: int) -> int:
    """How many plays in the hot table were received then."""
    inside = batches.c.received_ms >= begin_ms, batches.c.received_ms < end_ms
    return int(connection.scalar(select(func.sum(batches.c.plays)).where(*inside)) or 0)


def counts(connection: Connection) -> tuple[int, int]:
    """How many runs there are, and how many plays in the hot table."""
    return (
        int(connection.scalar(select(func.count()).select_from(runs)) or 0),
        int(connection.scalar(select(func.sum(batches.c.plays))) or 0),
    )


def _contents(connection: Connection, run_id: int, seqs: set[int]) -> dict[int, Content]:
    wanted = sorted(seqs)
    found: dict[int, Content] = {}
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        query = (
            "SELECT seq, item, sha256, serial, started_at, duration_ms, result FROM plays "  # noqa: S608
            f"WHERE run_id = ? AND seq IN ({', '.join('?' * len(part))})"
        )
        for row in connection.exec_driver_sql(query, (run_id, *part)):
            found[row[0]] = (row[1], row[2], row[3], row[4], row[5], row[6])
    return found


def _sealed_contents(
    connection: Connection, run_id: int, seqs: set[int], from_archive: FromArchive | None
) -> dict[int, Content | None]:
    """Those of *seqs* that are sealed; None where their content cannot be looked at (any more)."""
    files: dict[str, list[int]] = {}
    if archive.has_sealed(connection, run_id):
        for seq in sorted(seqs):
            name = archive.file_of(connection, run_id, seq)
            if name is not None:
                files.setdefault(name, []).append(seq)
    found: dict[int, Content | None] = {}
    for name, numbers in files.items():
        found.update(dict.fromkeys(numbers))
        if from_archive is not None and name:
            found.update(from_archive(name, run_id, numbers))
    return found


def _note_batch(connection: Connection, run: Run, fresh: Sequence[Sent], received_ms: int) -> None:
    last = max(fresh)
    started = [play.started_ms for play in fresh]
    lag_ms = received_ms - last.started_ms - last.duration_ms
    connection.exec_driver_sql(
        "INSERT INTO plays_batches (received_ms, run_id, first, last, plays, started_from_ms, started_to_ms, lag_ms) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (received_ms, run.id, min(fresh).seq, last.seq, len(fresh), min(started), max(started), lag_ms),
    )
