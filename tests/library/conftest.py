"""A library over a fresh store; one jail for all tests, since what is in it starts anew for each job anyway."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from signage.library.ingest import Taking
from signage.library.rendition_worker import Worker
from signage.library.sandbox.supervisor import Jail
from signage.library.service import Library
from signage.library.settings import LibraryConfig
from signage.library.uploads import Uploads
from signage.store.engine import Store
from signage.store.migrate import prepare


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    at: datetime = field(default_factory=lambda: datetime(2021, 3, 15, 4, tzinfo=UTC))

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def move(self, by: timedelta) -> None:
        self.at += by


@pytest.fixture(scope="session")
def jail() -> Iterator[Jail]:
    jail = Jail()
    yield jail
    jail.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def config() -> LibraryConfig:
    return LibraryConfig(reserve_mb=0)


@pytest.fixture
def library(tmp_path: Path, jail: Jail, clock: Clock, config: LibraryConfig) -> Library:
    store = Store(tmp_path / "state" / "signage.db")
    prepare(store)
    library = Library(store, tmp_path / "state", config, clock)
    library.jail = jail
    library.taking = Taking(store, library.blobs, jail, config, clock)
    library.clips._taking = library.taking
    library.uploads = Uploads(store, library.blobs, library.taking, config, clock)
    return library


@pytest.fixture
def worker(library: Library, jail: Jail) -> Worker:
    return Worker(library.store, library.blobs, library.config, library.clock, jail)
