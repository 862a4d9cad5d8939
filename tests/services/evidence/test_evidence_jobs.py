from dataclasses import replace
from datetime import timedelta

import pytest

from signage.evidence.settings import EvidenceConfig
from signage.services.context import AppContext
from signage.services.evidence import evidence_jobs as acts
from signage.services.settings import MailConfig
from signage.store import audit_log as audit
from signage.store.campaigns import campaigns
from tests.evidence.builders import parse_instant
from tests.evidence.reports.samples import CAMPAIGN
from tests.services.smtp_server import run_mail_server

DUE = parse_instant("2021-03-18T18:00:00+08:00")
OWING = replace(CAMPAIGN, report_due=DUE.replace(tzinfo=None))


@pytest.fixture
def office(store, clock, tmp_path, monkeypatch):
    monkeypatch.setattr(campaigns, "list_approved_campaigns", lambda connection: (OWING,))
    return AppContext(store, clock, tmp_path, tmp_path / "var")


def test_a_report_that_is_due_is_drafted_once(office, clock):
    office.state.mkdir()
    clock.at = DUE - timedelta(hours=1)
    done = acts.process_due_reports(office, EvidenceConfig(), lambda periods: [])
    assert [one.step for one in done] == ["remind", "draft"]
    assert acts.get_draft_path(office, "315-2021").stat().st_size > 10_000
    assert acts.get_draft_path(office, "315-2021", ".xlsx").exists()
    assert acts.process_due_reports(office, EvidenceConfig(), lambda periods: []) == []
    with office.store.read() as connection:
        verbs = [entry.parse()["verb"] for entry in audit.iter_entries(connection)]
    assert [verb for verb in verbs if verb.startswith("report.")] == ["report.remind", "report.draft"]


def test_a_mail_that_fails_is_retried(office, clock, tmp_path):
    office.state.mkdir()
    clock.at = DUE - timedelta(hours=1)
    config = EvidenceConfig(mail_to="a@example.org, b@example.org")
    dead = MailConfig("127.0.0.1", 1)
    assert [d.step for d in acts.process_due_reports(office, config, lambda *_: [], dead)] == ["draft"]
    with run_mail_server(tmp_path, refused=("a@example.org", "b@example.org")) as server:
        refusing = MailConfig("127.0.0.1", server.port)
        assert acts.process_due_reports(office, config, lambda *_: [], refusing) == []
    with run_mail_server(tmp_path) as server:
        mail = MailConfig("127.0.0.1", server.port, from_="signage@example.org")
        assert [d.step for d in acts.process_due_reports(office, config, lambda *_: [], mail)] == ["remind", "mail"]
        assert acts.process_due_reports(office, config, lambda *_: [], mail) == []
    reminder, report = server.messages
    assert reminder["To"] == report["To"] == "a@example.org, b@example.org"
    assert report["Date"].datetime == clock.at
    assert [part.get_filename() for part in report.iter_attachments()] == ["315-2021.docx", "315-2021.xlsx"]


def test_the_older_mail_keys_still_send_reports(office, clock, tmp_path):
    office.state.mkdir()
    clock.at = DUE - timedelta(hours=1)
    with run_mail_server(tmp_path) as server:
        config = EvidenceConfig(smtp=f"127.0.0.1:{server.port}", mail_from="old@example.org", mail_to="a@example.org")
        acts.process_due_reports(office, config, lambda *_: [])
    assert [message["From"] for message in server.messages] == ["old@example.org"] * 2


def test_a_checkpoint_is_copied_to_the_external_folder(office, clock):
    with office.store.write() as connection:
        audit.append_entry(connection, clock.now(), "wang", "x", "y", {})
    made = acts.sign_checkpoint(office, EvidenceConfig(checkpoints="outside"))
    (path,) = (office.root / "outside").iterdir()
    assert path.read_text("utf-8") == made.note
    assert acts.sign_checkpoint(office, EvidenceConfig(checkpoints="outside")) is None
