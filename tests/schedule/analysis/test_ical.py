"""A campaign's dayparts in other calendars: expanded there, they hold when the schedule says so."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dateutil.rrule import rrulestr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from signage.model.campaign import Campaign
from signage.model.campaign_file.read import read_campaign
from signage.schedule.analysis.ical import format_campaign_ical
from signage.schedule.calendars import OfficialCalendars
from signage.schedule.dayparts import get_daypart_context, list_daypart_intervals
from tests.support.campaign_strategies import campaigns
from tests.support.examples import examples

ROOT = Path(__file__).resolve().parents[3]
Times = list[tuple[datetime, datetime]]


def expanded(data: bytes) -> dict[str, Times]:
    """Begin and end (UTC) of all events by their summary, as another program would work them out."""
    found: dict[str, Times] = defaultdict(list)
    for event in Calendar.from_ical(data).walk("VEVENT"):
        begin = event["DTSTART"].dt
        length = (
            event["DTEND"].dt.replace(tzinfo=None) - begin.replace(tzinfo=None) if "DTEND" in event else timedelta(0)
        )
        for at in _occurrences(event, begin):
            found[str(event["SUMMARY"])].append((at.astimezone(UTC), (at + length).astimezone(UTC)))
    return found


def _occurrences(event: Any, begin: datetime) -> Iterator[datetime]:
    listed = {when.dt for name in ("RDATE",) if name in event for when in event[name].dts}
    out = {when.dt for name in ("EXDATE",) if name in event for when in event[name].dts}
    rule = set(rrulestr(event["RRULE"].to_ical().decode(), dtstart=begin)) if "RRULE" in event else set()
    yield from sorted(({begin} | listed | rule) - out)


def joined(times: Times) -> Times:
    whole: Times = []
    for begin, end in sorted(times):
        if whole and begin <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((begin, end))
    return whole


@pytest.mark.slow
@settings(examples(150), suppress_health_check=[HealthCheck.too_slow])
@given(campaigns(), st.sampled_from(["Asia/Shanghai", "UTC", "Asia/Kolkata"]))
def test_other_calendars_show_what_the_schedule_says(campaign: Campaign, zone: str) -> None:
    campaign = replace(campaign, timezone=zone)
    calendars = OfficialCalendars()
    found = expanded(format_campaign_ical(campaign, calendars))
    for daypart in campaign.dayparts:
        held = list_daypart_intervals(
            daypart, get_daypart_context(campaign, calendars), campaign.starts_at, campaign.ends_at
        )
        expected = list(held)
        assert joined(found.get(f"{campaign.title} · {daypart.id}", [])) == joined(expected), daypart
    assert (campaign.starts_at, campaign.ends_at) in found[campaign.title]


def test_the_3_15_campaign() -> None:
    campaign = read_campaign("315-2021.toml", (ROOT / "playlists" / "315-2021.toml").read_bytes())
    data = format_campaign_ical(campaign, OfficialCalendars())
    assert b"\r\nRRULE:FREQ=DAILY;UNTIL=20210317T223000Z\r\n" in data
    assert b"\r\nTZID:Asia/Shanghai\r\n" in data
    assert data == format_campaign_ical(campaign, OfficialCalendars())
    found = expanded(data)
    assert found[f"{campaign.title} · daytime"][0] == (
        datetime(2021, 3, 9, 22, 30, tzinfo=UTC),
        datetime(2021, 3, 10, 10, 30, tzinfo=UTC),
    )
    assert len(found[f"{campaign.title} · evening"]) == 9
    assert found[f"{campaign.title}: report_due"] == [(datetime(2021, 3, 18, 10, tzinfo=UTC),) * 2]


def test_a_weekly_daypart_is_a_rule_with_its_exceptions() -> None:
    text = (ROOT / "playlists" / "315-2021.toml").read_text("utf-8")
    text = text.replace("[daypart.daytime]", '[daypart.daytime]\ndays = ["mon-fri"]\nexcept = ["2021-03-12"]')
    data = format_campaign_ical(read_campaign("315-2021.toml", text), OfficialCalendars())
    assert b"RRULE:FREQ=WEEKLY;UNTIL=20210317T223000Z;BYDAY=MO,TU,WE,TH,FR" in data
    assert b"EXDATE;TZID=Asia/Shanghai:20210312T063000" in data
