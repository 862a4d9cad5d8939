from signage.evidence.reports.build import assemble_report
from signage.evidence.reports.tables import build_tables
from signage.evidence.reports.text import get_report_text
from tests.evidence.builders import create_body, create_play
from tests.evidence.reports.samples import CAMPAIGN, PAPERS, SCREENS
from tests.evidence.reports.test_write import TABLE


def test_planned_against_proven(report):
    assert report.list_item_rows() == TABLE
    assert report.missing_counts == {"missing": 1}
    assert [(c.name, c.screen_count, c.proven_screen_count) for c in report.channels] == [("taxi-roof", 2, 1)]
    assert report.verdict_counts["not-planned"] == 1


def test_incidents_and_exceptions_have_their_times(report):
    chinese = "\n".join(line for section in get_report_text("zh").build_sections(report) for line in section.paragraphs)
    assert "2021年3月15日8:20，taxi-0001 黑屏，2021年3月15日8:50答复。" in chinese
    assert "播出中断：1条（2021年3月15日8:00至2021年3月15日8:00）" in chinese or "播出中断" not in report.verdict_counts
    assert "涉及taxi-0001" in chinese and "有计划而没有播放记录的屏1块：taxi-0002" in chinese
    in_english = "\n".join(
        line for section in get_report_text("en").build_sections(report) for line in section.paragraphs
    )
    assert "15 March 2021, 8:20: taxi-0001: 黑屏; answered 15 March 2021, 8:50." in in_english
    (row,) = next(one for one in build_tables(report, get_report_text("en")) if one.name == "troubles").rows
    assert row == (1, "03-15 08:20", "taxi-0001", "黑屏", "03-15 08:25", "—", "03-15 08:50")


def list_doubled_screens(store, clock, evidence):
    report = assemble_report(store, clock, evidence, CAMPAIGN, PAPERS, SCREENS, lambda item: None)
    lines = [
        line
        for said in map(get_report_text, ("zh", "en"))
        for section in said.build_sections(report)
        for line in section.paragraphs
    ]
    assert len([line for line in lines if "重复" in line or "count twice" in line]) == (
        2 if report.doubled_screens else 0
    )
    return report.doubled_screens


def test_two_players_with_one_token_are_named(store, clock, intake, evidence):
    for seq, run in enumerate(("old", "new", "old", "new"), 1):
        intake.submit("taxi-0001", create_body(create_play(seq), run=run))
        clock.on(minutes=1)
    assert list_doubled_screens(store, clock, evidence) == ["taxi-0001"]


def test_a_reinstalled_player_is_not_doubled(store, clock, intake, evidence):
    for seq, run in enumerate(("old", "old", "new", "new"), 1):
        intake.submit("taxi-0001", create_body(create_play(seq), run=run))
        clock.on(minutes=1)
    clock.on(days=9)
    for seq, run in enumerate(("new", "newer", "new"), 8):  # side by side, but not in the campaign's time
        intake.submit("taxi-0001", create_body(create_play(seq), run=run))
        clock.on(minutes=1)
    assert list_doubled_screens(store, clock, evidence) == []
