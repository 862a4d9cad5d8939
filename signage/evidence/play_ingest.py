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
from signage.evidence.play_parser import Batch, read
from signage.messages import say
from signage.protocol.plays import Acknowledged, Rejected
from signage.store.column_types import to_ms
from signage.store.engine import Connection, Store
from signage.store.plays import gaps
from signage.store.plays import plays as table

_MOST_BATCHES = 512
_MOST_PLAYS = 40_000
_WAIT_S = 60.0


class IntakeClosedError(Exception):
    """The intake takes nothing any more; the screen sends again later."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    screen: str
    batch: Batch
    received_ms: int
    answer: "Future[Acknowledged]" = field(default_factory=Future)


class Intake:
    """Takes plays from many threads. *from_archive* finds the contents of plays that are sealed already."""

    def __init__(self, store: Store, clock: Clock, from_archive: table.FromArchive | None = None) -> None:
        self._store = store
        self._clock = clock
        self._from_archive = from_archive
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._writer: threading.Thread | None = None
        self._pid = 0
        self._closed = False

    def submit(self, screen_id: str, body: bytes, received_at: datetime | None = None) -> Acknowledged:
        """Store what *body* holds; returns once it is on disk. Raises Refused where the body is refused whole."""
        batch = read(body)
        waiting = _Waiting(screen_id, batch, to_ms(received_at or self._clock.now()))
        with self._guard:
            if self._closed:
                raise IntakeClosedError
            self._start()
            self._queue.put(waiting)
        return waiting.answer.result(timeout=_WAIT_S)

    def close(self) -> None:
        """Commit what waits and stop the writer."""
        with self._guard:
            self._closed = True
            writer = self._writer if self._pid == os.getpid() else None
            if writer is not None:
                self._queue.put(None)
        if writer is not None:
            writer.join()

    def _start(self) -> None:
        if self._pid != os.getpid() or self._writer is None or not self._writer.is_alive():
            self._pid = os.getpid()
            self._writer = threading.Thread(target=self._work, name="intake", daemon=True)
            self._writer.start()

    def _work(self) -> None:
        last = False
        while not last:
            group, last = self._collect()
            if group:
                self._commit(group)

    def _collect(self) -> tuple[list[_Waiting], bool]:
        first = self._queue.get()
        if first is None:
            return [], True
        group, plays = [first], len(first.batch.records)
        while len(group) < _MOST_BATCHES and plays < _MOST_PLAYS:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                break
            if waiting is None:
                return group, True
            group.append(waiting)
            plays += len(waiting.batch.records)
        return group, False

    def _commit(self, group: Sequence[_Waiting]) -> None:
        answers: list[Acknowledged] = []
        stumbled = False
        try:
            with self._store.write() as connection:
                for waiting in group:
                    try:
                        answers.append(
                            settle(connection, waiting.screen, waiting.batch, waiting.received_ms, self._from_archive)
                        )
                    except (ArithmeticError, LookupError, TypeError, ValueError, AssertionError):
                        stumbled = True
                        raise
        except Exception as error:
            if stumbled and len(group) > 1:
                for waiting in group:
                    self._commit([waiting])
                return
            for waiting in group:
                with contextlib.suppress(Exception):
                    waiting.answer.set_exception(error)
            return
        for waiting, answer in zip(group, answers, strict=True):
            waiting.answer.set_result(answer)


def settle(
    connection: Connection,
    screen: str,
    batch: Batch,
    received_ms: int,
    from_archive: table.FromArchive | None = None,
) -> Acknowledged:
    """Store a batch in the caller's transaction."""
    run = table.open_run(connection, screen, batch.run, received_ms)
    added = table.add(connection, run, batch.records, received_ms, from_archive)
    refusals = [gaps.Refusal(unread.seq, unread.why, unread.bytes) for unread in batch.unread]
    refusals += _conflicts(batch, added.conflicts)
    gaps.note_lost(connection, run.id, batch.lost, received_ms)
    gaps.note_rejected(connection, run.id, refusals, received_ms)
    seqs = [record.seq for record in batch.records] + [u.seq for u in batch.unread if u.seq is not None]
    through = table.advance(connection, run, seqs, batch.lost, received_ms)
    rejected = tuple(Rejected(refusal.seq, refusal.why) for refusal in refusals)
    return Acknowledged(through, added.stored, added.duplicates, rejected)


def _conflicts(batch: Batch, conflicts: Sequence[table.Sent]) -> list[gaps.Refusal]:
    why = say("play-other-content", "en", {})
    return [gaps.Refusal(play.seq, why, batch.bytes_of(play), conflict=True) for play in conflicts]
