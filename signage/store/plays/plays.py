"""Plays as reported by screens, each stored once.

1. The key is (screen, run, seq). A resend changes nothing; the same key with other content is a conflict, not stored.
2. A number of a run is settled once its play is stored, rejected or lost. ``runs.through`` is the end of the contiguous
   settled range, later settled ranges are islands (``store.plays.gaps``): no query reads more rows than a batch has.
3. Fields are stored as sent; what is derived from them (corrected time, flags, verdict) is computed on request.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from msgspec.structs import fields
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Float,
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

from signage.protocol.plays import Play, ScalarType, get_scalar_types
from signage.store.engine import metadata
from signage.store.plays import archive_days, gaps
from signage.store.takeovers import delivery

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


class ReceivedPlay(Play, frozen=True, kw_only=True):
    """A play as sent by a screen and as stored. *started_ms*, *received_ms*: ms since 1970; the rest: its run."""

    started_ms: int
    received_ms: int
    screen: str = ""
    run: str = ""


_RUN_FIELDS = ("screen", "run")
PLAY_COLUMNS = tuple(field.name for field in fields(ReceivedPlay) if field.name not in _RUN_FIELDS)
"""The columns of ``plays`` after ``run_id``: the fields of a play that are not those of its run."""

CONTENT_FIELDS = Play.__struct_fields__[1:]
"""The fields that are equal in a resend: all that the screen sent, but the number."""

get_content: Callable[[Play], "PlayContent"] = attrgetter(*CONTENT_FIELDS)
_get_row: Callable[[ReceivedPlay], tuple[object, ...]] = attrgetter(*PLAY_COLUMNS)


def _create_columns() -> Iterator[Column[object]]:
    sql_types: Mapping[ScalarType, type[Text | BigInteger | Float[float]]] = {str: Text, int: BigInteger, float: Float}
    types = get_scalar_types(ReceivedPlay)
    required = {field.name: field.required for field in fields(ReceivedPlay)}
    for name in PLAY_COLUMNS:
        is_key = name == "seq"
        yield Column(name, sql_types[types[name]], nullable=not required[name], primary_key=is_key, autoincrement=False)


plays = Table(
    "plays",
    metadata,
    Column("run_id", Integer, primary_key=True, autoincrement=False),
    *_create_columns(),
    sqlite_with_rowid=False,
)

SELECTED_COLUMNS = tuple(plays.c[name] for name in PLAY_COLUMNS)
"""The columns that ``build_play`` takes."""

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
"""Batches as received, one row each, so that days and clocks need no index on the plays.

