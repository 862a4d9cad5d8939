"""The library of one installation, put together: clips in, renditions out."""

import threading
from pathlib import Path
from typing import Literal, Protocol

from signage.clock import Clock, SystemClock
from signage.library.blobs import Blobs
from signage.library.catalog import Catalogue
from signage.library.ingest import Taking
from signage.library.item_resolver import Contents
from signage.library.rendition_worker import Worker
from signage.library.sandbox.supervisor import Jail
from signage.library.settings import LibraryConfig
from signage.library.uploads import Uploads
from signage.schedule.snapshot import Installation
from signage.store.engine import Store
from signage.store.settings import StorageConfig

FOLDER_NAME = "library"
_END_S = 10.0


class Settings(Protocol):
    """What of the configuration the library needs."""

    @property
    def state(self) -> Path: ...
    @property
    def storage(self) -> StorageConfig: ...
    @property
    def library(self) -> LibraryConfig: ...


class Library:
    """Clips and renditions over a store and the folder ``library`` of the state."""

    def __init__(self, store: Store, state: Path, config: LibraryConfig, clock: Clock | None = None) -> None:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.store = store
        self.config = config
        self.clock = clock or SystemClock()
        self.blobs = Blobs(state / FOLDER_NAME)
        self.jail = Jail()
        self.catalogue = Catalogue(store, self.blobs, config, self.clock)
        self.taking = Taking(store, self.blobs, self.jail, config, self.clock)
        self.uploads = Uploads(store, self.blobs, self.taking, config, self.clock)
        self.clips = FolderClips(self.taking, self.catalogue)
        self._worker: Worker | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @classmethod
    def of(cls, settings: Settings) -> "Library":
        """The library of an installation. Its database is opened when it is first needed."""
        store = Store(settings.storage.database or settings.state / "signage.db")
        return cls(store, settings.state, settings.library)

    def contents(self, installation: Installation) -> Contents:
        """What is known of the items of *installation*, for publishing."""
        self.catalogue.forget()
        return Contents(self.catalogue, installation)

    def media(self, sha256: str) -> Path | None:
        """The file of servable bytes of that hash; None where there is none, or it is no hash."""
        try:
            path = self.blobs.path(sha256)
        except ValueError:
            return None
        return path if path.is_file() else None

    def start(self) -> None:
        """Make renditions in the background, until ``stop``."""
        if self._thread is None:
            self._stop.clear()
            self._worker = Worker(self.store, self.blobs, self.config, self.clock)
            self._thread = threading.Thread(
                target=self._worker.work, args=(self._stop, self.uploads.sweep), name="renditions"
            )
            self._thread.start()

    def stop(self) -> None:
        """Leave what is under way (it waits for the next start) and end the child processes."""
        self._stop.set()
        if self._thread is not None and self._worker is not None:
            self._worker.stop()
            self._thread.join(_END_S)
            self._thread = None
        self.jail.close()


class FolderClips:
    """How the watched folder reaches the library: a file that did not change is not read again."""

    def __init__(self, taking: Taking, catalogue: Catalogue) -> None:
        self._taking = taking
        self._catalogue = catalogue

    def take_in(self, path: Path, name: str) -> str:
        """Check and keep the file at *path*; returns the sha256 of its bytes. Raises Refused when it is no clip."""
        return self._taking.take_in_file(path, name).sha256

    def kind(self, sha256: str) -> Literal["picture", "animation", "film"] | None:
        """What a clip is; None where there is none of those bytes."""
        facts = self._catalogue.facts(sha256)
        return facts.kind if facts else None
