from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.console import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An office in memory, with its API."""
    made = House(tmp_path)
    yield made
    made.close()