*lag_ms*: from the end of the last play of the batch (by the screen's clock) to its receipt.
"""


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run of one screen. *settled_through*: every number up to it is settled; *highest_seq*: the highest stored."""

    id: int
    screen: str
    run: str
    first_received_ms: int
    last_received_ms: int
    highest_seq: int
    settled_through: int


@dataclass(frozen=True, slots=True)
class PlayInsertResult:
    """The result of storing plays: how many are new, how many were stored already, and which conflict with those."""

    stored: int
    duplicates: int
    conflicts: tuple[ReceivedPlay, ...]


_CHUNK_SIZE = 500
_INSERT_COLUMNS = ("run_id", *PLAY_COLUMNS)
_INSERT_SQL = f"INSERT INTO plays ({', '.join(_INSERT_COLUMNS)}) VALUES ({', '.join('?' * len(_INSERT_COLUMNS))})"  # noqa: S608
_SELECT_RUN_SQL = (
    "SELECT id, screen, run, first_received_ms, last_received_ms, highest, through "
    "FROM runs WHERE screen = ? AND run = ?"
)
PlayContent = tuple[object, ...]
"""The values of CONTENT_FIELDS."""

ArchiveLookup = Callable[[str, int, Sequence[int]], Mapping[int, PlayContent]]
"""Maps an archive file, run id and numbers to the contents of the plays in that file."""


def get_or_create_run(connection: Connection, screen: str, run: str, received_ms: int) -> RunRow:
    """Return a run, created where it is new."""
    existing = find_run(connection, screen, run)
    if existing is not None:
        return existing
    inserted = connection.execute(
        insert(runs).values(
            screen=screen, run=run, first_received_ms=received_ms, last_received_ms=received_ms, highest=-1, through=0
        )
    )
    assert inserted.inserted_primary_key is not None
    return RunRow(int(inserted.inserted_primary_key[0]), screen, run, received_ms, received_ms, -1, 0)


def find_run(connection: Connection, screen: str, run: str) -> RunRow | None:
    """Return a run; None where no batch of it was ever received."""
    row = connection.exec_driver_sql(_SELECT_RUN_SQL, (screen, run)).first()
    return None if row is None else RunRow(*row)


def add_plays(
    connection: Connection,
    run: RunRow,
    received: Sequence[ReceivedPlay],
    from_archive: ArchiveLookup | None = None,
) -> PlayInsertResult:
    """Store the plays of *run* that are not stored yet, in the caller's transaction."""
    if not received:
        return PlayInsertResult(0, 0, ())
    seqs = {play.seq for play in received}
    known: dict[int, PlayContent | None] = {}
    if min(seqs) <= run.highest_seq:
        known.update(_get_contents(connection, run.id, seqs))
        if len(known) < len(seqs):
            known.update(_get_sealed_contents(connection, run.id, seqs - known.keys(), from_archive))
    if known or len(seqs) < len(received):
        result, new = _classify_plays(received, known)
    else:
        result, new = PlayInsertResult(len(received), 0, ()), list(received)
    if new:
        connection.exec_driver_sql(_INSERT_SQL, [(run.id, *_get_row(play)) for play in new])
        _insert_batch(connection, run, new)
        delivery.on_plays(connection, run.screen, new, new[0].received_ms)
    return result


def _classify_plays(
    received: Sequence[ReceivedPlay], known: dict[int, PlayContent | None]
) -> tuple[PlayInsertResult, list[ReceivedPlay]]:
    new: list[ReceivedPlay] = []
    conflicts: list[ReceivedPlay] = []
    duplicates = 0
    for play in received:
        content = get_content(play)
        if play.seq not in known:
            known[play.seq] = content
            new.append(play)
        elif known[play.seq] in (content, None):
            duplicates += 1
        else:
            conflicts.append(play)
    return PlayInsertResult(len(new), duplicates, tuple(conflicts)), new


def settle_numbers(
    connection: Connection, run: RunRow, seqs: Iterable[int], lost: Iterable[tuple[int, int]], received_ms: int
) -> int:
    """Settle numbers and lost ranges of *run*; return the end of its contiguous settled range."""
    numbers = sorted(set(seqs))
    ranges = gaps.group_into_ranges(numbers) + list(lost)
    through = gaps.settle_ranges(connection, run.id, run.settled_through, ranges)
    highest = max(run.highest_seq, numbers[-1]) if numbers else run.highest_seq
    connection.exec_driver_sql(
        "UPDATE runs SET through = ?, highest = ?, last_received_ms = ? WHERE id = ?",
        (through, highest, max(received_ms, run.last_received_ms), run.id),
    )
    return through


def list_runs(connection: Connection, screen: str | None = None) -> list[RunRow]:
    """List the runs of a screen (default: of all screens), by screen and first receipt."""
    query = select(runs)
    if screen is not None:
        query = query.where(runs.c.screen == screen)
    rows = connection.execute(query.order_by(runs.c.screen, runs.c.first_received_ms, runs.c.id))
    return [RunRow(*row) for row in rows]


def iter_plays(connection: Connection, run: RunRow, first: int = 0, last: int | None = None) -> Iterator[ReceivedPlay]:
    """Iterate over the plays of a run by number, from *first* to *last* (both included)."""
    query = select(*SELECTED_COLUMNS).where(plays.c.run_id == run.id, plays.c.seq >= first).order_by(plays.c.seq)
    if last is not None:
        query = query.where(plays.c.seq <= last)
    for row in connection.execute(query, execution_options={"stream_results": True}).yield_per(2000):
        yield build_play(run, row)


def build_play(run: RunRow, row: Sequence[Any]) -> ReceivedPlay:
    """Return the play of a row of SELECTED_COLUMNS."""
    *content, started_ms, received_ms = row
    return ReceivedPlay(*content, started_ms=started_ms, received_ms=received_ms, screen=run.screen, run=run.run)


def list_batch_lags(connection: Connection, run_id: int) -> list[tuple[int, int, int]]:
    """List (received ms, first number, lag ms) of each batch of a run, in the order of receipt."""
    query = select(play_batches.c.received_ms, play_batches.c.first, play_batches.c.lag_ms).where(
        play_batches.c.run_id == run_id
    )
    return [(int(r), int(f), int(lag)) for r, f, lag in connection.execute(query.order_by(play_batches.c.id))]


def count_runs_and_plays(connection: Connection) -> tuple[int, int]:
    """Count all runs, and the unsealed plays."""
    queries = select(func.count()).select_from(runs), select(func.sum(play_batches.c.plays))
    return int(connection.scalar(queries[0]) or 0), int(connection.scalar(queries[1]) or 0)


def _get_contents(connection: Connection, run_id: int, seqs: set[int]) -> dict[int, PlayContent]:
    ordered = sorted(seqs)
    contents: dict[int, PlayContent] = {}
    for start in range(0, len(ordered), _CHUNK_SIZE):
        chunk = ordered[start : start + _CHUNK_SIZE]
        query = (
            f"SELECT seq, {', '.join(CONTENT_FIELDS)} FROM plays "  # noqa: S608
            f"WHERE run_id = ? AND seq IN ({', '.join('?' * len(chunk))})"
        )
        for row in connection.exec_driver_sql(query, (run_id, *chunk)):
            contents[row[0]] = tuple(row[1:])
    return contents


def _get_sealed_contents(
    connection: Connection, run_id: int, seqs: set[int], from_archive: ArchiveLookup | None
) -> dict[int, PlayContent | None]:
    """Return number → content for those of *seqs* that are sealed; None where the archive file is not available."""
    files: dict[str, list[int]] = {}
    if archive_days.has_sealed_plays(connection, run_id):
        for seq in sorted(seqs):
            name = archive_days.find_file_of_play(connection, run_id, seq)
            if name is not None:
                files.setdefault(name, []).append(seq)
    contents: dict[int, PlayContent | None] = {}
    for name, numbers in files.items():
        contents.update(dict.fromkeys(numbers))
        if from_archive is not None and name:
            contents.update(from_archive(name, run_id, numbers))
    return contents


def _insert_batch(connection: Connection, run: RunRow, new: Sequence[ReceivedPlay]) -> None:
    seqs = [play.seq for play in new]
    last = new[seqs.index(max(seqs))]
    started = [play.started_ms for play in new]
    lag_ms = last.received_ms - last.started_ms - last.duration_ms
    connection.exec_driver_sql(
        "INSERT INTO plays_batches (received_ms, run_id, first, last, plays, started_from_ms, started_to_ms, lag_ms) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (last.received_ms, run.id, min(seqs), last.seq, len(new), min(started), max(started), lag_ms),
    )
