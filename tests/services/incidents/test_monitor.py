"""Incidents that the system detects."""

from datetime import timedelta

import pytest

from signage.model.users import SYSTEM_ACTOR
from signage.services.incidents import incidents
from signage.services.incidents import monitor as watching
from signage.services.screens import heartbeats as contacts
from signage.services.screens import registry as screens
from signage.services.settings import IncidentConfig
from tests.support.app_context import create_app_context, make_screen
from tests.support.clocks import ManualClock

CONFIG = IncidentConfig()


@pytest.fixture
def clock():
    return ManualClock("2021-03-15T08:00:00+08:00")


@pytest.fixture
def office(tmp_path, clock):
    return create_app_context(tmp_path, clock)


def open_kinds(office):
    return sorted(one.kind for one in incidents.list_incidents(office, open_only=True))


def polled(office, clock, *ids):
    contacts.record_polls(office, [(one, clock.now(), 1) for one in ids])


def test_a_silent_screen_is_one_incident_until_people_answer_it(office, clock):
    screens.create_screen(office, SYSTEM_ACTOR, make_screen("street-1", kind="street"))
    polled(office, clock, "street-1")
    clock.move((CONFIG.silent_minutes + 2) * 60 + 1)
    since = watching.detect_incidents(office, CONFIG, None)
    watching.detect_incidents(office, CONFIG, since)
    assert open_kinds(office) == ["silent"]
    polled(office, clock, "street-1")
    watching.detect_incidents(office, CONFIG, since)
    (one,) = incidents.list_incidents(office)
    assert one.over_at is not None
    assert one.step == "received"


def test_a_taxi_that_stands_still_is_not_missed_for_days(office, clock):
    screens.create_screen(office, SYSTEM_ACTOR, make_screen("taxi-1", kind="taxi-roof"))
    polled(office, clock, "taxi-1")
    clock.move(24 * 3600)
    watching.detect_incidents(office, CONFIG, None)
    assert open_kinds(office) == []
    clock.move(49 * 3600)
    watching.detect_incidents(office, CONFIG, None)
    assert open_kinds(office) == ["silent"]


def test_many_that_fall_silent_together_are_one_incident(office, clock):
    names = [f"street-{n}" for n in range(watching.MAX_SINGLE_OFFLINE_INCIDENTS + 1)]
    for name in names:
        screens.create_screen(office, SYSTEM_ACTOR, make_screen(name, kind="street"))
    polled(office, clock, *names)
    clock.move((CONFIG.silent_minutes + 2) * 60 + 1)
    watching.detect_incidents(office, CONFIG, None)
    assert open_kinds(office) == ["silent-many"]


def test_what_a_screen_tells_of_itself_raises_incidents(office, clock):
    screens.create_screen(office, SYSTEM_ACTOR, make_screen("street-1", kind="street"))
    status = {"faults": ["media-differs 315-2021/film", "signature-wrong"], "free_bytes": 1 << 20}
    status["clock"] = (clock.now() + timedelta(minutes=5)).isoformat()
    with office.store.write() as connection:
        from signage.store.screens import heartbeats as rows

        rows.record_status(connection, "street-1", clock.now(), status, 1)
    watching.detect_incidents(office, CONFIG, None)
    assert open_kinds(office) == ["clock", "disk", "failed-item", "refused-document"]
