"""Converts clips in the background, one after the other, each once; a crash loses none.

1. Requests are rows of the table ``renditions``. A worker claims a row with a lease and renews it while it works.
2. The row of a worker that ended, or whose lease expired, is reclaimed. A row that lost ``MAX_TRIES`` workers has
   failed: the clip crashes them.
3. A clip that cannot be converted fails for good. On a full disk the worker waits. A try for which the machine was too
   busy counts as one that lost its worker.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable

from signage.clock import Clock
from signage.library.blobs import BlobStore
from signage.library.catalog import RENDITION_LEASE
from signage.library.codecs.clip_jobs import RenditionSpec
from signage.library.rendition_maker import convert_clip
from signage.library.rendition_specs import decode_spec, get_preview_kind
from signage.library.sandbox.media_error import MediaError
from signage.library.sandbox.supervisor import SandboxPool
from signage.library.settings import LibraryConfig
from signage.loops import forget_loop, guard_turn, report_well
from signage.protocol.playlist import PlaylistMedia
from signage.store import change_counter
from signage.store.engine import Connection, Store
from signage.store.library import clips
from signage.store.library import renditions as rows

MAX_TRIES = 3
CHANGE_TOPIC = "renditions"
LOOP = "renditions"
_MAX_TURN_S = 300.0
_FAILURE_WAIT_S = 2.0
_IDLE_WAIT_S = 0.5
_DISK_FULL_WAIT_S = 15.0
_PROGRESS_INTERVAL_S = 1.0
_CLEANUP_INTERVAL_S = 600.0
_log = logging.getLogger(__name__)


class _WorkStoppedError(Exception):
    """The conversion in progress is to be abandoned."""


class RenditionWorker:
    """Converts the clips that wait in the table ``renditions``."""

    def __init__(
        self, store: Store, blobs: BlobStore, config: LibraryConfig, clock: Clock, sandbox: SandboxPool | None = None
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._config = config
        self._clock = clock
        self._sandbox = sandbox or SandboxPool()
        self._cleaned_at: float | None = None
        self._name = f"{socket.gethostname()}:{os.getpid()}:{id(self):x}"

    def run(self, stop: threading.Event, clean_up: Callable[[], object] = lambda: None) -> None:
        """Convert until *stop* is set; a conversion in progress then waits again. Calls *clean_up* periodically."""
        guard_turn("orphans", self.reclaim_orphaned)
        forget_loop("orphans")
        try:
            while not stop.is_set():
                if not guard_turn(LOOP, lambda: self._take_turn(stop, clean_up), _MAX_TURN_S):
                    stop.wait(_FAILURE_WAIT_S)
        finally:
            forget_loop(LOOP)
            self._sandbox.close()
            with self._store.write() as connection:
                rows.release_claims(connection, self._name)

    def _take_turn(self, stop: threading.Event, clean_up: Callable[[], object]) -> None:
        if self._cleaned_at is None or time.monotonic() - self._cleaned_at >= _CLEANUP_INTERVAL_S:
            self._cleaned_at = time.monotonic()
            clean_up()
        if not self._process_next(stop):
            stop.wait(_IDLE_WAIT_S)

    def drain(self) -> int:
        """Convert all that waits now; return how many were made or failed."""
        count = 0
        while self._process_next(threading.Event()):
            count += 1
        return count

    def stop(self) -> None:
        """End the conversion in progress. For another thread than ``run``, after *stop* was set."""
        self._sandbox.close()

    def reclaim_orphaned(self) -> None:
        """Reclaim the rows of processes of this machine that have ended."""
        with self._store.read() as connection:
            claimed = rows.list_claimed_renditions(connection)
        orphaned = [row for row in claimed if row.worker and _is_process_gone(row.worker)]
        if orphaned:
            with self._store.write() as connection:
                for row in orphaned:
                    rows.reclaim_rendition(connection, row.key, str(row.worker))

    def _process_next(self, stop: threading.Event) -> bool:
        now = self._clock.now()
        with self._store.read() as connection:
            if not rows.has_waiting_renditions(connection, now):
                return False
        with self._store.write() as connection:
            row = rows.claim_next_rendition(connection, self._name, now, RENDITION_LEASE, MAX_TRIES)
        if row is None:
            return False
        spec = decode_spec(row.recipe)
        if spec is None:  # written by an older version; requested anew where it is still needed
            with self._store.write() as connection:
                rows.delete_rendition(connection, row.key)
            return True
        try:
            media = convert_clip(
                spec, self._blobs, self._sandbox, self._config, self._create_progress_callback(row.key, stop)
            )
        except MediaError as error:
            self._handle_media_error(row, error, stop)
        except _WorkStoppedError:
            return False
        except OSError as error:
            _log.warning("rendition %s waits: %s", row.key, error)
            self._release_and_wait(row.key, stop)
        else:
            self._store_result(row, spec, media)
        return True

    def _handle_media_error(self, row: rows.RenditionRow, error: MediaError, stop: threading.Event) -> None:
        if stop.is_set():  # ``stop`` ended the conversion, not the clip
            return
        if error.code == "library-disk-full":
            self._release_and_wait(row.key, stop)
            return
        if error.code == "library-busy":
            with self._store.write() as connection:
                rows.reclaim_rendition(connection, row.key, self._name)
            return
        _log.warning("clip %s cannot be converted: %s", row.sha256, error)
        with self._store.write() as connection:
            self._finish_rendition(connection, row.key, "failed", rows.RenditionFailure(error.code, error.facts))

    def _release_and_wait(self, key: str, stop: threading.Event) -> None:
        with self._store.write() as connection:
            rows.release_claims(connection, self._name)
        stop.wait(_DISK_FULL_WAIT_S)

    def _store_result(self, row: rows.RenditionRow, spec: RenditionSpec, media: tuple[PlaylistMedia, ...]) -> None:
        with self._store.write() as connection:
            self._finish_rendition(connection, row.key, "done", media)
            kind = get_preview_kind(spec)
            if kind is not None:
                clips.set_preview_image(connection, spec.sha256, kind, media[0].sha256)

    def _finish_rendition(
        self, connection: Connection, key: str, state: rows.RenditionState, result: rows.RenditionResult
    ) -> None:
        rows.finish_rendition(connection, key, state, result, self._clock.now())
        change_counter.increment(connection, CHANGE_TOPIC)

    def _create_progress_callback(self, key: str, stop: threading.Event) -> Callable[[float], None]:
        reported_at_s = time.monotonic()

        def report(progress: float) -> None:
            nonlocal reported_at_s
            if stop.is_set():
                raise _WorkStoppedError
            if time.monotonic() - reported_at_s >= _PROGRESS_INTERVAL_S:
                reported_at_s = time.monotonic()
                report_well(LOOP, _MAX_TURN_S)
                with self._store.write() as connection:
                    rows.update_progress(connection, key, self._name, progress, self._clock.now() + RENDITION_LEASE)

        return report


def _is_process_gone(worker: str) -> bool:
    """Whether *worker* (``host:pid:id``) ran on this machine and its process has ended."""
    host, _, rest = worker.partition(":")
    pid = rest.partition(":")[0]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
