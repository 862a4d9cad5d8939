"""Days that are over go into the archive, and leave it by rule; both are entries of the audit log."""

import csv
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from signage.clock import Clock
from signage.evidence.archive import COLUMNS, Archive, Proof, row_of, to_parquet
from signage.evidence.judge import Judge
from signage.evidence.plays import Evidence, judged
from signage.evidence.settings import EvidenceConfig
from signage.store import archive as table
from signage.store import audit, clocks, gaps, plays
from signage.store.archive import SealedDay
from signage.store.columns import to_ms
from signage.store.engine import Connection, Store

WHO = "system"
_BEYOND = 1_000
"""How many plays after a day's last are looked at, to put right clocks that were set only then."""

EvidenceOf = Callable[[Connection], Evidence]


def seal_due(
    store: Store, clock: Clock, archive: Archive, evidence: EvidenceOf, config: EvidenceConfig
) -> list[SealedDay]:
    """Seal every day that is over long enough; returns those that were sealed now."""
    last = clock.now().astimezone(UTC).date() - timedelta(days=max(config.seal_after_days, 1))
    with store.read() as connection:
        due = [day for day in plays.days(connection) if day < last.isoformat()]
    return [seal(store, clock, archive, evidence, day) for day in due]


def seal(store: Store, clock: Clock, archive: Archive, evidence: EvidenceOf, day: str) -> SealedDay:
    """Seal one day: the file is whole on disk before its plays leave the database."""
    begin, end = _bounds(day)
    target = archive.path(Archive.name(day))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.folder, prefix=".sealing-") as work:
        with store.read() as connection, store.read() as reading:
            found = _of_day(connection, evidence(reading), begin, end)
            made, spans = _write(found, Path(work), day, clock.now())
        shutil.move(Path(work) / "sealed.parquet", target)
    _sync(target.parent)
    with store.write() as connection:
        table.drop(connection, day)
        table.note(connection, made, spans)
        details = {"sha256": made.sha256, "bytes": made.bytes, "plays": made.plays, "file": made.name}
        audit.append(connection, clock.now(), WHO, "plays.seal", day, details)
        plays.remove_day(connection, begin, end)
    return made


def expire(store: Store, clock: Clock, archive: Archive, config: EvidenceConfig) -> list[SealedDay]:
    """Delete the files of days that are kept no longer; each is an entry of the log."""
    first = (clock.now().astimezone(UTC).date() - timedelta(days=config.kept_days)).isoformat()
    with store.read() as connection:
        over = [day for day in table.days(connection) if day.day < first]
    for day in over:
        with store.write() as connection:
            table.drop(connection, day.day)
            details = {"sha256": day.sha256, "plays": day.plays, "keep_days": config.kept_days}
            audit.append(connection, clock.now(), WHO, "plays.expire", day.day, details)
        shutil.rmtree(archive.path(day.name).parent, ignore_errors=True)
    return over


def altered(store: Store, archive: Archive) -> list[str]:
    """The days whose files are missing or are not those that were sealed."""
    with store.read() as connection:
        known = table.days(connection)
    return [day.day for day in known if _sha256(archive.path(day.name)) != day.sha256]


def _of_day(connection: Connection, evidence: Evidence, begin: int, end: int) -> Iterator[Proof]:
    judge = Judge(evidence.documents)
    for run, first, last in plays.runs_of_day(connection, begin, end):
        observed = clocks.observed(connection, run.screen)
        near = plays.plays_of(connection, run, first, last + _BEYOND)
        for proof in judged(connection, evidence, judge, run, observed, near):
            if begin <= proof.received_ms < end:
                yield proof


def _write(found: Iterable[Proof], work: Path, day: str, at: datetime) -> tuple[SealedDay, list[tuple[int, int, int]]]:
    raw, target = work / "plays.raw", work / "sealed.parquet"
    spans: list[tuple[int, int, int]] = []
    count, first, last = 0, 2**62, -(2**62)
    numbers: list[int] = []
    run_id: int | None = None
    with raw.open("w", encoding="utf-8", newline="") as out:
        write = csv.writer(out, lineterminator="\n").writerow
        for proof in found:
            if proof.run_id != run_id:
                spans += [(run_id, a, b) for a, b in gaps.spans(numbers)] if run_id is not None else []
                run_id, numbers = proof.run_id, []
            numbers.append(proof.seq)
            count, first, last = count + 1, min(first, proof.corrected_ms), max(last, proof.corrected_ms)
            write(row_of(proof))
    spans += [(run_id, a, b) for a, b in gaps.spans(numbers)] if run_id is not None else []
    to_parquet(raw, target, COLUMNS, order="ORDER BY screen, run_id, seq")
    _sync(target)
    size = target.stat().st_size
    name = Archive.name(day)
    return SealedDay(day, name, _sha256(target), size, count, first, last, to_ms(at)), spans


def _bounds(day: str) -> tuple[int, int]:
    begin = datetime.combine(date.fromisoformat(day), time(), UTC)
    return to_ms(begin), to_ms(begin + timedelta(days=1))


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
