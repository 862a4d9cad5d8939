"""The archive: days of plays that are over, each one file in Parquet, its sha256 in the audit log.

1. A day is the day of receipt (UTC). It is sealed some days after it is over, so that the clock of a screen that was
   away can be judged from what came after.
2. The file holds each play as sent, and what was made of it at sealing: corrected time, flags, verdict.
3. The file is whole on disk before its hash is in the log and its plays leave the hot table, in one transaction.
4. A file is never changed or written over. What comes to a day that is sealed already (a clock was put back) is sealed
   with all that the day's file holds into a further one; the former goes once that is known to be whole.
5. It is kept by rule, three years unless told otherwise, and never under 183 days.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from signage.store.plays.plays import PlayContent

SUFFIX = ".parquet"


class JudgedPlay(Struct, frozen=True):
    """A play as sent, and what is to be said of it. Times in ms since 1970, *started_at* as sent."""

    screen: str
    run: str
    run_id: int
    seq: int
    item: str
    sha256: str
    serial: int
    started_at: str
    started_ms: int
    corrected_ms: int
    received_ms: int
    duration_ms: int
    result: str
    flags: tuple[str, ...]
    verdict: str


COLUMNS: Mapping[str, str] = {
    "screen": "VARCHAR",
    "run": "VARCHAR",
    "run_id": "BIGINT",
    "seq": "BIGINT",
    "item": "VARCHAR",
    "sha256": "VARCHAR",
    "serial": "BIGINT",
    "started_at": "VARCHAR",
    "started_ms": "BIGINT",
    "corrected_ms": "BIGINT",
    "received_ms": "BIGINT",
    "duration_ms": "BIGINT",
    "result": "VARCHAR",
    "flags": "VARCHAR",
    "verdict": "VARCHAR",
}
"""What a file of the archive, and ``plays.parquet`` of a bundle, holds. *flags*: words with a space between."""

_COLUMN_LIST = ", ".join(COLUMNS)


def encode_row(proof: JudgedPlay) -> tuple[object, ...]:
    """A play as a row of a file."""
    values = [getattr(proof, name) for name in COLUMNS]
    values[-2] = " ".join(proof.flags)
    return tuple(values)


def decode_row(row: Sequence[Any]) -> JudgedPlay:
    """A row of a file as a play."""
    values = dict(zip(COLUMNS, row, strict=True))
    values["flags"] = tuple(values["flags"].split())
    return JudgedPlay(**values)


def open_duckdb(folder: Path | None = None, *, threads: int = 2, memory_mb: int = 512) -> Any:
    """A DuckDB of its own, small and silent, that loads nothing from outside. *folder*: where it may spill to."""
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "memory_limit": f"{memory_mb}MB",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    connection = duckdb.connect(":memory:", config=settings)
    connection.execute("SET enable_progress_bar = false")
    if folder is not None:
        connection.execute(f"SET temp_directory = {quote_sql(folder)}")
    return connection


def get_duckdb_error() -> type[Exception]:
    """What DuckDB raises: for a file that is none of Parquet, too."""
    import duckdb

    return duckdb.Error


def quote_sql(value: object) -> str:
    """A value as text in SQL."""
    return "'" + str(value).replace("'", "''") + "'"


def write_parquet(
    raw: Path,
    target: Path,
    columns: Mapping[str, str],
    chosen: str = "*",
    order: str = "",
    existing: Path | None = None,
) -> None:
    """Write *target* from *raw*, a plain CSV without heads whose columns are *columns* (name → type).

    *more*: a file in Parquet with the same columns, whose rows go in first, as they stand: to sort a whole day anew
    would take more memory than there is.
    """
    listed = ", ".join(f"{quote_sql(name)}: {quote_sql(kind)}" for name, kind in columns.items())
    fresh = (
        f"SELECT {chosen} FROM read_csv({quote_sql(raw)}, columns = {{{listed}}}, header = false, "  # noqa: S608
        "auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = '\\N', parallel = false, "
        f"buffer_size = 4194304) {order}"
    )
    if existing is not None:
        sealed = f"read_parquet({quote_sql(existing)}, hive_partitioning = false)"
        fresh = f"SELECT {chosen} FROM {sealed} UNION ALL ({fresh})"  # noqa: S608
    with open_duckdb(raw.parent, threads=1, memory_mb=128) as duck:  # a thread more is 250 MB more
        duck.execute(f"COPY ({fresh}) TO {quote_sql(target)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 40960)")


class Archive:
    """The files under *folder*: ``plays/day=2021-03-15/plays.parquet``, and ``plays-2.parquet`` after it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get_path(self, name: str) -> Path:
        """The file called *name* in the database."""
        return self.folder / name

    @staticmethod
    def format_name(day: str, number: int = 1) -> str:
        """What the file of a day is called that was sealed as its *number*-th."""
        return f"plays/day={day}/plays{'' if number == 1 else f'-{number}'}{SUFFIX}"

    @staticmethod
    def parse_number(name: str) -> int:
        """Which of its day's files that is, counted from 1."""
        return int(Path(name).stem.partition("-")[2] or 1)

    def count_plays(self, path: Path) -> int:
        """How many plays a file holds."""
        with open_duckdb() as duck:
            (found,) = duck.execute(f"SELECT count(*) FROM {self.format_table_expression([path])}").fetchone()  # noqa: S608
        return int(found)

    def find_contents(self, name: str, run_id: int, seqs: Sequence[int]) -> dict[int, PlayContent]:
        """The contents of plays that are in the file *name*, for resends; none where it cannot be read."""
        path = self.get_path(name)
        if not path.exists() or not seqs:
            return {}
        numbers = ", ".join(str(int(seq)) for seq in seqs)
        with open_duckdb() as duck:
            try:
                rows = duck.execute(
                    "SELECT seq, item, sha256, serial, started_at, duration_ms, result "  # noqa: S608
                    f"FROM {self.format_table_expression([path])} "
                    f"WHERE run_id = {int(run_id)} AND seq IN ({numbers})"
                ).fetchall()
            except get_duckdb_error():
                return {}
        return {row[0]: (row[1], row[2], row[3], row[4], row[5], row[6]) for row in rows}

    def format_table_expression(self, paths: Iterable[Path]) -> str:
        """The files as a table in SQL of ours."""
        listed = ", ".join(quote_sql(path) for path in paths)
        return f"read_parquet([{listed}], hive_partitioning = false)"

    def read_plays(self, names: Iterable[str], where: str = "TRUE", order: str = "run_id, seq") -> Iterator[JudgedPlay]:
        """The plays in the files called *names*. *where* and *order* are SQL of ours."""
        paths = [self.get_path(name) for name in names]
        there = [path for path in paths if path.exists()]
        if not there:
            return
        with open_duckdb() as duck:
            found = duck.execute(
                f"SELECT {_COLUMN_LIST} FROM {self.format_table_expression(there)} "  # noqa: S608
                f"WHERE {where} ORDER BY {order}"
            )
            while rows := found.fetchmany(5000):
                for row in rows:
                    yield decode_row(row)
