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
from signage.evidence.archive_files import COLUMNS, Archive, JudgedPlay, encode_row, get_duckdb_error, write_parquet
from signage.evidence.archive_integrity import VerifiedArchive, hash_file
from signage.evidence.judge import PlayJudge
from signage.evidence.judged_plays import EvidenceContext, judge_run
from signage.evidence.settings import EvidenceConfig
from signage.protocol.epoch import to_ms
from signage.store import audit_log as audit
from signage.store.engine import Connection, Store
from signage.store.plays import archive_days as table
from signage.store.plays import clock_samples as clocks
from signage.store.plays import gaps, plays, received_days
from signage.store.plays.archive_days import ArchiveDayRow

ACTOR_ID = "system"
_LOOKAHEAD_PLAYS = 1_000
"""How many plays after a day's last are looked at, to put right clocks that were set only then."""

_RAW_FILE, _SEALED_FILE = "plays.raw", "sealed.parquet"
_EMPTY_DAY = ArchiveDayRow("", "", "", 0, 0, 0, 0, 0)
_log = logging.getLogger(__name__)

EvidenceContextFactory = Callable[[Connection], EvidenceContext]


def seal_due_days(
    store: Store, clock: Clock, archive: Archive, evidence: EvidenceContextFactory, config: EvidenceConfig
) -> list[ArchiveDayRow]:
    """Seal every day that is over long enough; returns those that were sealed now."""
    delete_superseded_files(store, archive)
    last = clock.now().astimezone(UTC).date() - timedelta(days=max(config.seal_after_days, 1))
    with store.read() as connection:
        due = [day for day in received_days.list_received_days(connection) if day < last.isoformat()]
    sealed: list[ArchiveDayRow] = []
    for day in due:
        try:
            made = seal_day(store, clock, archive, evidence, day)
        except (OSError, get_duckdb_error()):  # its plays stay where they are; no other day waits for it
            _log.exception("%s could not be sealed, it is tried again", day)
            continue
        sealed += [made] if made is not None else []
    return sealed


def seal_day(
    store: Store, clock: Clock, archive: Archive, evidence: EvidenceContextFactory, day: str
) -> ArchiveDayRow | None:
    """Seal one day: the file is whole on disk before its plays leave the database.

    A day that is sealed already gets a further file with the plays of both. None, and all stays as it was: its file is
    not the one that was sealed, or more came to the day meanwhile.
    """
    begin, end = _get_day_bounds(day)
    with store.read() as connection:
        former = table.get_archive_day(connection, day)
        if former is not None and VerifiedArchive(connection, archive, rehash=True).list_damaged([former]):
            _log.error("%s: its file is not the one that was sealed: what came to it since is not sealed", day)
            return None
    name = archive.format_name(day, 1 if former is None else archive.parse_number(former.name) + 1)
    target = archive.get_path(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.folder, prefix=".sealing-") as work:
        with store.read() as connection, store.read() as reading:
            found = _judge_day(connection, evidence(reading), begin, end)
            made, spans = _write_raw_rows(
                found, Path(work), replace(_EMPTY_DAY, day=day, name=name, sealed_ms=to_ms(clock.now()))
            )
        fresh = made.plays
        made = _finish_file(archive, Path(work), made, former)
        (Path(work) / _SEALED_FILE).rename(target)
    _sync_to_disk(target.parent)
    with store.write() as connection:
        if (
            received_days.count_plays_between(connection, begin, end) != fresh
            or table.get_archive_day(connection, day) != former
        ):
            return None
        _record_sealing(connection, clock.now(), made, spans, former)
        received_days.delete_plays_between(connection, begin, end)
    return made


def delete_superseded_files(store: Store, archive: Archive) -> None:
    """Delete files that were sealed again into a further one of their day, while that one is as it was sealed.

    They stay until the next look: whoever reads by what the database said before finds them.
    """
    with store.read() as connection:
        kept = VerifiedArchive(connection, archive)
        for one in kept.list_days():
            former = [
                archive.get_path(archive.format_name(one.day, n)) for n in range(1, archive.parse_number(one.name))
            ]
            former = [path for path in former if path.exists()]
            if former and kept.list_intact([one]):
                for path in former:
                    path.unlink(missing_ok=True)


