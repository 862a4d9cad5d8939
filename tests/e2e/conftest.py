"""Real installations for tests from outside."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.running import Installation


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Callable[..., Installation]]:
    """Makes installations; ends their servers when the test is over."""
    made: list[Installation] = []

    def make(name: str = "office", **options: bool) -> Installation:
        made.append(Installation(tmp_path / name, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()
