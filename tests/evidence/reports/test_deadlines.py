from dataclasses import replace
from datetime import timedelta

from signage.evidence.reports.deadlines import list_due_steps
from signage.evidence.settings import EvidenceConfig
from signage.store.plays import report_steps
from tests.evidence.builders import parse_instant
from tests.evidence.reports.samples import CAMPAIGN

DUE = parse_instant("2021-03-18T18:00:00+08:00")
OWING = replace(CAMPAIGN, report_due=DUE.replace(tzinfo=None))


def steps(now, done=(), can_mail=False):
    due_steps = list_due_steps([OWING, CAMPAIGN], done, now, EvidenceConfig(), can_mail=can_mail)
    return [due.step for due in due_steps]


def test_owners_are_reminded_and_the_draft_is_made_in_time():
    assert steps(DUE - timedelta(hours=25)) == []
    assert steps(DUE - timedelta(hours=24)) == ["remind"]
    assert steps(DUE - timedelta(hours=2)) == ["remind", "draft"]
    assert steps(DUE - timedelta(hours=2), can_mail=True) == ["remind", "draft", "mail"]
    done = [report_steps.ReportStepRow("315-2021", DUE, "remind", DUE, "system")]
    assert steps(DUE + timedelta(days=3), done) == ["draft"]
    assert steps(DUE + timedelta(days=31)) == []
