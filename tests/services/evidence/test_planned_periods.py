"""Planned plays count from when they could be shown (case ``plays-before-approval``)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signage.config import parse_config
from signage.evidence.play_ingest import PlayIngest
from signage.evidence.reports.tables import build_tables
from signage.evidence.reports.text import LANGUAGES, get_report_text
from signage.evidence.reports.write import write_report
from signage.model.campaign import Campaign, Placement
from signage.model.item import Item
from signage.model.screen import Screen
from signage.publish.load_snapshot import ScheduleRules
from signage.server import open_installation
from signage.services.campaigns.simulation import create_forecast_provider
from signage.services.evidence.planned_periods import list_planned_periods
from signage.services.evidence.reports import get_report
from signage.store.campaigns import approval_decisions, campaigns
from signage.store.screens import screens
from tests.evidence.builders import create_body, create_play, parse_instant
from tests.evidence.conftest import SetClock

DAY = parse_instant("2021-03-15T00:00:00+08:00")
HOUR = timedelta(hours=1)
CAMPAIGN = Campaign(
    "315-2021",
    "2021年3·15国际消费者权益日",
    "Asia/Shanghai",
    DAY,
    DAY + timedelta(days=3),
    (Item("a", text="甲"), Item("b", text="乙")),
    (Placement(("*",), ("*",)),),
)


def enrol(connection, at, *names, timezone="Asia/Shanghai"):
    screens.create_screens(
        connection, [(Screen(name, "taxi-roof", "taxi-192x64", timezone), None) for name in names], at
    )


def approve(connection, at, campaign=CAMPAIGN):
    number = campaigns.create_version(connection, campaign, "", "console", "submitted", at - 9 * HOUR, "li")
    approval_decisions.record_decision(connection, campaign.id, number, "wang", "approved", at)
    campaigns.set_version_state(connection, campaign.id, number, "approved", at)


def list_spans(connection, now, screen):
    periods = list_planned_periods(connection, CAMPAIGN.id, now)
    return [
        (period.begin, period.end)
        for period in sorted(periods, key=lambda period: period.begin)
        if screen in period.screen_ids and period.begin < period.end
    ]


def test_a_screen_counts_from_the_latest_of_begin_approval_and_enrolment(store):
    with store.write() as connection:
        enrol(connection, DAY - HOUR, "before")
        enrol(connection, DAY + 10 * HOUR, "later")
        enrol(connection, DAY + 40 * HOUR, "not-yet")
        approve(connection, DAY + 9 * HOUR)
        now, midnight = DAY + 30 * HOUR, DAY + 24 * HOUR
        assert list_spans(connection, now, "before") == [(DAY + 9 * HOUR, midnight), (midnight, now)]
        assert list_spans(connection, now, "later") == [(DAY + 10 * HOUR, midnight), (midnight, now)]
        assert list_spans(connection, now, "not-yet") == []
        named = {name for p in list_planned_periods(connection, CAMPAIGN.id, now) for name in p.screen_ids}
        assert named == {"before", "later", "not-yet"}
        assert list_spans(connection, DAY + 99 * HOUR, "before")[-1][1] == CAMPAIGN.ends_at


def test_nothing_counts_before_the_begin_or_without_an_approval(store):
    with store.write() as connection:
        enrol(connection, DAY - 9 * HOUR, "before")
        campaigns.create_version(connection, CAMPAIGN, "", "console", "submitted", DAY - 9 * HOUR, "li")
        assert list_spans(connection, DAY + HOUR, "before") == []
        approve(connection, DAY - HOUR)
        assert list_spans(connection, DAY - HOUR / 2, "before") == []
        assert list_spans(connection, DAY + HOUR, "before") == [(DAY, DAY + HOUR)]


def test_each_version_counts_while_it_was_the_approved_one(store):
    shorter = replace(CAMPAIGN, items=CAMPAIGN.items[:1])
    with store.write() as connection:
        enrol(connection, DAY - HOUR, "before")
        approve(connection, DAY + HOUR)
        approve(connection, DAY + 3 * HOUR, shorter)
        campaigns.create_version(connection, CAMPAIGN, "", "console", "draft", DAY + 4 * HOUR, "li")
        periods = list_planned_periods(connection, CAMPAIGN.id, DAY + 5 * HOUR)
        assert [(period.campaign, period.begin, period.end) for period in periods] == [
            (shorter, DAY + 3 * HOUR, DAY + 5 * HOUR),
            (CAMPAIGN, DAY + HOUR, DAY + 3 * HOUR),
        ]
        campaigns.set_campaign_status(connection, CAMPAIGN.id, "ended", DAY + 4 * HOUR)
        assert list_spans(connection, DAY + 5 * HOUR, "before")[-1] == (DAY + 3 * HOUR, DAY + 4 * HOUR)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-30, 100), st.sampled_from(["Asia/Shanghai", "Europe/Berlin"])), min_size=1),
    st.lists(st.integers(-30, 100), min_size=1, max_size=3, unique=True),
    st.integers(-30, 100),
)
def test_the_periods_of_a_screen_are_one_after_the_other_without_gap(tmp_path_factory, enrolments, approvals, hours):
    from signage.store.engine import Store
    from signage.store.migrate import migrate_database

    store, now = Store(tmp_path_factory.mktemp("periods") / "signage.db"), DAY + hours * HOUR
    migrate_database(store)
    with store.write() as connection:
        for number, (after, timezone) in enumerate(enrolments):
            enrol(connection, DAY + after * HOUR, f"s-{number}", timezone=timezone)
        for after in sorted(approvals):
            approve(connection, DAY + after * HOUR)
        for number, (after, _) in enumerate(enrolments):
            spans = list_spans(connection, now, f"s-{number}")
            begin = max(DAY, DAY + after * HOUR, DAY + min(approvals) * HOUR)
            end = min(now, CAMPAIGN.ends_at)
            assert [a for a, _ in spans[1:]] == [b for _, b in spans[:-1]]
            assert (spans == []) if begin >= end else (spans[0][0], spans[-1][1]) == (begin, end)
    store.close()


@pytest.fixture
def installation(tmp_path):
    config = parse_config(tmp_path / "config.toml", "")
    app, library = open_installation(config)
    clock = SetClock(DAY)
    object.__setattr__(app, "clock", clock)
    yield app, create_forecast_provider(app, ScheduleRules(config.schedule_settings, config.calendars), library)
    app.store.close()


def test_a_report_two_minutes_after_the_approval_plans_two_minutes(installation, tmp_path):
    app, forecast_provider = installation
    with app.store.write() as connection:
        enrol(connection, DAY - HOUR, "taxi-0001", "taxi-0002")
        approve(connection, DAY + 9 * HOUR)
    app.clock.at = DAY + 9 * HOUR + timedelta(minutes=2)
    report = get_report(app, CAMPAIGN.id, forecast_provider)
    assert report.counted_from == DAY + 9 * HOUR
    assert report.total.planned_ms == 2 * 120_000
    assert 0 < report.total.planned <= 2 * 15
    for language in LANGUAGES:
        text = get_report_text(language)
        overview = text.build_sections(report)[0].paragraphs
        assert any(text.format_time(report.counted_from, report) in line for line in overview)
    write_report(report, tmp_path / "r.csv")
    assert "planned from 2021-03-15T09:00:00+08:00" in (tmp_path / "r.csv").read_text("utf-8-sig")


@pytest.mark.parametrize("timezone", ["America/Los_Angeles", "Pacific/Kiritimati", "Asia/Shanghai"])
def test_no_day_outside_the_window_is_in_the_table_whatever_the_screens_zone(installation, timezone):
    app, forecast_provider = installation
    with app.store.write() as connection:
        enrol(connection, DAY - HOUR, "taxi-0001", timezone=timezone)
        enrol(connection, DAY + 30 * HOUR, "taxi-0002", timezone=timezone)
        approve(connection, DAY - HOUR)
    app.clock.at = DAY + timedelta(days=9)
    intake = PlayIngest(app.store, app.clock)
    early, late = DAY - 30 * HOUR, DAY + 80 * HOUR
    starts = (early, DAY + HOUR, late)
    plays = [create_play(n, started_at=at.isoformat()) for n, at in enumerate(starts, 1)]
    intake.submit("taxi-0001", create_body(*plays))
    intake.close()
    report = get_report(app, CAMPAIGN.id, forecast_provider)
    assert [day for day, _ in report.days] == [date(2021, 3, 15), date(2021, 3, 16), date(2021, 3, 17)]
    assert [totals.planned_ms for _, totals in report.days] == [24 * 3_600_000, (24 + 18) * 3_600_000, 48 * 3_600_000]
    assert sum(totals.planned for _, totals in report.days) == report.total.planned
    assert (report.outside_days.proven, report.total.proven) == (2, 3)
    text = get_report_text("zh")
    (table,) = [table for table in build_tables(report, text) if table.name == "days"]
    assert [row[0] for row in table.rows] == ["2021-03-15", "2021-03-16", "2021-03-17", text.outside_label]
