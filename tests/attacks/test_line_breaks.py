"""Line breaks and control characters in texts of screens and strangers: headers, logs and notices stay whole (H5)."""

import logging
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.model.line_text import clean_line
from signage.model.users import SYSTEM_ACTOR
from signage.services.incidents import monitor, notifications
from signage.services.mail import build_message
from signage.services.screens import heartbeats
from signage.services.screens import registry as screens
from signage.services.settings import IncidentConfig, MailConfig, NoticeConfig
from signage.web.screen import status
from signage.web.security.screen_auth import TokenRedactingFilter
from tests.attacks.wire import request
from tests.support.app_context import create_app_context, make_screen
from tests.support.clocks import ManualClock

FORGED = "media-broken x\r\nBcc: all@example.org\n\n\u2028\u202efake\x00\x1b[2J"


@given(st.text(max_size=200), st.integers(2, 100))
def test_a_line_is_one_line_and_fits_into_every_header(text, most):
    line = clean_line(text, most)
    assert len(line) <= most and len(line.splitlines()) <= 1
    assert not set(line) & set("\r\n\x00\x1b\u2028\u202e")
    message = build_message(MailConfig(), datetime.now(UTC), ["duty@example.org"], line, "text")
    assert message["Bcc"] is None and message.as_bytes()


def test_a_log_record_is_one_line_whatever_the_path(caplog):
    record = logging.LogRecord("x", logging.ERROR, "x", 1, "%s %s failed", ("GET", "/a\nERROR forged"), None)
    assert TokenRedactingFilter().filter(record)
    assert record.getMessage() == "GET /a ERROR forged failed"


@pytest.fixture
def office(tmp_path):
    office = create_app_context(tmp_path, ManualClock("2021-03-15T08:00:00+08:00"))
    screens.create_screen(office, SYSTEM_ACTOR, make_screen())
    return office


def report_fault(office, text):
    message = msgspec.convert({"faults": [text]}, status.StatusMessage)
    heartbeats.record_status(office, "taxi-0001", message, office.clock.now())
    monitor.detect_incidents(office, IncidentConfig(), None)


def test_a_fault_with_line_breaks_is_told_in_one_line_and_stops_no_notice(office):
    report_fault(office, FORGED)
    sent = []
    config = NoticeConfig(every_minutes=0)

    def fail(*_):
        raise ValueError("this channel takes no such text")

    channels = [("first", fail), ("second", lambda subject, text, due: sent.append((subject, text)))]
    assert notifications.send_due_notices(office, config, channels) == 1
    ((subject, text),) = sent
    assert len(text.splitlines()) == 1 and "\x1b" not in text + subject and "\n" not in subject


def test_one_incident_that_cannot_be_described_stops_no_other(office, monkeypatch):
    report_fault(office, "media-broken first")
    report_fault(office, "clock-wrong second")
    describe = notifications.describe_incident
    monkeypatch.setattr(
        notifications, "describe_incident", lambda one, spoken: describe(one, spoken) if one.number > 1 else 1 / 0
    )
    sent = []
    config = NoticeConfig(every_minutes=0)
    assert notifications.send_due_notices(office, config, [("x", lambda *told: sent.append(told))]) == 2
    assert "#1 failed-item taxi-0001" in sent[0][1] and "second" in sent[0][1]


def test_the_status_of_a_screen_is_kept_as_lines(running):
    headers = {"Authorization": f"Bearer {running.token}"}
    body = msgspec.json.encode({"player": FORGED, "faults": [FORGED, "x" * 5000]})
    assert request(running.port, "POST", "/screen/v1/status", body, headers).status == 204
