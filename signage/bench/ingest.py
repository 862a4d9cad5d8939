"""Benchmark: ingest plays over HTTP, durable before the response, beside bare inserts of the same batches in SQLite.

The server is the real one (``signage up``) on one core, the screens run on another; the bare inserts have the same
JSON, the same key and the same durability (WAL, ``synchronous=FULL``), one transaction per batch, on the server's core.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from signage.bench.support.load_process import THREADS, build_batch
from signage.bench.support.result_rows import create_row
from signage.bench.support.server_process import build_pinning_command, run_server
from signage.faults import FaultLocation
from signage.model.screen import Screen
from signage.model.users import make_cli_actor
from signage.store.engine import get_sqlite_module

SECONDS, PLAYS = 6.0, 200
GOAL, P99_MS, MEMORY_MB = 0.3, 250, 300


def run() -> list[dict[str, Any]]:
    """Return the rows of ``signage bench ingest``."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config.toml").write_text("", "utf-8")
        (folder / "playlists").mkdir()
        _create_screens(folder)
        with run_server(folder, core=0) as (port, pids):
            _run_load(port, folder, 1.0, "warm")
            full = _run_load(port, folder, SECONDS, "full")
            rate = full["plays"] / full["seconds"]
            half = _run_load(port, folder, SECONDS, "half", rate / 2 / PLAYS)
            memory = _get_memory_mb(pids)
        bare = _measure_bare_inserts(folder)
    failed = full["failed"] + half["failed"]
    return [
        create_row("ingest", "plays acknowledged over HTTP", rate, "/s", yardstick=bare, goal=GOAL, at_most=False),
        create_row("ingest", "p99 of an acknowledgement at half of that", half["p99_ms"], "ms", goal=P99_MS),
        create_row("ingest", "batches refused", failed, "", goal=0),
        create_row("ingest", "memory of the server's processes", memory, "MB", goal=MEMORY_MB),
    ]


def _run_load(port: int, folder: Path, seconds: float, run_name: str, rate: float = 0.0) -> dict[str, Any]:
    command = [*build_pinning_command(1), sys.executable, "-m", "signage.bench.support.load_process"]
    command += [str(port), str(folder / "tokens")]
    command += [str(seconds), str(PLAYS), run_name, *([str(rate)] if rate else [])]
    process = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(process.stdout)
    return result


def _measure_bare_inserts(folder: Path) -> float:
    """Return the plays per second that bare SQLite inserts."""
    if hasattr(os, "sched_setaffinity"):
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(before)})
    bodies = [build_batch("bare", 1 + n * PLAYS, PLAYS) for n in range(600)]
    database = get_sqlite_module().connect(str(folder / "bare.db"), isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    fields = "seq, item, sha256, serial, started_at, duration_ms, result"
    database.execute(f"CREATE TABLE plays (screen, {fields}, PRIMARY KEY (screen, seq)) WITHOUT ROWID")
    begin = time.perf_counter()
    for number, body in enumerate(bodies):
        screen = f"taxi-{number % THREADS:04}"
        plays = msgspec.json.decode(body)["plays"]
        database.execute("BEGIN IMMEDIATE")
        database.executemany(
            f"INSERT INTO plays (screen, {fields}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            [(screen, *play.values()) for play in plays],
        )
        database.execute("COMMIT")
    spent = time.perf_counter() - begin
    database.close()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, before)
    return len(bodies) * PLAYS / spent


def _create_screens(folder: Path) -> None:
    from signage.config import load_config
    from signage.services.bootstrap import open_app_context
    from signage.services.screens.registry import create_screens

    app_context = open_app_context(load_config(folder / "config.toml"))
    entries = [
        (Screen(f"taxi-{n:04}", "taxi-roof", "taxi-192x64", "Asia/Shanghai"), FaultLocation()) for n in range(THREADS)
    ]
    enrolled = create_screens(app_context, make_cli_actor("bench"), entries)
    (folder / "tokens").write_text("\n".join(one.token for one in enrolled), "utf-8")
    app_context.store.close()


def _get_memory_mb(pids: list[int]) -> float:
    status_texts = [Path(f"/proc/{pid}/status").read_text("utf-8") for pid in pids]
    return sum(int(text.partition("VmRSS:")[2].split()[0]) * 1024 for text in status_texts if "VmRSS:" in text) / 1e6
