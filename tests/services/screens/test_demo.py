"""The demo screens."""

import pytest

from signage.model.users import make_cli_actor
from signage.services.screens import demo
from signage.services.screens.registry import create_screen
from signage.store import playlists
from signage.store.screens import screens
from signage.store.token_hash import hash_token
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


def test_the_demo_screens_keep_their_tokens(context):
    first = demo.enrol_demo_screens(context)
    assert [name for name, _ in first] == ["demo-roof", "demo-street"]
    assert demo.enrol_demo_screens(context) == first
    assert (context.state / demo.TOKENS_FILE).stat().st_mode & 0o777 == 0o600
    (context.state / demo.TOKENS_FILE).unlink()
    second = demo.enrol_demo_screens(context)
    assert second != first
    with context.store.read() as connection:
        assert screens.get_screen(connection, "demo-roof").token_hash == hash_token(second[0][1])
