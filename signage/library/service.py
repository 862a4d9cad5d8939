"""The media library of one installation: ingest, file store, renditions and their background worker."""

import threading
from pathlib import Path
from typing import Protocol

from signage.clock import Clock, SystemClock
from signage.library.blobs import BlobStore
from signage.library.catalog import RenditionCatalog
from signage.library.ingest import ClipIngest
from signage.library.item_resolver import ItemResolver
from signage.library.rendition_worker import RenditionWorker
from signage.library.sandbox.supervisor import SandboxPool
from signage.library.settings import LibraryConfig
from signage.library.uploads.service import UploadService
from signage.schedule.snapshot import ScheduleSnapshot
from signage.store.engine import Store
from signage.store.settings import StorageConfig

FOLDER_NAME = "library"
_STOP_TIMEOUT_S = 10.0


class LibrarySettings(Protocol):
    """The part of the configuration that the library reads."""

    @property
    def state(self) -> Path: ...
    @property
    def storage(self) -> StorageConfig: ...
    @property
    def library(self) -> LibraryConfig: ...


class Library:
    """Clips and renditions, in the database and in the folder ``library`` of the state folder."""

    def __init__(self, store: Store, state: Path, config: LibraryConfig, clock: Clock | None = None) -> None:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.store = store
        self.config = config
        self.clock = clock or SystemClock()
        self.blobs = BlobStore(state / FOLDER_NAME)
        self.sandbox = SandboxPool()
        self.catalog = RenditionCatalog(store, self.blobs, config, self.clock)
        self.clip_ingest = ClipIngest(store, self.blobs, self.sandbox, config, self.clock)
        self.uploads = UploadService(store, self.blobs, self.clip_ingest, config, self.clock)
        self._worker: RenditionWorker | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @classmethod
    def from_settings(cls, settings: LibrarySettings) -> "Library":
        """Return the library of an installation. Its database is opened on first use."""
        store = Store(settings.storage.database or settings.state / "signage.db")
        return cls(store, settings.state, settings.library)

    def create_resolver(self, snapshot: ScheduleSnapshot) -> ItemResolver:
        """Return the resolver of the items of *snapshot* with the media that exist now, for publishing."""
        self.catalog.forget_failures()
        return ItemResolver(self.catalog, snapshot)

    def create_forecast_resolver(self, snapshot: ScheduleSnapshot) -> ItemResolver:
        """Return the resolver of the items of *snapshot* as if all clips were converted, for simulations."""
        return ItemResolver(self.catalog, snapshot, assume_made=True)

    def find_media(self, sha256: str) -> Path | None:
        """Return the path of the media file of that hash; None where it does not exist or *sha256* is no hash."""
        try:
            path = self.blobs.get_path(sha256)
        except ValueError:
            return None
        return path if path.is_file() else None

    def start(self) -> None:
        """Convert clips in a background thread, until ``stop``."""
        if self._thread is None:
            self._stop.clear()
            self._worker = RenditionWorker(self.store, self.blobs, self.config, self.clock)
            self._thread = threading.Thread(
                target=self._worker.run, args=(self._stop, self.uploads.delete_expired), name="renditions"
            )
            self._thread.start()

    def stop(self) -> None:
        """Abandon the conversion in progress (it waits for the next start) and end the child processes."""
        self._stop.set()
        if self._thread is not None and self._worker is not None:
            self._worker.stop()
            self._thread.join(_STOP_TIMEOUT_S)
            self._thread = None
        self.sandbox.close()
