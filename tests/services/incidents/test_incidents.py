"""Incidents: reported by people, advanced step by step."""

from datetime import timedelta

import pytest

from signage.faults import Refused
from signage.model.users import Actor
from signage.services.incidents import incidents
from signage.services.settings import IncidentConfig
from tests.support.app_context import create_app_context, list_audit_entries
from tests.support.clocks import ManualClock

DUTY = Actor("du", frozenset({"duty"}), channel="console")


CONFIG = IncidentConfig()


@pytest.fixture
def clock():
    return ManualClock("2021-03-15T08:00:00+08:00")


@pytest.fixture
def context(tmp_path, clock):
    return create_app_context(tmp_path, clock)


def codes(refused):
    return [fault.code for fault in refused.value.faults]


def test_steps_are_taken_in_their_order_each_with_time_person_and_target(context, clock):
    number = incidents.report_incident(context, DUTY, CONFIG, "屏幕花屏", contact="13800000000")
    with pytest.raises(Refused) as refused:
        incidents.advance_incident(context, DUTY, CONFIG, number, "handled")
    assert codes(refused) == ["incident-state"]
    for step in ("dispatched", "handled", "answered"):
        clock.move(60)
        incidents.advance_incident(context, DUTY, CONFIG, number, step, "done")
    told = incidents.get_incident(context, number)
    assert [one.step for one in told.steps] == ["received", "dispatched", "handled", "answered"]
    assert told.steps[1].target_at == told.incident.raised_at + timedelta(minutes=CONFIG.dispatch_minutes)
    assert told.next_step is None
    with pytest.raises(Refused):
        incidents.advance_incident(context, DUTY, CONFIG, number, "answered", "again")


def test_whoever_saw_it_is_not_in_the_log_itself(context):
    incidents.report_incident(context, DUTY, CONFIG, "屏幕花屏", contact="13800000000")
    assert "13800000000" not in str(list_audit_entries(context))


def test_an_incident_past_its_target_is_late(context, clock):
    number = incidents.report_incident(context, DUTY, CONFIG, "黑屏")
    assert not incidents.is_late(incidents.get_incident(context, number).incident, clock.now())
    clock.move(CONFIG.dispatch_minutes * 60 + 1)
    assert incidents.is_late(incidents.get_incident(context, number).incident, clock.now())
    assert incidents.count_open_incidents(context) == (1, 1)