def _record_sealing(
    connection: Connection,
    at: datetime,
    made: ArchiveDayRow,
    spans: list[tuple[int, int, int]],
    former: ArchiveDayRow | None,
) -> None:
    table.delete_archive_day(connection, made.day)
    table.create_archive_day(connection, made, spans)
    details: dict[str, object] = {"sha256": made.sha256, "bytes": made.bytes, "plays": made.plays, "file": made.name}
    if former is not None:
        details["replaces"] = {"sha256": former.sha256, "plays": former.plays, "file": former.name}
    audit.append_entry(connection, at, ACTOR_ID, table.SEAL_VERB, made.day, details)


def delete_expired_days(store: Store, clock: Clock, archive: Archive, config: EvidenceConfig) -> list[ArchiveDayRow]:
    """Delete the files of days that are kept no longer; each is an entry of the log."""
    first = (clock.now().astimezone(UTC).date() - timedelta(days=config.effective_keep_days)).isoformat()
    with store.read() as connection:
        over = [day for day in table.list_archive_days(connection) if day.day < first]
    for day in over:
        with store.write() as connection:
            table.delete_archive_day(connection, day.day)
            details = {"sha256": day.sha256, "plays": day.plays, "keep_days": config.effective_keep_days}
            audit.append_entry(connection, clock.now(), ACTOR_ID, "plays.expire", day.day, details)
        shutil.rmtree(archive.get_path(day.name).parent, ignore_errors=True)
    return over


def _judge_day(connection: Connection, evidence: EvidenceContext, begin: int, end: int) -> Iterator[JudgedPlay]:
    judge = PlayJudge(evidence.find_playlist)
    kept = None if evidence.archive is None else VerifiedArchive(connection, evidence.archive)
    for run, first, last in received_days.list_runs_between(connection, begin, end):
        observed = clocks.list_samples(connection, run.screen)
        near = plays.iter_plays(connection, run, first, last + _LOOKAHEAD_PLAYS)
        for proof in judge_run(connection, evidence, judge, run, observed, near, None, kept):
            if begin <= proof.received_ms < end:
                yield proof


def _write_raw_rows(
    found: Iterable[JudgedPlay], work: Path, day: ArchiveDayRow
) -> tuple[ArchiveDayRow, list[tuple[int, int, int]]]:
    """The plays as rows of ``plays.raw``; what *day* says of them, and their numbers."""
    spans: list[tuple[int, int, int]] = []
    count, first, last = 0, 2**62, -(2**62)
    numbers: list[int] = []
    run_id: int | None = None
    with (work / _RAW_FILE).open("w", encoding="utf-8", newline="") as out:
        write = csv.writer(out, lineterminator="\n").writerow
        for proof in found:
            if proof.run_id != run_id:
                spans += [(run_id, a, b) for a, b in gaps.group_into_ranges(numbers)] if run_id is not None else []
                run_id, numbers = proof.run_id, []
            numbers.append(proof.seq)
            count, first, last = count + 1, min(first, proof.corrected_ms), max(last, proof.corrected_ms)
            write(encode_row(proof))
    spans += [(run_id, a, b) for a, b in gaps.group_into_ranges(numbers)] if run_id is not None else []
    return replace(day, plays=count, started_from_ms=first, started_to_ms=last), spans


def _finish_file(archive: Archive, work: Path, made: ArchiveDayRow, former: ArchiveDayRow | None) -> ArchiveDayRow:
    """The file of the rows; of those that the *former* holds too, and then counted on disk, for that one goes."""
    target = work / _SEALED_FILE
    more = None if former is None else archive.get_path(former.name)
    write_parquet(work / _RAW_FILE, target, COLUMNS, order="ORDER BY screen, run_id, seq", existing=more)
    _sync_to_disk(target)
    if former is not None:
        made = replace(
            made,
            plays=made.plays + former.plays,
            started_from_ms=min(made.started_from_ms, former.started_from_ms),
            started_to_ms=max(made.started_to_ms, former.started_to_ms),
        )
        if archive.count_plays(target) != made.plays:
            raise OSError(f"{made.name}: other than {made.plays} plays on disk")
    return replace(made, sha256=hash_file(target, rehash=True) or "", bytes=target.stat().st_size)


def _get_day_bounds(day: str) -> tuple[int, int]:
    begin = datetime.combine(date.fromisoformat(day), time(), UTC)
    return to_ms(begin), to_ms(begin + timedelta(days=1))


def _sync_to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
