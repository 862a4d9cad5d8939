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

import msgspec

from signage.clock import Clock
from signage.library.blobs import Blobs
from signage.library.catalog import LEASE
from signage.library.rendition_maker import convert
from signage.library.rendition_specs import Recipe
from signage.library.sandbox.media_error import Unfit
from signage.library.sandbox.supervisor import Jail
from signage.library.settings import LibraryConfig
from signage.protocol.playlist import Media
from signage.store import change_counter as revision
from signage.store.engine import Connection, Store
from signage.store.library import clips
from signage.store.library import renditions as rows

TRIES = 3
SUBJECT = "renditions"
_IDLE_S = 0.5
_FULL_S = 15.0
_TELL_S = 1.0
_TIDY_S = 600.0
_log = logging.getLogger(__name__)


class _Stopped(Exception):  # noqa: N818
    """The work under way is to be left."""


class Worker:
    """Does what waits in the table until *stop* is set (``work``)."""

    def __init__(
        self, store: Store, blobs: Blobs, config: LibraryConfig, clock: Clock, jail: Jail | None = None
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._config = config
        self._clock = clock
        self._jail = jail or Jail()
        self._tidied: float | None = None
        self._name = f"{socket.gethostname()}:{os.getpid()}:{id(self):x}"

    def work(self, stop: threading.Event, tidy: Callable[[], object] = lambda: None) -> None:
        """Make renditions until *stop*; what is under way then waits again. Calls *tidy* from time to time."""
        self.take_back()
        try:
            while not stop.is_set():
                if self._tidied is None or time.monotonic() - self._tidied >= _TIDY_S:
                    self._tidied = time.monotonic()
                    tidy()
                if not self._once(stop):
                    stop.wait(_IDLE_S)
        finally:
            self._jail.close()
            with self._store.write() as connection:
                rows.release(connection, self._name)

    def run_dry(self) -> int:
        """Make all that waits now; returns how many were made or failed."""
        count = 0
        while self._once(threading.Event()):
            count += 1
        return count

    def stop(self) -> None:
        """End the conversion under way; for a thread beside ``work``, after its *stop* was set."""
        self._jail.close()

    def take_back(self) -> None:
        """Let wait again what processes of this machine held that are no more."""
        with self._store.read() as connection:
            held = [row for row in rows.working(connection) if row.worker and _is_gone(row.worker)]
        if held:
            with self._store.write() as connection:
                for row in held:
                    rows.give_back(connection, row.key, str(row.worker))

    def _once(self, stop: threading.Event) -> bool:
        now = self._clock.now()
        with self._store.read() as connection:
            if not rows.anything(connection, now):
                return False
        with self._store.write() as connection:
            row = rows.claim(connection, self._name, now, LEASE, TRIES)
        if row is None:
            return False
        recipe = msgspec.convert(row.recipe, Recipe)
        try:
            made = convert(recipe, self._blobs, self._jail, self._config, self._teller(row.key, stop))
        except Unfit as unfit:
            self._unfit(row, unfit, stop)
        except _Stopped:
            return False
        except OSError as error:
            _log.warning("rendition %s waits: %s", row.key, error)
            self._give_back(row.key, stop)
        else:
            self._done(row, recipe, made)
        return True

    def _unfit(self, row: rows.Rendition, unfit: Unfit, stop: threading.Event) -> None:
        if stop.is_set():  # it was we who ended it
            return
        if unfit.code == "library-disk-full":
            self._give_back(row.key, stop)
            return
        if unfit.code == "library-busy":
            with self._store.write() as connection:
                rows.give_back(connection, row.key, self._name)
            return
        _log.warning("clip %s cannot be converted: %s", row.sha256, unfit)
        with self._store.write() as connection:
            self._finish(connection, row.key, "failed", {"code": unfit.code, "facts": unfit.facts})

    def _give_back(self, key: str, stop: threading.Event) -> None:
        with self._store.write() as connection:
            rows.release(connection, self._name)
        stop.wait(_FULL_S)

    def _done(self, row: rows.Rendition, recipe: Recipe, made: tuple[Media, ...]) -> None:
        with self._store.write() as connection:
            self._finish(connection, row.key, "done", msgspec.to_builtins(made))
            which = recipe.facts.get("thumbnail")
            if which:
                clips.set_look(connection, recipe.sha256, which, made[0].sha256)

    def _finish(self, connection: Connection, key: str, state: rows.State, result: object) -> None:
        rows.finish(connection, key, state, result, self._clock.now())
        revision.bump(connection, SUBJECT)

    def _teller(self, key: str, stop: threading.Event) -> Callable[[float], None]:
        told = time.monotonic()

        def tell(part: float) -> None:
            nonlocal told
            if stop.is_set():
                raise _Stopped
            if time.monotonic() - told >= _TELL_S:
                told = time.monotonic()
                with self._store.write() as connection:
                    rows.advance(connection, key, self._name, part, self._clock.now() + LEASE)

        return tell


def _is_gone(worker: str) -> bool:
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
