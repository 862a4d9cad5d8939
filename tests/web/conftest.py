from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.console import InMemoryInstallation
from tests.web.support import FakeInstallation


@pytest.fixture
def server(tmp_path: Path) -> FakeInstallation:
    """A fake installation with one screen."""
    return FakeInstallation(tmp_path)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[InMemoryInstallation]:
    """An installation in memory, with its console and API."""
    created = InMemoryInstallation(tmp_path)
    yield created
    created.close()
