from collections.abc import Iterator
from pathlib import Path

import pytest

from signage.store.engine import Store
from signage.store.migrate import migrate_database


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A migrated SQLite database."""
    store = Store(tmp_path / "signage.db")
    migrate_database(store)
    yield store
    store.close()
