"""What screens say of themselves is kept; a serial that none ever had moves nothing."""

from datetime import UTC, datetime

import pytest

from signage.protocol.status import StatusMessage
from signage.services.screens import heartbeats as contacts
from signage.store import playlists
from signage.store.screens import heartbeats as kept
from tests.support.app_context import create_app_context

AT = datetime(2021, 3, 15, 4, tzinfo=UTC)


def test_a_serial_that_a_screen_tells_of_is_gone_on_above(tmp_path):
    office = create_app_context(tmp_path)
    contacts.record_status(office, "taxi-0001", StatusMessage(serial=41), AT)
    contacts.record_status(office, "taxi-0001", StatusMessage(serial=7), AT)
    with office.store.read() as connection:
        assert playlists.get_reported_serials(connection) == {"taxi-0001": 41}
        assert kept.get_heartbeats(connection)["taxi-0001"].serial == 7


@pytest.mark.parametrize("serial", [-1, contacts.MAX_SERIAL + 1, 2**63 - 1, 2**63, 10**30])
def test_a_serial_that_no_document_had_is_not_believed(tmp_path, serial):
    office = create_app_context(tmp_path)
    contacts.record_status(office, "taxi-0001", StatusMessage(serial=serial, item="315-2021/slogan-01"), AT)
    with office.store.read() as connection:
        assert playlists.get_reported_serials(connection) == {}
        contact = kept.get_heartbeats(connection)["taxi-0001"]
    assert contact.serial is None and contact.status is not None and contact.status["item"] == "315-2021/slogan-01"
