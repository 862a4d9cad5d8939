"""Days that are over go into the archive, and leave it by rule; both are entries of the audit log."""

import csv
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from signage.clock import Clock
from signage.evidence.archive_files import COLUMNS, Archive, Proof, duck_error, row_of, to_parquet
from signage.evidence.archive_integrity import Kept, sha256_of
from signage.evidence.judge import Judge
from signage.evidence.judged_plays import Evidence, judged
from signage.evidence.settings import EvidenceConfig
from signage.store import audit_log as audit
from signage.store.column_types import to_ms
from signage.store.engine import Connection, Store
from signage.store.plays import archive_days as table
from signage.store.plays import clock_samples as clocks
from signage.store.plays import gaps, plays
from signage.store.plays.archive_days import SealedDay

WHO = "system"
_BEYOND = 1_000
"""How many plays after a day's last are looked at, to put right clocks that were set only then."""

_RAW, _SEALED = "plays.raw", "sealed.parquet"
_EMPTY = SealedDay("", "", "", 0, 0, 0, 0, 0)
_log = logging.getLogger(__name__)

EvidenceOf = Callable[[Connection], Evidence]


def seal_due(
    store: Store, clock: Clock, archive: Archive, evidence: EvidenceOf, config: EvidenceConfig
) -> list[SealedDay]:
    """Seal every day that is over long enough; returns those that were sealed now."""
    sweep(store, archive)
    last = clock.now().astimezone(UTC).date() - timedelta(days=max(config.seal_after_days, 1))
    with store.read() as connection:
        due = [day for day in plays.days(connection) if day < last.isoformat()]
    sealed: list[SealedDay] = []
    for day in due:
        try:
            made = seal(store, clock, archive, evidence, day)
        except (OSError, duck_error()):  # its plays stay where they are; no other day waits for it
            _log.exception("%s could not be sealed, it is tried again", day)
            continue
        sealed += [made] if made is not None else []
    return sealed


def seal(store: Store, clock: Clock, archive: Archive, evidence: EvidenceOf, day: str) -> SealedDay | None:
    """Seal one day: the file is whole on disk before its plays leave the database.

    A day that is sealed already gets a further file with the plays of both. None, and all stays as it was: its file is
    not the one that was sealed, or more came to the day meanwhile.
    """
    begin, end = _bounds(day)
    with store.read() as connection:
        former = table.get(connection, day)
        if former is not None and Kept(connection, archive, afresh=True).unfit([former]):
            _log.error("%s: its file is not the one that was sealed: what came to it since is not sealed", day)
            return None
    name = archive.name(day, 1 if former is None else archive.number(former.name) + 1)
    target = archive.path(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.folder, prefix=".sealing-") as work:
        with store.read() as connection, store.read() as reading:
            found = _of_day(connection, evidence(reading), begin, end)
            made, spans = _write(found, Path(work), replace(_EMPTY, day=day, name=name, sealed_ms=to_ms(clock.now())))
        fresh = made.plays
        made = _finished(archive, Path(work), made, former)
        (Path(work) / _SEALED).rename(target)
    _sync(target.parent)
    with store.write() as connection:
        if plays.received(connection, begin, end) != fresh or table.get(connection, day) != former:
            return None
        _note(connection, clock.now(), made, spans, former)
        plays.remove_day(connection, begin, end)
    return made


def sweep(store: Store, archive: Archive) -> None:
    """Delete files that were sealed again into a further one of their day, while that one is as it was sealed.

    They stay until the next look: whoever reads by what the database said before finds them.
    """
    with store.read() as connection:
        kept = Kept(connection, archive)
        for one in kept.days():
            former = [archive.path(archive.name(one.day, n)) for n in range(1, archive.number(one.name))]
            former = [path for path in former if path.exists()]
            if former and kept.sound([one]):
                for path in former:
                    path.unlink(missing_ok=True)


def _note(
    connection: Connection, at: datetime, made: SealedDay, spans: list[tuple[int, int, int]], former: SealedDay | None
) -> None:
    table.drop(connection, made.day)
    table.note(connection, made, spans)
    details: dict[str, object] = {"sha256": made.sha256, "bytes": made.bytes, "plays": made.plays, "file": made.name}
    if former is not None:
        details["replaces"] = {"sha256": former.sha256, "plays": former.plays, "file": former.name}
    audit.append(connection, at, WHO, table.SEAL, made.day, details)


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


def _of_day(connection: Connection, evidence: Evidence, begin: int, end: int) -> Iterator[Proof]:
    judge = Judge(evidence.documents)
    kept = None if evidence.archive is None else Kept(connection, evidence.archive)
    for run, first, last in plays.runs_of_day(connection, begin, end):
        observed = clocks.observed(connection, run.screen)
        near = plays.plays_of(connection, run, first, last + _BEYOND)
        for proof in judged(connection, evidence, judge, run, observed, near, None, kept):
            if begin <= proof.received_ms < end:
                yield proof


def _write(found: Iterable[Proof], work: Path, day: SealedDay) -> tuple[SealedDay, list[tuple[int, int, int]]]:
    """The plays as rows of ``plays.raw``; what *day* says of them, and their numbers."""
    spans: list[tuple[int, int, int]] = []
    count, first, last = 0, 2**62, -(2**62)
    numbers: list[int] = []
    run_id: int | None = None
    with (work / _RAW).open("w", encoding="utf-8", newline="") as out:
        write = csv.writer(out, lineterminator="\n").writerow
        for proof in found:
            if proof.run_id != run_id:
                spans += [(run_id, a, b) for a, b in gaps.spans(numbers)] if run_id is not None else []
                run_id, numbers = proof.run_id, []
            numbers.append(proof.seq)
            count, first, last = count + 1, min(first, proof.corrected_ms), max(last, proof.corrected_ms)
            write(row_of(proof))
    spans += [(run_id, a, b) for a, b in gaps.spans(numbers)] if run_id is not None else []
    return replace(day, plays=count, started_from_ms=first, started_to_ms=last), spans


def _finished(archive: Archive, work: Path, made: SealedDay, former: SealedDay | None) -> SealedDay:
    """The file of the rows; of those that the *former* holds too, and then counted on disk, for that one goes."""
    target = work / _SEALED
    more = None if former is None else archive.path(former.name)
    to_parquet(work / _RAW, target, COLUMNS, order="ORDER BY screen, run_id, seq", more=more)
    _sync(target)
    if former is not None:
        made = replace(
            made,
            plays=made.plays + former.plays,
            started_from_ms=min(made.started_from_ms, former.started_from_ms),
            started_to_ms=max(made.started_to_ms, former.started_to_ms),
        )
        if archive.count(target) != made.plays:
            raise OSError(f"{made.name}: other than {made.plays} plays on disk")
    return replace(made, sha256=sha256_of(target, afresh=True) or "", bytes=target.stat().st_size)


def _bounds(day: str) -> tuple[int, int]:
    begin = datetime.combine(date.fromisoformat(day), time(), UTC)
    return to_ms(begin), to_ms(begin + timedelta(days=1))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
