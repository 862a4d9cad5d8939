"""The intake of plays: many screens send at once, one writer commits for all of them (group commit).

1. A batch is answered only once it is durable. The transaction that holds it also holds the others that waited.
2. When the store fails, nothing was acknowledged: every waiter gets the error, and the screens send again.
3. A batch that the writer stumbles over fails alone: the others are committed without it.
"""

import contextlib
import os
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime

from signage.clock import Clock
from signage.evidence.play_parser import PlayBatch, parse_batch
from signage.messages import render_message
from signage.protocol.epoch import to_ms
from signage.protocol.plays import PlayAcknowledgement, PlayRejection
from signage.store.engine import Connection, Store
from signage.store.plays import gaps
from signage.store.plays import plays as table

_MAX_BATCHES = 512
_MAX_PLAYS = 40_000
_ANSWER_TIMEOUT_S = 60.0


class IngestClosedError(Exception):
    """The intake takes nothing any more; the screen sends again later."""


@dataclass(frozen=True, slots=True)
class _PendingBatch:
    screen: str
    batch: PlayBatch
    received_ms: int
    acknowledgement: "Future[PlayAcknowledgement]" = field(default_factory=Future)


class PlayIngest:
    """Takes plays from many threads. *from_archive* finds the contents of plays that are sealed already."""

    def __init__(self, store: Store, clock: Clock, from_archive: table.ArchiveLookup | None = None) -> None:
        self._store = store
        self._clock = clock
        self._from_archive = from_archive
        self._queue: queue.SimpleQueue[_PendingBatch | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._writer: threading.Thread | None = None
        self._pid = 0
        self._closed = False

    def submit(self, screen_id: str, body: bytes, received_at: datetime | None = None) -> PlayAcknowledgement:
        """Store what *body* holds; returns once it is on disk. Raises Refused where the body is refused whole."""
        received_ms = to_ms(received_at or self._clock.now())
        waiting = _PendingBatch(screen_id, parse_batch(body, screen_id, received_ms), received_ms)
        with self._lock:
            if self._closed:
                raise IngestClosedError
            self._ensure_writer()
            self._queue.put(waiting)
        return waiting.acknowledgement.result(timeout=_ANSWER_TIMEOUT_S)

    def close(self) -> None:
        """Commit what waits and stop the writer."""
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
            self._writer = threading.Thread(target=self._run_writer, name="intake", daemon=True)
            self._writer.start()

    def _run_writer(self) -> None:
        last = False
        while not last:
            group, last = self._collect_group()
            if group:
                self._commit_group(group)

    def _collect_group(self) -> tuple[list[_PendingBatch], bool]:
        first = self._queue.get()
        if first is None:
            return [], True
        group, plays = [first], len(first.batch.records)
        while len(group) < _MAX_BATCHES and plays < _MAX_PLAYS:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                break
            if waiting is None:
                return group, True
            group.append(waiting)
            plays += len(waiting.batch.records)
        return group, False

    def _commit_group(self, group: Sequence[_PendingBatch]) -> None:
        answers: list[PlayAcknowledgement] = []
        stumbled = False
        try:
            with self._store.write() as connection:
                for waiting in group:
                    try:
                        answers.append(
                            store_batch(
                                connection, waiting.screen, waiting.batch, waiting.received_ms, self._from_archive
                            )
                        )
                    except (ArithmeticError, LookupError, TypeError, ValueError, AssertionError):
                        stumbled = True
                        raise
        except Exception as error:
            if stumbled and len(group) > 1:
                for waiting in group:
                    self._commit_group([waiting])
                return
            for waiting in group:
                with contextlib.suppress(Exception):
                    waiting.acknowledgement.set_exception(error)
            return
        for waiting, answer in zip(group, answers, strict=True):
            waiting.acknowledgement.set_result(answer)


def store_batch(
    connection: Connection,
    screen: str,
    batch: PlayBatch,
    received_ms: int,
    from_archive: table.ArchiveLookup | None = None,
) -> PlayAcknowledgement:
    """Store a batch in the caller's transaction."""
    run = table.get_or_create_run(connection, screen, batch.run, received_ms)
    added = table.add_plays(connection, run, batch.records, from_archive)
    refusals = [gaps.RejectedRecord(unread.seq, unread.why, unread.bytes) for unread in batch.unreadable]
    refusals += _list_conflicts(batch, added.conflicts)
    gaps.add_lost_ranges(connection, run.id, batch.lost, received_ms)
    gaps.add_rejected_records(connection, run.id, refusals, received_ms)
    seqs = [record.seq for record in batch.records] + [u.seq for u in batch.unreadable if u.seq is not None]
    through = table.settle_numbers(connection, run, seqs, batch.lost, received_ms)
    rejected = tuple(PlayRejection(refusal.seq, refusal.why) for refusal in refusals)
    return PlayAcknowledgement(through, added.stored, added.duplicates, rejected)


def _list_conflicts(batch: PlayBatch, conflicts: Sequence[table.ReceivedPlay]) -> list[gaps.RejectedRecord]:
    why = render_message("play-other-content", "en", {})
    return [gaps.RejectedRecord(play.seq, why, batch.get_record_bytes(play), conflict=True) for play in conflicts]
