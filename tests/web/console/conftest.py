from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.console import InMemoryInstallation


@pytest.fixture
def house(tmp_path: Path) -> Iterator[InMemoryInstallation]:
    """An office in memory, with its console."""
    made = InMemoryInstallation(tmp_path)
    yield made
    made.close()
