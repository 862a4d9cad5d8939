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

from signage.protocol.epoch import from_ms
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

play_batches = Table(
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


class ReceivedPlay(NamedTuple):
    """A play as a screen sent it, with its time in ms since 1970."""

    seq: int
    item: str
    sha256: str
    serial: int
    started_at: str
    started_ms: int
    duration_ms: int
    result: str


class StoredPlay(NamedTuple):
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
class RunRow:
    """A run of numbers of one screen. *through*: settled without a gap up to there; *highest*: the highest stored."""

    id: int
    screen: str
    run: str
    first_received_ms: int
    last_received_ms: int
    highest_seq: int
    settled_through: int


@dataclass(frozen=True, slots=True)
class PlayInsertResult:
    """What became of plays: how many were stored, how many were there already, and which conflict with one there."""

    stored: int
    duplicates: int
    conflicts: tuple[ReceivedPlay, ...]


_INSERT_COLUMNS = ("run_id", *ReceivedPlay._fields, "received_ms")
_INSERT_SQL = f"INSERT INTO plays ({', '.join(_INSERT_COLUMNS)}) VALUES ({', '.join('?' * len(_INSERT_COLUMNS))})"  # noqa: S608
_SELECT_RUN_SQL = (
    "SELECT id, screen, run, first_received_ms, last_received_ms, highest, through "
    "FROM runs WHERE screen = ? AND run = ?"
)
PlayContent = tuple[str, str, int, str, int, str]
"""What must be the same in a resend: item, sha256, serial, started_at, duration_ms, result."""

ArchiveLookup = Callable[[str, int, Sequence[int]], Mapping[int, PlayContent]]
"""File, run and numbers to the contents of plays that are in that file."""


def get_or_create_run(connection: Connection, screen: str, run: str, received_ms: int) -> RunRow:
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
    return RunRow(int(made.inserted_primary_key[0]), screen, run, received_ms, received_ms, -1, 0)


def find_run(connection: Connection, screen: str, run: str) -> RunRow | None:
    """The run, None where nothing of it ever came."""
    row = connection.exec_driver_sql(_SELECT_RUN_SQL, (screen, run)).first()
    return None if row is None else RunRow(*row)


def add_plays(
    connection: Connection,
    run: RunRow,
    sent: Sequence[ReceivedPlay],
    received_ms: int,
    from_archive: ArchiveLookup | None = None,
) -> PlayInsertResult:
    """Store plays of *run* that are not there yet, in the caller's transaction."""
    if not sent:
        return PlayInsertResult(0, 0, ())
    seqs = {play.seq for play in sent}
    known: dict[int, PlayContent | None] = {}
    if min(seqs) <= run.highest_seq:
        known.update(_get_contents(connection, run.id, seqs))
        if len(known) < len(seqs):
            known.update(_get_sealed_contents(connection, run.id, seqs - known.keys(), from_archive))
    if known or len(seqs) < len(sent):
        added, fresh = _classify_plays(sent, known)
    else:
        added, fresh = PlayInsertResult(len(sent), 0, ()), list(sent)
    if fresh:
        connection.exec_driver_sql(_INSERT_SQL, [(run.id, *play, received_ms) for play in fresh])
        _insert_batch(connection, run, fresh, received_ms)
        landings.on_plays(connection, run.screen, fresh, received_ms)
    return added


def _classify_plays(
    sent: Sequence[ReceivedPlay], known: dict[int, PlayContent | None]
) -> tuple[PlayInsertResult, list[ReceivedPlay]]:
    fresh: list[ReceivedPlay] = []
    conflicts: list[ReceivedPlay] = []
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
    return PlayInsertResult(len(fresh), duplicates, tuple(conflicts)), fresh


def settle_numbers(
    connection: Connection, run: RunRow, seqs: Iterable[int], lost: Iterable[tuple[int, int]], received_ms: int
) -> int:
    """Settle numbers and ranges of *run*; returns up to where every number is settled now."""
    numbers = sorted(set(seqs))
    spans = gaps.group_into_ranges(numbers) + list(lost)
    through = gaps.settle_ranges(connection, run.id, run.settled_through, spans)
    highest = max(run.highest_seq, numbers[-1]) if numbers else run.highest_seq
    connection.exec_driver_sql(
        "UPDATE runs SET through = ?, highest = ?, last_received_ms = ? WHERE id = ?",
        (through, highest, max(received_ms, run.last_received_ms), run.id),
    )
    return through


def list_runs(connection: Connection, screen: str | None = None) -> list[RunRow]:
    """The runs of a screen (of all screens), in the order in which they were first heard of."""
    query = select(runs)
    if screen is not None:
        query = query.where(runs.c.screen == screen)
    rows = connection.execute(query.order_by(runs.c.screen, runs.c.first_received_ms, runs.c.id))
    return [RunRow(*row) for row in rows]


def iter_plays(connection: Connection, run: RunRow, first: int = 0, last: int | None = None) -> Iterator[StoredPlay]:
    """The plays of a run by their numbers, from *first* on, *last* the last."""
    query = select(*plays.c).where(plays.c.run_id == run.id, plays.c.seq >= first).order_by(plays.c.seq)
    if last is not None:
        query = query.where(plays.c.seq <= last)
    for row in connection.execute(query, execution_options={"stream_results": True}).yield_per(2000):
        yield StoredPlay(run.screen, run.run, *row)


def list_batch_lags(connection: Connection, run_id: int) -> list[tuple[int, int, int]]:
    """(received, first number, lag) in ms of each batch of a run, in the order of receipt."""
    query = select(play_batches.c.received_ms, play_batches.c.first, play_batches.c.lag_ms).where(
        play_batches.c.run_id == run_id
    )
    return [(int(r), int(f), int(lag)) for r, f, lag in connection.execute(query.order_by(play_batches.c.id))]


def list_received_days(connection: Connection) -> list[str]:
    """The days (UTC) on which plays in the hot table were received, the oldest first."""
    query = select((play_batches.c.received_ms / 86_400_000).cast(Integer)).distinct()
    numbers = sorted(int(number) for (number,) in connection.execute(query))
    return [from_ms(number * 86_400_000).date().isoformat() for number in numbers]


def list_runs_between(connection: Connection, begin_ms: int, end_ms: int) -> list[tuple[RunRow, int, int]]:
    """The runs of which plays were received then, by screen, each with its lowest and highest number among them."""
    inside = play_batches.c.received_ms >= begin_ms, play_batches.c.received_ms < end_ms
    query = select(*runs.c, func.min(play_batches.c.first), func.max(play_batches.c.last)).join(
        play_batches, play_batches.c.run_id == runs.c.id
    )
    rows = connection.execute(query.where(*inside).group_by(runs.c.id).order_by(runs.c.screen, runs.c.id))
    return [(RunRow(*row[:7]), int(row[7]), int(row[8])) for row in rows]


def delete_plays_between(connection: Connection, begin_ms: int, end_ms: int) -> None:
    """Take the plays that were received then out of the hot table (they are in the archive)."""
    for run, first, last in list_runs_between(connection, begin_ms, end_ms):
        connection.exec_driver_sql(
            "DELETE FROM plays WHERE run_id = ? AND seq BETWEEN ? AND ? AND received_ms >= ? AND received_ms < ?",
            (run.id, first, last, begin_ms, end_ms),
        )
    connection.exec_driver_sql(
        "DELETE FROM plays_batches WHERE received_ms >= ? AND received_ms < ?", (begin_ms, end_ms)
    )


def count_plays_between(connection: Connection, begin_ms: int, end_ms: int) -> int:
    """How many plays in the hot table were received then."""
    inside = play_batches.c.received_ms >= begin_ms, play_batches.c.received_ms < end_ms
    return int(connection.scalar(select(func.sum(play_batches.c.plays)).where(*inside)) or 0)


def count_runs_and_plays(connection: Connection) -> tuple[int, int]:
    """How many runs there are, and how many plays in the hot table."""
    return (
        int(connection.scalar(select(func.count()).select_from(runs)) or 0),
        int(connection.scalar(select(func.sum(play_batches.c.plays))) or 0),
    )


def _get_contents(connection: Connection, run_id: int, seqs: set[int]) -> dict[int, PlayContent]:
    wanted = sorted(seqs)
    found: dict[int, PlayContent] = {}
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        query = (
            "SELECT seq, item, sha256, serial, started_at, duration_ms, result FROM plays "  # noqa: S608
            f"WHERE run_id = ? AND seq IN ({', '.join('?' * len(part))})"
        )
        for row in connection.exec_driver_sql(query, (run_id, *part)):
            found[row[0]] = (row[1], row[2], row[3], row[4], row[5], row[6])
    return found


def _get_sealed_contents(
    connection: Connection, run_id: int, seqs: set[int], from_archive: ArchiveLookup | None
) -> dict[int, PlayContent | None]:
    """Those of *seqs* that are sealed; None where their content cannot be looked at (any more)."""
    files: dict[str, list[int]] = {}
    if archive.has_sealed_plays(connection, run_id):
        for seq in sorted(seqs):
            name = archive.find_file_of_play(connection, run_id, seq)
            if name is not None:
                files.setdefault(name, []).append(seq)
    found: dict[int, PlayContent | None] = {}
    for name, numbers in files.items():
        found.update(dict.fromkeys(numbers))
        if from_archive is not None and name:
            found.update(from_archive(name, run_id, numbers))
    return found


def _insert_batch(connection: Connection, run: RunRow, fresh: Sequence[ReceivedPlay], received_ms: int) -> None:
    last = max(fresh)
    started = [play.started_ms for play in fresh]
    lag_ms = received_ms - last.started_ms - last.duration_ms
    connection.exec_driver_sql(
        "INSERT INTO plays_batches (received_ms, run_id, first, last, plays, started_from_ms, started_to_ms, lag_ms) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (received_ms, run.id, min(fresh).seq, last.seq, len(fresh), min(started), max(started), lag_ms),
    )
