"""Reports of screens are recorded; an impossible serial is ignored."""

from datetime import UTC, datetime

import pytest

from signage.protocol.status import StatusMessage
from signage.services.screens import heartbeats
from signage.store import playlists
from signage.store.screens import heartbeats as kept
from tests.support.app_context import create_app_context

AT = datetime(2021, 3, 15, 4, tzinfo=UTC)


def test_serials_continue_above_a_reported_one(tmp_path):
    context = create_app_context(tmp_path)
    heartbeats.record_status(context, "taxi-0001", StatusMessage(serial=41), AT)
    heartbeats.record_status(context, "taxi-0001", StatusMessage(serial=7), AT)
    with context.store.read() as connection:
        assert playlists.get_reported_serials(connection) == {"taxi-0001": 41}
        assert kept.get_heartbeats(connection)["taxi-0001"].serial == 7


@pytest.mark.parametrize("serial", [-1, heartbeats.MAX_SERIAL + 1, 2**63 - 1, 2**63, 10**30])
def test_an_impossible_reported_serial_is_ignored(tmp_path, serial):
    context = create_app_context(tmp_path)
    heartbeats.record_status(context, "taxi-0001", StatusMessage(serial=serial, item="315-2021/slogan-01"), AT)
    with context.store.read() as connection:
        assert playlists.get_reported_serials(connection) == {}
        contact = kept.get_heartbeats(connection)["taxi-0001"]
    assert contact.serial is None and contact.status is not None and contact.status["item"] == "315-2021/slogan-01"
