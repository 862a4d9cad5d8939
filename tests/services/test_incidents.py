"""Incidents: raised by people and the system, moved on in order, told together and quietly."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from signage.faults import Refused
from signage.model.users import SYSTEM_ACTOR, Actor
from signage.services.incidents import incidents
from signage.services.incidents import monitor as watching
from signage.services.incidents import notifications as notices
from signage.services.screens import heartbeats as contacts
from signage.services.screens import registry as screens
from signage.services.settings import IncidentConfig, NoticeConfig
from tests.support.app_context import create_app_context, list_audit_entries, make_screen
from tests.support.clocks import ManualClock

DUTY = Actor("du", frozenset({"duty"}), channel="console")
CONFIG = IncidentConfig()


@pytest.fixture
def clock():
    return ManualClock("2021-03-15T08:00:00+08:00")


@pytest.fixture
def office(tmp_path, clock):
    return create_app_context(tmp_path, clock)


def codes(refused):
    return [fault.code for fault in refused.value.faults]


def open_kinds(office):
    return sorted(one.kind for one in incidents.list_incidents(office, open_only=True))


def polled(office, clock, *ids):
    contacts.record_polls(office, [(one, clock.now(), 1) for one in ids])


def test_steps_are_taken_in_their_order_each_with_time_person_and_target(office, clock):
    number = incidents.report_incident(office, DUTY, CONFIG, "屏幕花屏", contact="13800000000")
    with pytest.raises(Refused) as refused:
        incidents.advance_incident(office, DUTY, CONFIG, number, "handled")
    assert codes(refused) == ["incident-state"]
    for step in ("dispatched", "handled", "answered"):
        clock.move(60)
        incidents.advance_incident(office, DUTY, CONFIG, number, step, "done")
    told = incidents.get_incident(office, number)
    assert [one.step for one in told.steps] == ["received", "dispatched", "handled", "answered"]
    assert told.steps[1].target_at == told.incident.raised_at + timedelta(minutes=CONFIG.dispatch_minutes)
    assert told.next_step is None
    with pytest.raises(Refused):
        incidents.advance_incident(office, DUTY, CONFIG, number, "answered", "again")


def test_whoever_saw_it_is_not_in_the_log_itself(office):
    incidents.report_incident(office, DUTY, CONFIG, "屏幕花屏", contact="13800000000")
    assert "13800000000" not in str(list_audit_entries(office))


def test_an_incident_past_its_target_is_late(office, clock):
    number = incidents.report_incident(office, DUTY, CONFIG, "黑屏")
    assert not incidents.is_late(incidents.get_incident(office, number).incident, clock.now())
    clock.move(CONFIG.dispatch_minutes * 60 + 1)
    assert incidents.is_late(incidents.get_incident(office, number).incident, clock.now())
    assert incidents.count_open_incidents(office) == (1, 1)


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


def test_what_is_new_is_told_together_and_once(office, clock):
    sent = []
    for what in ("黑屏", "花屏"):
        incidents.report_incident(office, DUTY, CONFIG, what)
    config = NoticeConfig(every_minutes=5)
    channel = [("test", lambda subject, text, due: sent.append(text))]
    assert notices.send_due_notices(office, config, channel) == 2
    assert "黑屏" in sent[0]
    assert "花屏" in sent[0]
    incidents.report_incident(office, DUTY, CONFIG, "倾斜")
    assert notices.send_due_notices(office, config, channel) == 0
    clock.move(301)
    assert notices.send_due_notices(office, config, channel) == 1


def test_at_night_only_what_is_urgent_is_told(office, clock):
    clock.move(15 * 3600)
    screens.create_screen(office, SYSTEM_ACTOR, make_screen("street-1", kind="street"))
    polled(office, clock, "street-1")
    clock.move((CONFIG.silent_minutes + 2) * 60 + 1)
    watching.detect_incidents(office, CONFIG, None)
    sent = []
    channel = [("test", lambda subject, text, due: sent.append(text))]
    quiet = NoticeConfig(quiet_from="23:00", quiet_until="07:00", urgent=("report",))
    assert notices.send_due_notices(office, quiet, channel) == 0
    assert notices.send_due_notices(office, replace(quiet, urgent=("silent",)), channel) == 1


def test_where_every_channel_fails_it_is_tried_again(office):
    def broken(subject, text, due):
        raise OSError("no route")

    sent = []
    incidents.report_incident(office, DUTY, CONFIG, "黑屏")
    config = NoticeConfig(every_minutes=0)
    assert notices.send_due_notices(office, config, [("broken", broken)]) == 0
    both = [("broken", broken), ("good", lambda subject, text, due: sent.append(text))]
    assert notices.send_due_notices(office, config, both) == 1


def test_the_roster_knows_days_of_the_week_and_dates():
    config = NoticeConfig(roster=("mon-fri=li@example.org", "sat-sun=wu@example.org", "2021-03-15=qian@example.org"))
    assert notices.list_on_duty(config, date(2021, 3, 15)) == ("qian@example.org",)
    assert notices.list_on_duty(config, date(2021, 3, 16)) == ("li@example.org",)
    assert notices.list_on_duty(config, date(2021, 3, 20)) == ("wu@example.org",)
