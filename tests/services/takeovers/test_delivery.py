"""Takeover delivery follows the takeover ids of published programs, not their text."""

from datetime import UTC, datetime, timedelta

import pytest

from signage.model.takeover import Takeover
from signage.publish.document import BodyProgram, PlaylistBody, encode_shared_body, get_takeover_ends
from signage.services.takeovers.delivery import record_published_takeovers
from signage.store.playlists import PlaylistRow
from signage.store.takeovers import receipts, takeovers
from tests.support.app_context import create_app_context

START = datetime(2021, 3, 15, tzinfo=UTC)
END = START + timedelta(hours=2)
SCREENS = ["taxi-0001", "taxi-0002"]


def make_body(*programs):
    """Make a body of programs (hours since START, why, takeover id), each until the next, the last until hour 9."""
    ends = [begin for begin, *_ in programs[1:]] + [9]
    return PlaylistBody(
        timezone="Asia/Shanghai",
        panel=None,
        expires_at=START + timedelta(hours=9),
        programs=tuple(
            BodyProgram(START + timedelta(hours=begin), START + timedelta(hours=end), None, 0, why, takeover_id)
            for (begin, why, takeover_id), end in zip(programs, ends, strict=True)
        ),
        items={},
        brightness=((START, 100),),
        fallback=(),
    )


@pytest.fixture
def connection(tmp_path):
    """A transaction in which the takeover ``storm`` runs from START to END on two screens."""
    context = create_app_context(tmp_path)
    with context.store.write() as connection:
        storm = Takeover("storm", 0, ("*",), START, END, "wang", "storm", blank=True)
        takeovers.create_takeover(connection, storm, SCREENS)
        yield connection
    context.store.close()


def publish(connection, serial, ends, screens=SCREENS):
    rows = [PlaylistRow(screen, serial, START, "Asia/Shanghai", "body", 0) for screen in screens]
    record_published_takeovers(connection, START, rows, {"body": ends})


def list_serials(connection):
    return [(row.serial, row.stop_serial) for row in receipts.list_deliveries(connection, "storm")]


def test_a_takeover_interrupted_by_another_ends_with_its_last_program():
    body = make_body((0, "x", "storm"), (1, "y", "flood"), (2, "x", "storm"), (3, "default", None))
    assert get_takeover_ends(body, START) == {
        "storm": START + timedelta(hours=3),
        "flood": START + timedelta(hours=2),
    }


def test_programs_before_the_issue_do_not_count():
    body = make_body((0, "x", "storm"), (1, "default", None))
    assert get_takeover_ends(body, START + timedelta(hours=1)) == {}


def test_a_reason_that_reads_like_a_takeover_is_none():
    assert get_takeover_ends(make_body((0, "takeover: storm", None)), START) == {}


def test_the_id_does_not_appear_in_the_served_document():
    with_id, without_id = make_body((0, "storm", "secret-id")), make_body((0, "storm", None))
    assert encode_shared_body(with_id, START, 30) == encode_shared_body(without_id, START, 30)


def test_the_first_playlist_of_each_screen_with_the_takeover_counts(connection):
    publish(connection, 1, {})
    publish(connection, 2, {"storm": END}, SCREENS[:1])
    publish(connection, 3, {"storm": END})
    assert list_serials(connection) == [(2, None), (3, None)]


def test_a_playlist_contains_the_stop_once_it_shows_the_takeover_no_longer(connection):
    publish(connection, 2, {"storm": END})
    stop = START + timedelta(hours=1)
    takeovers.stop_takeover(connection, "storm", stop, "wang")
    publish(connection, 3, {"storm": END})  # compiled before the stop
    publish(connection, 4, {"storm": stop}, SCREENS[:1])
    publish(connection, 5, {})
    assert list_serials(connection) == [(2, 4), (2, 5)]
