"""Renditions made in the background, one after the other, each once; a crash loses none.

1. What is asked for stands in the table of renditions; a worker claims a row for a time and renews it while it works.
2. A worker that is gone (its process is no more, or its time ran out) gives its row back. A row whose workers were
   lost ``TRIES`` times has failed: something in it takes them with it.
3. A clip that cannot be converted fails for good, and the next one is begun. A full disk is waited out; where the
   machine was too busy for it the try counts as one whose worker was lost.
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
from signage.protocol.playlist import PlaylistMedia
from signage.store import change_counter as revision
from signage.store.engine import Connection, Store
from signage.store.library import clips
from signage.store.library import renditions as rows

MAX_TRIES = 3
CHANGE_TOPIC = "renditions"
_IDLE_WAIT_S = 0.5
_DISK_FULL_WAIT_S = 15.0
_PROGRESS_INTERVAL_S = 1.0
_CLEANUP_INTERVAL_S = 600.0
_log = logging.getLogger(__name__)


class _WorkStoppedError(Exception):
    """The work under way is to be left."""


class RenditionWorker:
    """Does what waits in the table until *stop* is set (``work``)."""

    def __init__(
        self, store: Store, blobs: BlobStore, config: LibraryConfig, clock: Clock, jail: SandboxPool | None = None
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._config = config
        self._clock = clock
        self._sandbox = jail or SandboxPool()
        self._cleaned_at: float | None = None
        self._name = f"{socket.gethostname()}:{os.getpid()}:{id(self):x}"

    def run(self, stop: threading.Event, tidy: Callable[[], object] = lambda: None) -> None:
        """Make renditions until *stop*; what is under way then waits again. Calls *tidy* from time to time."""
        self.reclaim_orphaned()
        try:
            while not stop.is_set():
                if self._cleaned_at is None or time.monotonic() - self._cleaned_at >= _CLEANUP_INTERVAL_S:
                    self._cleaned_at = time.monotonic()
                    tidy()
                if not self._process_next(stop):
                    stop.wait(_IDLE_WAIT_S)
        finally:
            self._sandbox.close()
            with self._store.write() as connection:
                rows.release_claims(connection, self._name)

    def drain(self) -> int:
        """Make all that waits now; returns how many were made or failed."""
        count = 0
        while self._process_next(threading.Event()):
            count += 1
        return count

    def stop(self) -> None:
        """End the conversion under way; for a thread beside ``work``, after its *stop* was set."""
        self._sandbox.close()

    def reclaim_orphaned(self) -> None:
        """Let wait again what processes of this machine held that are no more."""
        with self._store.read() as connection:
            held = [
                row for row in rows.list_claimed_renditions(connection) if row.worker and _is_process_gone(row.worker)
            ]
        if held:
            with self._store.write() as connection:
                for row in held:
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
        recipe = decode_spec(row.recipe)
        if recipe is None:  # written by an older version; requested anew where it is still needed
            with self._store.write() as connection:
                rows.delete_rendition(connection, row.key)
            return True
        try:
            made = convert_clip(
                recipe, self._blobs, self._sandbox, self._config, self._create_progress_callback(row.key, stop)
            )
        except MediaError as unfit:
            self._handle_media_error(row, unfit, stop)
        except _WorkStoppedError:
            return False
        except OSError as error:
            _log.warning("rendition %s waits: %s", row.key, error)
            self._release_and_wait(row.key, stop)
        else:
            self._store_result(row, recipe, made)
        return True

    def _handle_media_error(self, row: rows.RenditionRow, unfit: MediaError, stop: threading.Event) -> None:
        if stop.is_set():  # it was we who ended it
            return
        if unfit.code == "library-disk-full":
            self._release_and_wait(row.key, stop)
            return
        if unfit.code == "library-busy":
            with self._store.write() as connection:
                rows.reclaim_rendition(connection, row.key, self._name)
            return
        _log.warning("clip %s cannot be converted: %s", row.sha256, unfit)
        with self._store.write() as connection:
            self._finish_rendition(connection, row.key, "failed", rows.RenditionFailure(unfit.code, unfit.facts))

    def _release_and_wait(self, key: str, stop: threading.Event) -> None:
        with self._store.write() as connection:
            rows.release_claims(connection, self._name)
        stop.wait(_DISK_FULL_WAIT_S)

    def _store_result(self, row: rows.RenditionRow, recipe: RenditionSpec, made: tuple[PlaylistMedia, ...]) -> None:
        with self._store.write() as connection:
            self._finish_rendition(connection, row.key, "done", made)
            kind = get_preview_kind(recipe)
            if kind is not None:
                clips.set_preview_image(connection, recipe.sha256, kind, made[0].sha256)

    def _finish_rendition(
        self, connection: Connection, key: str, state: rows.RenditionState, result: rows.RenditionResult
    ) -> None:
        rows.finish_rendition(connection, key, state, result, self._clock.now())
        revision.increment(connection, CHANGE_TOPIC)

    def _create_progress_callback(self, key: str, stop: threading.Event) -> Callable[[float], None]:
        told = time.monotonic()

        def tell(part: float) -> None:
            nonlocal told
            if stop.is_set():
                raise _WorkStoppedError
            if time.monotonic() - told >= _PROGRESS_INTERVAL_S:
                told = time.monotonic()
                with self._store.write() as connection:
                    rows.update_progress(connection, key, self._name, part, self._clock.now() + RENDITION_LEASE)

        return tell


def _is_process_gone(worker: str) -> bool:
    """Whether the process of that worker ran on this machine and is no more."""
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
