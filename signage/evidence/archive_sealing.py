"""Seals past days of plays into the archive and deletes expired ones; the audit log records both."""

import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path

from signage.clock import Clock
from signage.evidence.archive_files import (
    COLUMNS,
    Archive,
    JudgedPlay,
    get_duckdb_error,
    write_parquet,
    write_raw_rows,
)
from signage.evidence.archive_integrity import VerifiedArchive, hash_file
from signage.evidence.judged_plays import EvidenceContext, JudgedPlayReader
from signage.evidence.settings import EvidenceConfig
from signage.protocol.epoch import to_ms
from signage.store import audit_log as audit
from signage.store.engine import Connection, Store
from signage.store.plays import archive_days as table
from signage.store.plays import gaps, plays, received_days
from signage.store.plays.archive_days import ArchiveDayRow

ACTOR_ID = "system"
_LOOKAHEAD_PLAYS = 1_000
"""Plays after the last one of a day that are read, to correct clocks that were set only then."""

_RAW_FILE, _SEALED_FILE = "plays.raw", "sealed.parquet"
_EMPTY_DAY = ArchiveDayRow("", "", "", 0, 0, 0, 0, 0)
_log = logging.getLogger(__name__)

EvidenceContextFactory = Callable[[Connection], EvidenceContext]


def seal_due_days(
    store: Store, clock: Clock, archive: Archive, evidence: EvidenceContextFactory, config: EvidenceConfig
) -> list[ArchiveDayRow]:
    """Seal every day that ended long enough ago; return the days sealed now."""
    delete_superseded_files(store, archive)
    last_day = clock.now().astimezone(UTC).date() - timedelta(days=max(config.seal_after_days, 1))
    with store.read() as connection:
        due = [day for day in received_days.list_received_days(connection) if day < last_day.isoformat()]
    sealed: list[ArchiveDayRow] = []
    for day in due:
        try:
            archive_day = seal_day(store, clock, archive, evidence, day)
        except (OSError, get_duckdb_error()):  # its plays stay in the database; other days are still sealed
            _log.exception("%s could not be sealed and is retried", day)
            continue
        sealed += [archive_day] if archive_day is not None else []
    return sealed


def seal_day(
    store: Store, clock: Clock, archive: Archive, evidence: EvidenceContextFactory, day: str
) -> ArchiveDayRow | None:
    """Seal one day: its file is complete on disk before its plays leave the database.

    A day that is sealed already gets a new file with the plays of both. Return None, with nothing changed, where its
    file is damaged or more plays of the day were received meanwhile.
    """
    begin_ms, end_ms = _get_day_bounds(day)
    with store.read() as connection:
        former = table.get_archive_day(connection, day)
        if former is not None and VerifiedArchive(connection, archive, rehash=True).list_damaged([former]):
            _log.error("%s: its archive file is damaged: plays received since are not sealed", day)
            return None
    name = archive.format_name(day, 1 if former is None else archive.parse_number(former.name) + 1)
    target = archive.get_path(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.folder, prefix=".sealing-") as temporary:
        work = Path(temporary)
        empty = replace(_EMPTY_DAY, day=day, name=name, sealed_ms=to_ms(clock.now()))
        with store.read() as connection, store.read() as evidence_connection:
            judged = _judge_day(connection, evidence(evidence_connection), begin_ms, end_ms)
            archive_day, ranges = _write_raw_rows(judged, work, empty)
        new_plays = archive_day.plays
        archive_day = _finish_file(archive, work, archive_day, former)
        (work / _SEALED_FILE).rename(target)
    _sync_to_disk(target.parent)
    with store.write() as connection:
        if (
            received_days.count_plays_between(connection, begin_ms, end_ms) != new_plays
            or table.get_archive_day(connection, day) != former
        ):
            return None
        _record_sealing(connection, clock.now(), archive_day, ranges, former)
        received_days.delete_plays_between(connection, begin_ms, end_ms)
    return archive_day


def delete_superseded_files(store: Store, archive: Archive) -> None:
    """Delete files that were sealed again into a newer file of their day, once that one is verified.

    They are deleted in the next round, so that readers with an older view of the database still find them.
    """
    with store.read() as connection:
        verified = VerifiedArchive(connection, archive)
        for day in verified.list_days():
            numbers = range(1, archive.parse_number(day.name))
            paths = [archive.get_path(archive.format_name(day.day, number)) for number in numbers]
            superseded = [path for path in paths if path.exists()]
            if superseded and verified.list_intact([day]):
                for path in superseded:
                    path.unlink(missing_ok=True)


