import smtplib
from dataclasses import replace
from datetime import timedelta

import pytest

from signage.evidence.settings import EvidenceConfig
from signage.services.context import AppContext
from signage.services.evidence import evidence_jobs as acts
from signage.store import audit_log as audit
from signage.store.campaigns import campaigns
from tests.evidence.builders import parse_instant
from tests.evidence.reports.samples import CAMPAIGN

DUE = parse_instant("2021-03-18T18:00:00+08:00")
OWING = replace(CAMPAIGN, report_due=DUE.replace(tzinfo=None))


@pytest.fixture
def office(store, clock, tmp_path, monkeypatch):
    monkeypatch.setattr(campaigns, "list_approved_campaigns", lambda connection: (OWING,))
    return AppContext(store, clock, tmp_path, tmp_path / "var")


def test_a_report_that_is_due_is_drafted_once(office, clock):
    office.state.mkdir()
    clock.at = DUE - timedelta(hours=1)
    done = acts.process_due_reports(office, EvidenceConfig(), lambda campaign, begin, end: [])
    assert [one.step for one in done] == ["remind", "draft"]
    assert acts.get_draft_path(office, "315-2021").stat().st_size > 10_000
    assert acts.get_draft_path(office, "315-2021", ".xlsx").exists()
    assert acts.process_due_reports(office, EvidenceConfig(), lambda campaign, begin, end: []) == []
    with office.store.read() as connection:
        verbs = [entry.parse()["verb"] for entry in audit.iter_entries(connection)]
    assert [verb for verb in verbs if verb.startswith("report.")] == ["report.remind", "report.draft"]


def test_a_mail_server_that_fails_is_asked_again(office, clock, monkeypatch):
    office.state.mkdir()
    clock.at = DUE - timedelta(hours=1)
    config = EvidenceConfig(smtp="localhost:2525", mail_to="a@example.org")
    sent = []

    class Server:
        def __init__(self, host, port, timeout):
            assert (host, port) == ("localhost", 2525)
            if len(sent) == 0 and not broken:
                return
            raise ConnectionRefusedError("no")

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def send_message(self, message):
            sent.append(message)

    broken = True
    monkeypatch.setattr(smtplib, "SMTP", Server)
    assert [d.step for d in acts.process_due_reports(office, config, lambda *_: [])] == ["draft"]
    broken = False
    assert "remind" in [d.step for d in acts.process_due_reports(office, config, lambda *_: [])]
    sent.clear()
    assert [d.step for d in acts.process_due_reports(office, config, lambda *_: [])] == ["mail"]
    assert [part.get_filename() for part in sent[0].iter_attachments()] == ["315-2021.docx", "315-2021.xlsx"]


def test_a_checkpoint_is_written_where_it_leaves_the_house(office, clock):
    with office.store.write() as connection:
        audit.append_entry(connection, clock.now(), "wang", "x", "y", {})
    made = acts.sign_checkpoint(office, EvidenceConfig(checkpoints="outside"))
    (path,) = (office.root / "outside").iterdir()
    assert path.read_text("utf-8") == made.note
    assert acts.sign_checkpoint(office, EvidenceConfig(checkpoints="outside")) is None
