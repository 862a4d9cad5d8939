"""Opening the application context."""

import pytest

from signage.model.users import make_cli_actor
from signage.services.screens.registry import create_screen
from signage.store import playlists
from tests.support.app_context import create_app_context, make_screen
from tests.support.clocks import ManualClock

ROOT = make_cli_actor("root")


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def context(tmp_path, clock):
    made = create_app_context(tmp_path / "old", clock)
    create_screen(made, ROOT, make_screen())
    blob = made.state / "media" / "ab" / "abcdef"
    blob.parent.mkdir(parents=True)
    blob.write_bytes(b"film")
    (made.state / "incoming").mkdir()
    (made.state / "incoming" / "half").write_bytes(b"ha")
    with made.store.write() as connection:
        playlists.record_reported_serial(connection, "taxi-0001", 41)
    return made


def test_only_its_owner_may_read_the_database(tmp_path):
    (tmp_path / "var").mkdir(mode=0o755)
    context = create_app_context(tmp_path)
    with context.store.write() as connection:
        playlists.record_reported_serial(connection, "taxi-0001", 1)
        modes = {file.name: file.stat().st_mode & 0o777 for file in context.state.iterdir()}
    assert set(modes.values()) == {0o600}
