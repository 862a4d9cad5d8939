"""A campaign's report lists the missing plays that may lie in its window."""

import pytest

from signage.evidence.archive_sealing import seal_due_days
from signage.evidence.reports.build import assemble_report
from signage.evidence.reports.tables import build_tables
from signage.evidence.reports.text import get_report_text
from signage.evidence.settings import EvidenceConfig
from tests.evidence.builders import create_body, create_play, parse_instant
from tests.evidence.reports.samples import CAMPAIGN, PAPERS, SCREENS


@pytest.fixture
def send(intake, clock):
    def send(seq, when, screen="taxi-0001", started=None, **more):
        clock.at = parse_instant(when)
        intake.submit(screen, create_body(create_play(seq, started_at=started or when, **more)))

    return send


@pytest.fixture
def reported(store, clock, evidence):
    """Return (screen, first, last, is_dated) of the gaps in the report of the campaign's only day."""

    def reported(papers=PAPERS, screens=SCREENS):
        report = assemble_report(store, clock, evidence, CAMPAIGN, papers, screens, lambda item: None)
        return [(one.screen, one.first, one.last, one.is_dated) for one in report.missing_plays]

    return reported


@pytest.fixture(params=["hot", "sealed"])
def kept(request, store, clock, evidence):
    """Seal all plays between sending and reporting, or do nothing."""

    def seal():
        if request.param == "sealed":
            clock.at = parse_instant("2021-04-15T00:00:00+08:00")
            assert seal_due_days(store, clock, evidence.archive, lambda connection: evidence, EvidenceConfig())

    return seal


def test_gaps_are_of_the_campaign_s_window(send, reported, kept):
    send(1, "2021-03-01T08:00:00+08:00")
    send(3, "2021-03-02T08:00:00+08:00")  # 2: before it
    send(4, "2021-03-14T08:00:00+08:00")
    send(6, "2021-03-15T12:00:00+08:00")  # 5: perhaps
    send(8, "2021-03-15T13:00:00+08:00")  # 7: certainly
    send(10, "2021-03-18T08:00:00+08:00")  # 9: perhaps
    send(12, "2021-03-20T08:00:00+08:00")  # 11: after it
    kept()
    assert reported() == [("taxi-0001", n, n, True) for n in (5, 7, 9)]


def test_gaps_of_a_screen_without_planned_plays_are_reported(send, reported, kept):
    send(1, "2021-03-15T08:00:00+08:00", "taxi-0009")
    send(3, "2021-03-15T09:00:00+08:00", "taxi-0009")
    kept()
    assert reported([], {}) == [("taxi-0009", 2, 2, True)]


def test_a_gap_received_days_later_is_dated_by_its_neighbours(send, reported):
    for seq in (1, 3):  # both received after the campaign, 2 was shown in it
        send(seq, "2021-03-20T08:00:00+08:00", started=f"2021-03-15T0{seq}:00:00+08:00")
    assert reported() == [("taxi-0001", 2, 2, True)]


def test_an_undated_gap_is_reported_as_such(store, clock, evidence, send, reported):
    send(3, "2021-03-15T08:00:00+08:00")  # 1 and 2: nothing before them
    send(4, "2021-03-15T09:00:00+08:00", started="1970-01-01T00:00:10Z")
    send(6, "2021-03-18T09:00:00+08:00")  # 5: the clock before it was not set
    assert reported() == [("taxi-0001", 1, 2, False), ("taxi-0001", 5, 5, False)]
    report = assemble_report(store, clock, evidence, CAMPAIGN, PAPERS, SCREENS, lambda item: None)
    for said in map(get_report_text, ("zh", "en")):
        (table,) = [one for one in build_tables(report, said) if one.name == "gaps"]
        assert said.undated_note in table.rows[0][3]
        (line,) = [
            one
            for section in said.build_sections(report)
            for one in section.paragraphs
            if said.gap_labels["missing"] in one
        ]
        assert "3" in line.partition("taxi-0001")[2]


def test_numbers_lost_at_the_end_of_a_run_are_dated_by_its_last_receipt(send, reported, intake, clock):
    send(1, "2021-03-15T08:00:00+08:00")
    clock.on(hours=1)
    intake.submit("taxi-0001", create_body(lost=[[2, 4]]))
    assert reported() == [("taxi-0001", 2, 4, True)]
