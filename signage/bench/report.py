"""Benchmark: totals of a report over an archive of plays, beside a bare DuckDB query over the same files."""

import tempfile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from signage.bench.support.result_rows import create_row, get_peak_memory_mb, measure_best_s
from signage.evidence.archive_files import COLUMNS, Archive, format_parquet_sql, open_duckdb, quote_sql
from signage.evidence.archive_integrity import hash_file
from signage.evidence.judged_plays import EvidenceContext
from signage.evidence.reports.aggregate import compute_proven_totals
from signage.protocol.epoch import from_ms
from signage.protocol.plays import OPTIONAL_FIELDS
from signage.store import audit_log as audit
from signage.store.engine import Store, metadata
from signage.store.migrate import import_table_modules
from signage.store.plays import archive_days as table
from signage.store.plays.archive_days import ArchiveDayRow

DAYS, PLAYS_A_DAY, SCREENS = 20, 1_000_000, 8_000
GOAL = 3.0
MEMORY_MB = 800
_FIRST_MS = 1_615_766_400_000


def run(days: int = DAYS, plays_a_day: int = PLAYS_A_DAY) -> list[dict[str, Any]]:
    """Return the rows of ``signage bench report``."""
    with tempfile.TemporaryDirectory() as name:
        archive = Archive(Path(name) / "archive")
        store = _create_filled_store(Path(name), archive, days, plays_a_day)
        evidence = EvidenceContext(lambda screen, serial: None, archive)
        zone = ZoneInfo("Asia/Shanghai")
        with store.read() as connection:
            ours = measure_best_s(2, lambda: compute_proven_totals(connection, evidence, "315-2021", zone))
            paths = [archive.get_path(day.name) for day in table.list_archive_days(connection)]
        with open_duckdb() as duck:
            bare_s = measure_best_s(2, lambda: duck.execute(_build_bare_query(archive, paths)).fetchall())
        store.close()
    description = f"sums of a report over {days * plays_a_day / 1e6:.0f} million sealed plays"
    return [
        create_row("report", description, ours, "s", yardstick=bare_s, goal=GOAL),
        create_row("report", "memory", get_peak_memory_mb(), "MB", goal=MEMORY_MB),
    ]


def _build_bare_query(archive: Archive, paths: list[Path]) -> str:
    return (
        "SELECT item, count(*), sum(duration_ms), count(DISTINCT screen) "  # noqa: S608
        f"FROM {format_parquet_sql(paths)} WHERE result = 'completed' GROUP BY item"
    )


def _create_filled_store(folder: Path, archive: Archive, days: int, plays_a_day: int) -> Store:
    import_table_modules()
    store = Store(folder / "signage.db")
    with store.write() as connection:
        metadata.create_all(connection)
        for number in range(days):
            day = f"2021-04-{number + 1:02}" if number < 30 else f"2021-{5 + number // 30:02}-{number % 30 + 1:02}"
            _write_day(archive.get_path(Archive.format_name(day)), number, plays_a_day)
            first = _FIRST_MS + number * 86_400_000
            digest = hash_file(archive.get_path(Archive.format_name(day))) or ""
            archive_day = ArchiveDayRow(
                day, Archive.format_name(day), digest, 0, plays_a_day, first, first + 86_400_000, 0
            )
            table.create_archive_day(connection, archive_day, [])
            audit.append_entry(connection, from_ms(first), "system", table.SEAL_VERB, day, {"sha256": digest})
    return store


def _write_day(path: Path, number: int, plays: int) -> None:
    path.parent.mkdir(parents=True)
    first = _FIRST_MS + number * 86_400_000
    each = max(plays // SCREENS, 1)
    values = {
        "screen": f"printf('taxi-%05d', n // {each})",
        "run": "'r1'",
        "run_id": f"n // {each}",
        "seq": f"n % {each} + {number * each}",
        "item": "printf('315-2021/slogan-%02d', (n * 7919) % 10)",
        "sha256": "repeat(((n * 7919) % 10)::VARCHAR, 64)",
        "serial": "7",
        "started_at": "'2021-04-01T00:00:00+08:00'",
        "started_ms": f"{first} + (n % {each}) * 8000",
        "corrected_ms": f"{first} + (n % {each}) * 8000",
        "received_ms": f"{first} + (n % {each}) * 8000 + 9000",
        "duration_ms": "8000",
        "result": "CASE WHEN n % 50 = 0 THEN 'cut' ELSE 'completed' END",
        "flags": "''",
        **dict.fromkeys(OPTIONAL_FIELDS, "NULL"),
        "verdict": "CASE WHEN n % 50 = 0 THEN 'cut' ELSE 'as-planned' END",
    }
    chosen = ", ".join(f"({values[name]})::{kind} AS {name}" for name, kind in COLUMNS.items())
    with open_duckdb() as duck:
        duck.execute(
            f"COPY (SELECT {chosen} FROM range({plays}) AS t(n)) TO {quote_sql(path)} "  # noqa: S608
            "(FORMAT parquet, COMPRESSION zstd)"
        )
