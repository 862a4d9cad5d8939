"""Stores batches of plays: many screens send at once, one writer thread commits for all of them (group commit).

1. A batch is acknowledged only once it is durable, in one transaction with the other pending batches.
2. If the database fails, nothing is acknowledged: every sender gets the error, and the screens send again.
3. A batch that raises an error fails alone: the others are committed without it.
4. What a screen has stored in a day (UTC) is bounded (``[plays] mb_per_day``), so that one token cannot fill the disk;
   below the disk's reserve nothing is taken in. Of a rejected record its sha256 and first KB are stored.
"""

import contextlib
import os
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from signage.clock import Clock
from signage.evidence.play_parser import PlayBatch, parse_batch
from signage.evidence.settings import PlaysConfig
from signage.messages import render_message
from signage.protocol.epoch import to_ms
from signage.protocol.plays import PlayAcknowledgement, PlayRejection
from signage.store.disk_reserve import DiskReserve
from signage.store.engine import Connection, Store
from signage.store.plays import gaps, received_bytes
from signage.store.plays import plays as table

_MAX_BATCHES = 512
_MAX_PLAYS = 40_000
_ANSWER_TIMEOUT_S = 60.0
_RESERVE_RETRY_S = 60
_ROW_BYTES = 200
_DEFAULT_CONFIG = PlaysConfig()


class IngestLimitError(Exception):
    """Nothing of the batch was stored (rule 4); the screen keeps its plays and sends them again."""

    def __init__(self, code: Literal["plays-budget", "plays-reserve"], retry_after_s: int) -> None:
        self.code, self.retry_after_s = code, retry_after_s
        super().__init__(code)


class IngestClosedError(Exception):
    """The ingest is closed; the screen sends again later."""


@dataclass(frozen=True, slots=True)
class _PendingBatch:
    screen: str
    batch: PlayBatch
    received_ms: int
    acknowledgement: "Future[PlayAcknowledgement]" = field(default_factory=Future)


