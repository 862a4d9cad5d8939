"""Benchmark: build and verify an evidence bundle of a million plays and a million log entries.

The yardstick of the verifier is the minimum that any verifier must do: read the lines and hash each.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from signage.bench.support.result_rows import create_row
from signage.protocol.epoch import to_ms
from signage.store import audit_log as audit
from signage.store.audit_log import encode_canonical, hash_leaf
from signage.store.engine import Store, metadata
from signage.store.migrate import import_table_modules
from signage.store.plays import plays
from signage.store.plays.plays import ReceivedPlay

ENTRIES, PLAYS, SCREENS = 1_000_000, 1_000_000, 100
VERIFY_S, EXPORT_S, MEMORY_MB = 30, 120, 300
_START = datetime(2021, 3, 15, tzinfo=UTC)
_EXPORT_PROGRAM = """
import json, resource, sys, time
from pathlib import Path
from signage.clock import SystemClock
from signage.evidence.bundle.export import write_bundle
from signage.evidence.bundle.scope import BundleScope, BundleSources
from signage.evidence.judged_plays import EvidenceContext
from signage.store.engine import Store
store, folder = Store(Path(sys.argv[1])), Path(sys.argv[2])
none = lambda *_: None
begin = time.perf_counter()
sources = BundleSources(EvidenceContext(none), none, lambda *_: iter(()), none)
write_bundle(store, SystemClock(), folder, BundleScope(), sources, "bench")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
print(json.dumps([time.perf_counter() - begin, peak]))
"""
_VERIFY_PROGRAM = """
import json, resource, runpy, sys, time
begin = time.perf_counter()
sys.argv = [sys.argv[1]]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as ended:
    assert not ended.code, ended
spent = time.perf_counter() - begin
print(json.dumps([spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6]))
"""


def run(entries: int = ENTRIES, plays_: int = PLAYS) -> list[dict[str, Any]]:
    """Return the rows of ``signage bench audit``."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _fill_store(folder / "signage.db", entries, plays_)
        made_s, made_mb = _run_measured(_EXPORT_PROGRAM, folder / "signage.db", folder / "bundle")
        bare = _measure_hashing_s(folder / "bundle" / "audit.jsonl")
        verified_s, verified_mb = _run_measured(_VERIFY_PROGRAM, folder / "bundle" / "verify.py")
    return [
        create_row("audit", f"bundle of {plays_ / 1e6:g} million plays made", made_s, "s", goal=EXPORT_S),
        create_row("audit", "memory of making it", made_mb, "MB", goal=MEMORY_MB),
        create_row("audit", f"{entries / 1e6:g} million entries verified", verified_s, "s", goal=VERIFY_S),
        create_row("audit", "the same, of reading and hashing the lines", verified_s, "s", yardstick=bare),
        create_row("audit", "memory of verifying", verified_mb, "MB", goal=MEMORY_MB),
    ]


def _run_measured(program: str, *arguments: Path) -> tuple[float, float]:
    command = [sys.executable, "-c", program, *map(str, arguments)]
    process = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, peak = json.loads(process.stdout.splitlines()[-1])
    return seconds, peak


def _measure_hashing_s(path: Path) -> float:
    started = time.perf_counter()
    with path.open("rb") as file:
        for line in file:
            hashlib.sha256(b"\x00" + line[:-1]).digest()
    return time.perf_counter() - started


def _fill_store(path: Path, entries: int, plays_: int) -> None:
    import_table_modules()
    store = Store(path)
    with store.write() as connection:
        metadata.create_all(connection)
        for start in range(0, entries, 20_000):
            rows = [_build_entry(index) for index in range(start, min(start + 20_000, entries))]
            connection.execute(audit.audit_entries.insert(), rows)
    each = plays_ // SCREENS
    with store.write() as connection:
        for number in range(SCREENS):
            run = plays.get_or_create_run(connection, f"taxi-{number:04}", "r1", to_ms(_START))
            sent = [_build_play(seq) for seq in range(1, each + 1)]
            plays.add_plays(connection, run, sent)
            plays.settle_numbers(connection, run, range(1, each + 1), (), to_ms(_START))
    store.close()


def _build_entry(index: int) -> dict[str, object]:
    at = _START + timedelta(seconds=index)
    line = encode_canonical(
        {
            "at": at.isoformat(timespec="milliseconds"),
            "details": {"via": "console", "sha256": f"{index:064x}"},
            "object": f"315-2021/slogan-{index % 100:02}",
            "record": index + 1,
            "verb": "campaign.approve",
            "who": "wang",
        }
    )
    known = {"who": "wang", "verb": "campaign.approve", "object": f"315-2021/slogan-{index % 100:02}"}
    return {"index": index, "line": line, "hash": hash_leaf(line), "at_ms": to_ms(at), **known}


def _build_play(seq: int) -> ReceivedPlay:
    at = _START + timedelta(seconds=8 * seq)
    return ReceivedPlay(
        *(seq, f"315-2021/slogan-{seq % 10:02}", "ab" * 32, 7, at.isoformat(), 8000, "completed"),
        started_ms=to_ms(at),
        received_ms=to_ms(_START + timedelta(days=1)),
    )
