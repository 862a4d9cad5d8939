"""Notices of incidents: grouped, quiet at night, sent again after a failure."""

from dataclasses import replace
from datetime import date

import pytest

from signage.model.users import SYSTEM_ACTOR, Actor
from signage.services.incidents import incidents
from signage.services.incidents import monitor as watching
from signage.services.incidents import notifications as notices
from signage.services.screens import heartbeats as contacts
from signage.services.screens import registry as screens
from signage.services.settings import IncidentConfig, NoticeConfig
from tests.support.app_context import create_app_context, make_screen
from tests.support.clocks import ManualClock

DUTY = Actor("du", frozenset({"duty"}), channel="console")


CONFIG = IncidentConfig()


@pytest.fixture
def clock():
    return ManualClock("2021-03-15T08:00:00+08:00")


@pytest.fixture
def office(tmp_path, clock):
    return create_app_context(tmp_path, clock)


def polled(office, clock, *ids):
    contacts.record_polls(office, [(one, clock.now(), 1) for one in ids])


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