class PlayIngest:
    """Ingests plays from many threads. *from_archive* finds the contents of sealed plays."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        from_archive: table.ArchiveLookup | None = None,
        config: PlaysConfig = _DEFAULT_CONFIG,
        disk_reserve: DiskReserve | None = None,
    ) -> None:
        self._bytes_per_day = config.mb_per_day << 20
        self._disk_reserve = disk_reserve
        self._store = store
        self._clock = clock
        self._from_archive = from_archive
        self._queue: queue.SimpleQueue[_PendingBatch | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._writer: threading.Thread | None = None
        self._pid = 0
        self._closed = False

    def submit(self, screen_id: str, body: bytes, received_at: datetime | None = None) -> PlayAcknowledgement:
        """Store the plays in *body*; return once they are on disk. Raises Refused where the whole body is refused."""
        if self._disk_reserve is not None and not self._disk_reserve.has_room():
            raise IngestLimitError("plays-reserve", _RESERVE_RETRY_S)
        received_ms = to_ms(received_at or self._clock.now())
        pending = _PendingBatch(screen_id, parse_batch(body, screen_id, received_ms), received_ms)
        with self._lock:
            if self._closed:
                raise IngestClosedError
            self._ensure_writer()
            self._queue.put(pending)
        return pending.acknowledgement.result(timeout=_ANSWER_TIMEOUT_S)

    def close(self) -> None:
        """Commit the pending batches and stop the writer."""
        with self._lock:
            self._closed = True
            writer = self._writer if self._pid == os.getpid() else None
            if writer is not None:
                self._queue.put(None)
        if writer is not None:
            writer.join()

    def _ensure_writer(self) -> None:
        if self._pid != os.getpid() or self._writer is None or not self._writer.is_alive():
            self._pid = os.getpid()
            self._writer = threading.Thread(target=self._run_writer, name="play-ingest", daemon=True)
            self._writer.start()

    def _run_writer(self) -> None:
        is_last = False
        while not is_last:
            group, is_last = self._collect_group()
            if group:
                self._commit_group(group)

    def _collect_group(self) -> tuple[list[_PendingBatch], bool]:
        first = self._queue.get()
        if first is None:
            return [], True
        group, plays = [first], len(first.batch.records)
        while len(group) < _MAX_BATCHES and plays < _MAX_PLAYS:
            try:
                pending = self._queue.get_nowait()
            except queue.Empty:
                break
            if pending is None:
                return group, True
            group.append(pending)
            plays += len(pending.batch.records)
        return group, False

    def _commit_group(self, group: Sequence[_PendingBatch]) -> None:
        acknowledgements: list[PlayAcknowledgement | IngestLimitError] = []
        is_batch_faulty = False
        try:
            with self._store.write() as connection:
                for pending in group:
                    try:
                        acknowledgements.append(self._store_within_budget(connection, pending))
                    except (ArithmeticError, LookupError, TypeError, ValueError, AssertionError):
                        is_batch_faulty = True
                        raise
        except Exception as error:
            if is_batch_faulty and len(group) > 1:
                for pending in group:
                    self._commit_group([pending])
                return
            for pending in group:
                with contextlib.suppress(Exception):
                    pending.acknowledgement.set_exception(error)
            return
        for pending, acknowledgement in zip(group, acknowledgements, strict=True):
            if isinstance(acknowledgement, IngestLimitError):
                pending.acknowledgement.set_exception(acknowledgement)
            else:
                pending.acknowledgement.set_result(acknowledgement)

    def _store_within_budget(
        self, connection: Connection, pending: _PendingBatch
    ) -> PlayAcknowledgement | IngestLimitError:
        """Store a batch, or return why not (rule 4)."""
        screen, batch, received_ms = pending.screen, pending.batch, pending.received_ms
        stored_bytes = received_bytes.get_received_bytes(connection, screen, received_ms)
        if stored_bytes >= self._bytes_per_day:
            return IngestLimitError("plays-budget", _get_rest_of_day_s(received_ms))
        received_bytes.add_received_bytes(connection, screen, received_ms, _estimate_stored_bytes(batch))
        return store_batch(connection, screen, batch, received_ms, self._from_archive)


def _estimate_stored_bytes(batch: PlayBatch) -> int:
    """Estimate what a batch takes in the database: its own bytes, or its rows where they are more."""
    rows = len(batch.records) + len(batch.unreadable) + len(batch.lost)
    return max(len(batch.body), rows * _ROW_BYTES)


def _get_rest_of_day_s(received_ms: int) -> int:
    return -(-(received_bytes.DAY_MS - received_ms % received_bytes.DAY_MS) // 1000)


def store_batch(
    connection: Connection,
    screen: str,
    batch: PlayBatch,
    received_ms: int,
    from_archive: table.ArchiveLookup | None = None,
) -> PlayAcknowledgement:
    """Store a batch in the caller's transaction and return its acknowledgement."""
    run = table.get_or_create_run(connection, screen, batch.run, received_ms)
    result = table.add_plays(connection, run, batch.records, from_archive)
    rejected = [gaps.RejectedRecord(record.seq, record.why, record.bytes) for record in batch.unreadable]
    rejected += _list_conflicts(batch, result.conflicts)
    gaps.add_lost_ranges(connection, run.id, batch.lost, received_ms)
    gaps.add_rejected_records(connection, run.id, rejected, received_ms)
    seqs = [play.seq for play in batch.records] + [r.seq for r in batch.unreadable if r.seq is not None]
    through = table.settle_numbers(connection, run, seqs, batch.lost, received_ms)
    rejections = tuple(PlayRejection(record.seq, record.why) for record in rejected)
    return PlayAcknowledgement(through, result.stored, result.duplicates, rejections)


def _list_conflicts(batch: PlayBatch, conflicts: Sequence[table.ReceivedPlay]) -> list[gaps.RejectedRecord]:
    why = render_message("play-other-content", "en", {})
    return [gaps.RejectedRecord(play.seq, why, batch.get_record_bytes(play), conflict=True) for play in conflicts]
