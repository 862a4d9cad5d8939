from pathlib import Path

import pytest

from tests.web.support import FakeInstallation


@pytest.fixture
def server(tmp_path: Path) -> FakeInstallation:
    """A fake installation with one screen."""
    return FakeInstallation(tmp_path)
