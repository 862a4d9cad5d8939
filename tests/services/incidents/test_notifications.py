"""Notices of incidents: grouped, quiet at night, sent again after a failure."""

from dataclasses import replace
from datetime import date

import pytest

from signage.model.users import SYSTEM_ACTOR, Actor
from signage.services.incidents import incidents, monitor, notifications
from signage.services.screens import heartbeats, registry
from signage.services.settings import IncidentConfig, NoticeConfig
from tests.support.app_context import create_app_context, make_screen
from tests.support.clocks import ManualClock

DUTY = Actor("du", frozenset({"duty"}), channel="console")


CONFIG = IncidentConfig()


@pytest.fixture
def clock():
    return ManualClock("2021-03-15T08:00:00+08:00")


@pytest.fixture
def context(tmp_path, clock):
    return create_app_context(tmp_path, clock)


def polled(context, clock, *ids):
    heartbeats.record_polls(context, [(one, clock.now(), 1) for one in ids])


def test_new_incidents_are_sent_together_and_once(context, clock):
    sent = []
    for what in ("黑屏", "花屏"):
        incidents.report_incident(context, DUTY, CONFIG, what)
    config = NoticeConfig(every_minutes=5)
    channel = [("test", lambda subject, text, due: sent.append(text))]
    assert notifications.send_due_notices(context, config, channel) == 2
    assert "黑屏" in sent[0]
    assert "花屏" in sent[0]
    incidents.report_incident(context, DUTY, CONFIG, "倾斜")
    assert notifications.send_due_notices(context, config, channel) == 0
    clock.move(301)
    assert notifications.send_due_notices(context, config, channel) == 1


def test_in_quiet_hours_only_urgent_kinds_are_sent(context, clock):
    clock.move(15 * 3600)
    registry.create_screen(context, SYSTEM_ACTOR, make_screen("street-1", kind="street"))
    polled(context, clock, "street-1")
    clock.move((CONFIG.silent_minutes + 2) * 60 + 1)
    monitor.detect_incidents(context, CONFIG, None)
    sent = []
    channel = [("test", lambda subject, text, due: sent.append(text))]
    quiet = NoticeConfig(quiet_from="23:00", quiet_until="07:00", urgent=("report",))
    assert notifications.send_due_notices(context, quiet, channel) == 0
    assert notifications.send_due_notices(context, replace(quiet, urgent=("silent",)), channel) == 1


def test_a_message_is_sent_again_where_every_channel_fails(context):
    def broken(subject, text, due):
        raise OSError("no route")

    sent = []
    incidents.report_incident(context, DUTY, CONFIG, "黑屏")
    config = NoticeConfig(every_minutes=0)
    assert notifications.send_due_notices(context, config, [("broken", broken)]) == 0
    both = [("broken", broken), ("good", lambda subject, text, due: sent.append(text))]
    assert notifications.send_due_notices(context, config, both) == 1


def test_the_roster_knows_days_of_the_week_and_dates():
    config = NoticeConfig(roster=("mon-fri=li@example.org", "sat-sun=wu@example.org", "2021-03-15=qian@example.org"))
    assert notifications.list_on_duty(config, date(2021, 3, 15)) == ("qian@example.org",)
    assert notifications.list_on_duty(config, date(2021, 3, 16)) == ("li@example.org",)
    assert notifications.list_on_duty(config, date(2021, 3, 20)) == ("wu@example.org",)
