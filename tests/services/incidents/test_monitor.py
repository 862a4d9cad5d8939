"""Incidents that the system detects."""

from datetime import timedelta

import pytest

from signage.model.users import SYSTEM_ACTOR
from signage.services.incidents import incidents, monitor
from signage.services.screens import heartbeats, registry
from signage.services.settings import IncidentConfig
from tests.support.app_context import create_app_context, make_screen
from tests.support.clocks import ManualClock

CONFIG = IncidentConfig()


@pytest.fixture
def clock():
    return ManualClock("2021-03-15T08:00:00+08:00")


@pytest.fixture
def context(tmp_path, clock):
    return create_app_context(tmp_path, clock)


def open_kinds(context):
    return sorted(one.kind for one in incidents.list_incidents(context, open_only=True))


def polled(context, clock, *ids):
    heartbeats.record_polls(context, [(one, clock.now(), 1) for one in ids])


def test_an_offline_screen_is_one_incident_until_people_answer_it(context, clock):
    registry.create_screen(context, SYSTEM_ACTOR, make_screen("street-1", kind="street"))
    polled(context, clock, "street-1")
    clock.move((CONFIG.silent_minutes + 2) * 60 + 1)
    since = monitor.detect_incidents(context, CONFIG, None)
    monitor.detect_incidents(context, CONFIG, since)
    assert open_kinds(context) == ["silent"]
    polled(context, clock, "street-1")
    monitor.detect_incidents(context, CONFIG, since)
    (one,) = incidents.list_incidents(context)
    assert one.over_at is not None
    assert one.step == "received"


def test_a_parked_taxi_is_no_incident_for_days(context, clock):
    registry.create_screen(context, SYSTEM_ACTOR, make_screen("taxi-1", kind="taxi-roof"))
    polled(context, clock, "taxi-1")
    clock.move(24 * 3600)
    monitor.detect_incidents(context, CONFIG, None)
    assert open_kinds(context) == []
    clock.move(49 * 3600)
    monitor.detect_incidents(context, CONFIG, None)
    assert open_kinds(context) == ["silent"]


def test_many_screens_offline_at_once_are_one_incident(context, clock):
    names = [f"street-{n}" for n in range(monitor.MAX_SINGLE_OFFLINE_INCIDENTS + 1)]
    for name in names:
        registry.create_screen(context, SYSTEM_ACTOR, make_screen(name, kind="street"))
    polled(context, clock, *names)
    clock.move((CONFIG.silent_minutes + 2) * 60 + 1)
    monitor.detect_incidents(context, CONFIG, None)
    assert open_kinds(context) == ["silent-many"]


def test_faults_in_a_status_message_are_incidents(context, clock):
    registry.create_screen(context, SYSTEM_ACTOR, make_screen("street-1", kind="street"))
    status = {"faults": ["media-differs 315-2021/film", "signature-wrong"], "free_bytes": 1 << 20}
    status["clock"] = (clock.now() + timedelta(minutes=5)).isoformat()
    with context.store.write() as connection:
        from signage.store.screens import heartbeats as rows

        rows.record_status(connection, "street-1", clock.now(), status, 1)
    monitor.detect_incidents(context, CONFIG, None)
    assert open_kinds(context) == ["clock", "disk", "failed-item", "refused-document"]
