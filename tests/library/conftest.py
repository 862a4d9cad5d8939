"""A library over a fresh store; one sandbox for all tests, since what is in it starts anew for each job anyway."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from signage.library.ingest import ClipIngest
from signage.library.rendition_worker import RenditionWorker
from signage.library.sandbox.supervisor import SandboxPool
from signage.library.service import Library
from signage.library.settings import LibraryConfig
from signage.library.uploads.service import UploadService
from signage.store.engine import Store
from signage.store.migrate import migrate_database


@dataclass
class SteppedLibraryClock:
    """A clock that stands until it is moved."""

    at: datetime = field(default_factory=lambda: datetime(2021, 3, 15, 4, tzinfo=UTC))

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def move(self, by: timedelta) -> None:
        self.at += by


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxPool]:
    sandbox = SandboxPool()
    yield sandbox
    sandbox.close()


@pytest.fixture
def clock() -> SteppedLibraryClock:
    return SteppedLibraryClock()


@pytest.fixture
def config() -> LibraryConfig:
    return LibraryConfig(reserve_mb=0)


@pytest.fixture
def library(tmp_path: Path, sandbox: SandboxPool, clock: SteppedLibraryClock, config: LibraryConfig) -> Library:
    store = Store(tmp_path / "state" / "signage.db")
    migrate_database(store)
    library = Library(store, tmp_path / "state", config, clock)
    library.sandbox = sandbox
    library.clip_ingest = ClipIngest(store, library.blobs, sandbox, config, clock)
    library.uploads = UploadService(store, library.blobs, library.clip_ingest, config, clock)
    return library


@pytest.fixture
def worker(library: Library, sandbox: SandboxPool) -> RenditionWorker:
    return RenditionWorker(library.store, library.blobs, library.config, library.clock, sandbox)
