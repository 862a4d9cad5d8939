"""The archive of plays: one Parquet file per day, its sha256 in the audit log.

1. A day is the UTC day of receipt. It is sealed some days after its end, so that the clock of a screen that was offline
   can be corrected from later data.
2. The file contains each play as sent, with its corrected time, flags and verdict as judged at sealing.
3. The file is complete on disk before its hash is logged and its plays leave the hot table, in one transaction.
4. A file is never modified or overwritten. Plays received for a sealed day (a clock was set back) are sealed with the
   content of the existing file into a new file; the old file is deleted once the new one is verified.
5. Retention is configured, by default three years, and never less than 183 days.
6. Columns are only ever appended. A file that lacks a newer column reads as null there.
"""

import csv
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from signage.protocol.plays import get_scalar_types
from signage.store.plays.plays import CONTENT_FIELDS, PlayContent, ReceivedPlay

SUFFIX = ".parquet"


class JudgedPlay(ReceivedPlay, frozen=True, kw_only=True):
    """A play with its corrected time (ms since 1970), flags and verdict: the record of archive, API, CSV and report."""

    run_id: int
    corrected_ms: int
    flags: tuple[str, ...]
    verdict: str


_FIRST_COLUMNS = (
    *("screen", "run", "run_id", "seq", "item", "sha256", "serial", "started_at", "started_ms", "corrected_ms"),
    *("received_ms", "duration_ms", "result", "flags", "verdict"),
)
"""The columns of the first version, in its order."""

_SQL_TYPES = {str: "VARCHAR", int: "BIGINT", float: "DOUBLE"}
_FIELD_TYPES = get_scalar_types(JudgedPlay)
COLUMNS: Mapping[str, str] = {
    name: _SQL_TYPES[_FIELD_TYPES[name]] for name in dict.fromkeys((*_FIRST_COLUMNS, *_FIELD_TYPES))
}
"""Column → SQL type of an archive file: the fields of a judged play. *flags*: words separated by spaces."""

NULL = f"null {secrets.token_hex(16)}"
"""A missing value in the rows that ``write_parquet`` reads: no text that a screen sends."""


def encode_row(play: JudgedPlay) -> tuple[object, ...]:
    """Return a play as a row of an archive file."""
    return tuple(_encode_value(getattr(play, name)) for name in COLUMNS)


def _encode_value(value: object) -> object:
    return NULL if value is None else " ".join(value) if isinstance(value, tuple) else value


def write_raw_rows(file: IO[str], plays: Iterable[JudgedPlay]) -> Iterator[JudgedPlay]:
    """Write plays as the rows that ``write_parquet`` reads; yield each once it is written."""
    write = csv.writer(file, lineterminator="\n").writerow
    for play in plays:
        write(encode_row(play))
        yield play


def decode_row(row: Sequence[Any]) -> JudgedPlay:
    """Return a row of an archive file as a play."""
    values = dict(zip(COLUMNS, row, strict=True))
    values["flags"] = tuple(values["flags"].split())
    return JudgedPlay(**values)


def open_duckdb(folder: Path | None = None, *, threads: int = 2, memory_mb: int = 512) -> Any:
    """Open an in-memory DuckDB that loads no extensions. *folder*: for its temporary files."""
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
    """Return the exception that DuckDB raises, for an invalid Parquet file too."""
    import duckdb

    return duckdb.Error