def _record_sealing(
    connection: Connection,
    at: datetime,
    archive_day: ArchiveDayRow,
    ranges: list[tuple[int, int, int]],
    former: ArchiveDayRow | None,
) -> None:
    table.delete_archive_day(connection, archive_day.day)
    table.create_archive_day(connection, archive_day, ranges)
    details: dict[str, object] = {
        "sha256": archive_day.sha256,
        "bytes": archive_day.bytes,
        "plays": archive_day.plays,
        "file": archive_day.name,
    }
    if former is not None:
        details["replaces"] = {"sha256": former.sha256, "plays": former.plays, "file": former.name}
    audit.append_entry(connection, at, ACTOR_ID, table.SEAL_VERB, archive_day.day, details)


def delete_expired_days(store: Store, clock: Clock, archive: Archive, config: EvidenceConfig) -> list[ArchiveDayRow]:
    """Delete the files of days past their retention, each with an entry of the log."""
    first_day = (clock.now().astimezone(UTC).date() - timedelta(days=config.effective_keep_days)).isoformat()
    with store.read() as connection:
        expired = [day for day in table.list_archive_days(connection) if day.day < first_day]
    for day in expired:
        with store.write() as connection:
            table.delete_archive_day(connection, day.day)
            details = {"sha256": day.sha256, "plays": day.plays, "keep_days": config.effective_keep_days}
            audit.append_entry(connection, clock.now(), ACTOR_ID, "plays.expire", day.day, details)
        shutil.rmtree(archive.get_path(day.name).parent, ignore_errors=True)
    return expired


def _judge_day(connection: Connection, evidence: EvidenceContext, begin_ms: int, end_ms: int) -> Iterator[JudgedPlay]:
    reader = JudgedPlayReader(connection, evidence)
    for run, first, last in received_days.list_runs_between(connection, begin_ms, end_ms):
        stored = plays.iter_plays(connection, run, first, last + _LOOKAHEAD_PLAYS)
        for play in reader.judge_run(run, stored):
            if begin_ms <= play.received_ms < end_ms:
                yield play


def _write_raw_rows(
    judged: Iterable[JudgedPlay], work: Path, archive_day: ArchiveDayRow
) -> tuple[ArchiveDayRow, list[tuple[int, int, int]]]:
    """Write the plays to ``plays.raw``; return *archive_day* with its counts, and its ranges (run id, first, last)."""
    ranges: list[tuple[int, int, int]] = []
    count, first_ms, last_ms = 0, 2**62, -(2**62)
    with (work / _RAW_FILE).open("w", encoding="utf-8", newline="") as file:
        for run_id, run_plays in groupby(write_raw_rows(file, judged), key=lambda play: play.run_id):
            seqs: list[int] = []
            for play in run_plays:
                seqs.append(play.seq)
                first_ms, last_ms = min(first_ms, play.corrected_ms), max(last_ms, play.corrected_ms)
            count += len(seqs)
            ranges += [(run_id, first, last) for first, last in gaps.group_into_ranges(seqs)]
    return replace(archive_day, plays=count, started_from_ms=first_ms, started_to_ms=last_ms), ranges


def _finish_file(
    archive: Archive, work: Path, archive_day: ArchiveDayRow, former: ArchiveDayRow | None
) -> ArchiveDayRow:
    """Write the Parquet file, with the rows of *former*; then count the rows on disk, because that file is deleted."""
    target = work / _SEALED_FILE
    existing = None if former is None else archive.get_path(former.name)
    write_parquet(work / _RAW_FILE, target, COLUMNS, order="ORDER BY screen, run_id, seq", existing=existing)
    _sync_to_disk(target)
    if former is not None:
        archive_day = replace(
            archive_day,
            plays=archive_day.plays + former.plays,
            started_from_ms=min(archive_day.started_from_ms, former.started_from_ms),
            started_to_ms=max(archive_day.started_to_ms, former.started_to_ms),
        )
        if archive.count_plays(target) != archive_day.plays:
            raise OSError(f"{archive_day.name}: other than {archive_day.plays} plays on disk")
    return replace(archive_day, sha256=hash_file(target, rehash=True) or "", bytes=target.stat().st_size)


def _get_day_bounds(day: str) -> tuple[int, int]:
    begin = datetime.combine(date.fromisoformat(day), time(), UTC)
    return to_ms(begin), to_ms(begin + timedelta(days=1))


def _sync_to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
