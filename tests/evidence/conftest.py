from datetime import UTC, datetime, timedelta

import pytest

from signage.evidence.play_ingest import PlayIngest
from signage.store.engine import Store, metadata
from signage.store.migrate import import_table_modules


class SetClock:
    """A clock that shows the time it is set to."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def on(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def clock():
    return SetClock(datetime(2021, 3, 15, 1, 0, tzinfo=UTC))


@pytest.fixture
def store(tmp_path):
    import_table_modules()
    store = Store(tmp_path / "signage.db")
    with store.write() as connection:
        metadata.create_all(connection)
    yield store
    store.close()


@pytest.fixture
def intake(store, clock):
    intake = PlayIngest(store, clock)
    yield intake
    intake.close()