def quote_sql(value: object) -> str:
    """Return a value as an SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def write_parquet(
    raw: Path,
    target: Path,
    columns: Mapping[str, str],
    selection: str = "*",
    order: str = "",
    existing: Path | None = None,
) -> None:
    """Write *target* from *raw*, a CSV without header whose columns are *columns* (name → SQL type).

    *existing*: a Parquet file whose rows are written first, in their order: sorting a whole day anew would take more
    memory than there is. Columns that it lacks are null.
    """
    types = ", ".join(f"{quote_sql(name)}: {quote_sql(kind)}" for name, kind in columns.items())
    query = (
        f"SELECT {selection} FROM read_csv({quote_sql(raw)}, columns = {{{types}}}, header = false, "  # noqa: S608
        f"auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = {quote_sql(NULL)}, "
        f"parallel = false, buffer_size = 4194304) {order}"
    )
    if existing is not None:
        sealed = f"read_parquet({quote_sql(existing)}, hive_partitioning = false)"
        query = f"SELECT {selection} FROM {sealed} UNION ALL BY NAME ({query})"  # noqa: S608
    with open_duckdb(raw.parent, threads=1, memory_mb=128) as duck:  # a thread more is 250 MB more
        duck.execute(f"COPY ({query}) TO {quote_sql(target)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 40960)")


class Archive:
    """The files below *folder*: ``plays/day=2021-03-15/plays.parquet``, and ``plays-2.parquet`` after it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get_path(self, name: str) -> Path:
        """Return the path of the file stored as *name* in the database."""
        return self.folder / name

    @staticmethod
    def format_name(day: str, number: int = 1) -> str:
        """Return the name of the *number*-th file of a day."""
        return f"plays/day={day}/plays{'' if number == 1 else f'-{number}'}{SUFFIX}"

    @staticmethod
    def parse_number(name: str) -> int:
        """Return the number of a file within its day, counted from 1."""
        return int(Path(name).stem.partition("-")[2] or 1)

    def count_plays(self, path: Path) -> int:
        """Count the plays in a file."""
        with open_duckdb() as duck:
            (count,) = duck.execute(f"SELECT count(*) FROM {format_parquet_sql([path])}").fetchone()  # noqa: S608
        return int(count)

    def find_contents(self, name: str, run_id: int, seqs: Sequence[int]) -> dict[int, PlayContent]:
        """Return number → content of plays in the file *name*, for resends; empty where it cannot be read."""
        path = self.get_path(name)
        if not path.exists() or not seqs:
            return {}
        numbers = ", ".join(str(int(seq)) for seq in seqs)
        with open_duckdb() as duck:
            try:
                rows = duck.execute(
                    f"SELECT seq, {', '.join(CONTENT_FIELDS)} FROM {format_plays_sql([path])} "  # noqa: S608
                    f"WHERE run_id = {int(run_id)} AND seq IN ({numbers})"
                ).fetchall()
            except get_duckdb_error():
                return {}
        return {row[0]: row[1:] for row in rows}

    def read_plays(self, names: Iterable[str], where: str = "TRUE", order: str = "run_id, seq") -> Iterator[JudgedPlay]:
        """Read the plays in the files *names*. *where* and *order*: SQL written by the program."""
        paths = [path for name in names if (path := self.get_path(name)).exists()]
        if not paths:
            return
        with open_duckdb() as duck:
            cursor = duck.execute(
                f"SELECT {', '.join(COLUMNS)} FROM {format_plays_sql(paths)} WHERE {where} ORDER BY {order}"  # noqa: S608
            )
            while rows := cursor.fetchmany(5000):
                for row in rows:
                    yield decode_row(row)


def format_parquet_sql(paths: Iterable[Path]) -> str:
    """Return the files as an SQL table, with the columns of the first of them."""
    return f"read_parquet([{', '.join(map(quote_sql, paths))}], hive_partitioning = false)"


def format_plays_sql(paths: Iterable[Path]) -> str:
    """Return the files as an SQL table with all COLUMNS: those that no file has are null."""
    files = f"read_parquet([{', '.join(map(quote_sql, paths))}], hive_partitioning = false, union_by_name = true)"
    nulls = ", ".join(f"NULL::{kind} AS {name}" for name, kind in COLUMNS.items())
    return f"(SELECT * FROM {files} UNION ALL BY NAME (SELECT {nulls} WHERE FALSE))"  # noqa: S608
