from pathlib import Path

import pytest

from tests.web.support import Server


@pytest.fixture
def server(tmp_path: Path) -> Server:
    """A fake installation with one screen."""
    return Server(tmp_path)
