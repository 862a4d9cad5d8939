"""The library opened: everything of it that the other rooms ask for, put together once a process."""

import threading
from dataclasses import dataclass
from pathlib import Path

from signage.clock import Clock
from signage.faults import Fault
from signage.library.background import Worker
from signage.library.blobs import Blobs
from signage.library.catalogue import Catalogue
from signage.library.contents import Contents
from signage.library.settings import LibraryConfig
from signage.model.item import PLAIN, Look
from signage.model.panel import Panel
from signage.schedule.installation import Installation
from signage.store.engine import Store

FOLDER = "library"


class OnPaper(Contents):
    """Contents for questions: a clip counts as made wherever it can be made; nothing is ordered."""

    def _length(self, name: str, panel: Panel) -> int | Fault:
        if name in self._texts:
            return super()._length(name, panel)
        campaign, item = self._items[name]
        return self._catalogue.length(campaign, item, panel)


@dataclass(frozen=True, slots=True)
class Library:
    """The library under a state folder."""

    store: Store
    blobs: Blobs
    catalogue: Catalogue
    config: LibraryConfig
    clock: Clock

    def contents(self, installation: Installation) -> Contents:
        """What is made of an installation's items; what is not made counts as absent and is ordered."""
        self.catalogue.forget()
        return Contents(self.catalogue, installation)

    def on_paper(self, installation: Installation) -> Contents:
        """Lengths as they will be once all is made: for questions, not for documents."""
        return OnPaper(self.catalogue, installation)

    def media(self, sha256: str) -> Path | None:
        """The file of servable bytes; None where there are none."""
        path = self.blobs.path(sha256)
        return path if path.is_file() else None

    def worker(self) -> Worker:
        """One that makes what was ordered."""
        return Worker(self.store, self.blobs, self.config, self.clock)


class Background:
    """The library's work, in a thread of its own."""

    def __init__(self, library: Library) -> None:
        self._worker = library.worker()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._worker.work, args=(self._stop,), name="renditions", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Leave what is under way; it waits for the next start."""
        self._stop.set()
        self._worker.stop()
        if self._thread.is_alive():
            self._thread.join(timeout=10)


def open_library(state: Path, store: Store, config: LibraryConfig, clock: Clock, house: Look = PLAIN) -> Library:
    """The library in the state folder."""
    blobs = Blobs(state / FOLDER)
    return Library(store, blobs, Catalogue(store, blobs, config, clock, house), config, clock)
