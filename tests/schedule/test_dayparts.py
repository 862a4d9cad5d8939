"""Dayparts hold by the reading of a wall clock: over midnight, through every jump of it, by rule and by exception."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.model.campaign import Campaign, Placement
from signage.model.daypart import Daypart
from signage.model.item import Item
from signage.schedule.calendars import OfficialCalendars
from signage.schedule.dayparts import compile_day_filter, get_daypart_context, is_daypart_active, list_daypart_intervals
from signage.schedule.intervals import contains_instant
from signage.schedule.timezones import list_local_days, list_transitions
from tests.schedule.oracle import QUARTER, ScheduleOracle
from tests.schedule.strategies import CLOCK_CHANGES, OFFICIAL, dayparts, overrides
from tests.support.examples import examples

SWEPT = [
    ("Asia/Shanghai", range(1986, 1992)),
    ("Europe/Berlin", range(1980, 2031)),
    ("America/Sao_Paulo", range(1985, 2020)),
    ("Australia/Lord_Howe", range(1981, 2031)),
    ("Pacific/Apia", range(2009, 2022)),
]
HALF_HOURS = [time(h, m) for h in range(24) for m in (0, 30)]


def campaign(zone: str, day: datetime) -> Campaign:
    return Campaign("c", "c", zone, day, day + timedelta(days=9), (Item("a"),), (Placement(("*",), ("*",)),))


@pytest.mark.parametrize(("zone", "years"), SWEPT)
def test_no_slot_is_missed_or_doubled_at_any_jump_of_the_clock(zone: str, years: range) -> None:
    """Forty-eight slots cover the day: at every quarter around every jump exactly one holds, the one that is read."""
    read = get_daypart_context(campaign(zone, datetime.fromisoformat("1970-01-01")), OfficialCalendars())
    slots = [
        Daypart(f"{begin:%H%M}", from_=begin, until=HALF_HOURS[(n + 1) % 48]) for n, begin in enumerate(HALF_HOURS)
    ]
    found_jumps = [jump for year in years for jump in list_transitions(zone, year)]
    assert len(found_jumps) >= 2
    for jump in found_jumps:
        begin, end = jump - timedelta(hours=30), jump + timedelta(hours=30)
        held = {slot.id: list_daypart_intervals(slot, read, begin, end) for slot in slots}
        covered = sorted(span for found in held.values() for span in found)
        assert covered[0][0] == begin and covered[-1][1] == end
        assert all(a[1] == b[0] for a, b in pairwise(covered))
        at = begin
        while at < end:
            wall = at.astimezone(ZoneInfo(zone))
            now = f"{wall.hour:02}{wall.minute // 30 * 30:02}"
            assert [slot for slot, found in held.items() if contains_instant(found, at)] == [now]
            at += QUARTER


@pytest.mark.parametrize(("zone", "years"), SWEPT)
def test_days_follow_one_another_at_every_jump_of_the_clock(zone: str, years: range) -> None:
    for jump in (jump for year in years for jump in list_transitions(zone, year)):
        found = list_local_days(ZoneInfo(zone), jump - timedelta(days=3), jump + timedelta(days=3))
        assert all(a[1] == b[0] for a, b in pairwise(found))
        assert all(timedelta(hours=22) < b - a < timedelta(hours=26) for a, b in found)
        dates = [a.astimezone(ZoneInfo(zone)).date() for a, _ in found]
        assert dates == sorted(set(dates))


def test_all_jumps_of_shanghai_are_found() -> None:
    assert [f"{jump:%Y-%m-%d}" for year in range(1986, 1992) for jump in list_transitions("Asia/Shanghai", year)] == [
        "1986-05-03", "1986-09-13", "1987-04-11", "1987-09-12", "1988-04-16", "1988-09-10",
        "1989-04-15", "1989-09-16", "1990-04-14", "1990-09-15", "1991-04-13", "1991-09-14",
    ]  # fmt: skip


@pytest.mark.slow
@examples(200)
@given(st.sampled_from(CLOCK_CHANGES), st.data())
def test_spans_hold_where_the_clock_reads_so(where: tuple[str, str], data: st.DataObject) -> None:
    zone, text = where
    day = datetime.fromisoformat(text)
    part = data.draw(dayparts("p", day, zone in OFFICIAL))
    ours = campaign(zone, day - timedelta(days=data.draw(st.integers(0, 3))))
    told = data.draw(overrides(day.date()))
    oracle = ScheduleOracle([ours], [], {}, told, set())
    read = get_daypart_context(ours, OfficialCalendars(tuple(told.items())))
    begin, end = day.replace(tzinfo=UTC) - timedelta(hours=30), day.replace(tzinfo=UTC) + timedelta(hours=40)
    found = list_daypart_intervals(part, read, begin, end)
    at = begin
    while at < end:
        expected = oracle.is_active(part, ours, at)
        assert contains_instant(found, at) == expected == is_daypart_active(part, read, at), at
        at += QUARTER


def test_the_small_hours_after_a_day_that_was_skipped_are_read_as_its_night() -> None:
    """Pacific/Apia had no 30 December 2011. The clock read 01:00 of the 31st, the night after that Friday."""
    night = Daypart("night", days=("fri",), from_=time(22), until=time(2))
    read = get_daypart_context(campaign("Pacific/Apia", datetime.fromisoformat("2011-12-01")), OfficialCalendars())
    assert is_daypart_active(night, read, datetime.fromisoformat("2011-12-31T01:00+14:00"))
    assert not is_daypart_active(night, read, datetime.fromisoformat("2011-12-29T23:00-10:00"))


RULES = [
    ("FREQ=MONTHLY;BYMONTHDAY=15", ["2021-03-15", "2021-04-15"]),
    ("RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=2", ["2021-03-15", "2021-03-22"]),
    ("FREQ=DAILY;INTERVAL=7;UNTIL=20210324", ["2021-03-10", "2021-03-17", "2021-03-24"]),
    ("FREQ=DAILY;INTERVAL=7;UNTIL=20210316T160000Z", ["2021-03-10", "2021-03-17"]),
    ("FREQ=DAILY;INTERVAL=7;UNTIL=20210316T155959Z", ["2021-03-10"]),
    ("FREQ=YEARLY;BYMONTH=3;BYDAY=-1FR", ["2021-03-26"]),
]


@pytest.mark.parametrize(("rule", "expected"), RULES)
def test_rules_of_days_start_on_the_day_of_the_campaigns_from(rule: str, expected: list[str]) -> None:
    read = get_daypart_context(
        campaign("Asia/Shanghai", datetime.fromisoformat("2021-03-10T20:00")), OfficialCalendars()
    )
    part = Daypart("p", rrule=rule, from_=time(8), until=time(9))
    found = list_daypart_intervals(part, read, datetime(2021, 3, 1, tzinfo=UTC), datetime(2021, 4, 30, tzinfo=UTC))
    assert [f"{begin.astimezone(read.zone):%Y-%m-%d}" for begin, _ in found] == expected


def test_the_first_day_is_that_of_the_campaigns_own_zone() -> None:
    """20:00 UTC on the 10th is the 11th in Shanghai."""
    read = get_daypart_context(
        campaign("Asia/Shanghai", datetime.fromisoformat("2021-03-10T20:00+00:00")), OfficialCalendars()
    )
    assert read.first_day == date(2021, 3, 11)


def test_the_days_of_a_year_are_matched_once() -> None:
    read = get_daypart_context(campaign("Europe/Berlin", datetime.fromisoformat("2021-01-01")), OfficialCalendars())
    part = Daypart("p", days=("workday",), from_=time(22), until=time(6))
    begin = datetime(2021, 1, 1, tzinfo=UTC)
    list_daypart_intervals(part, read, begin, begin + timedelta(days=365))
    matched = compile_day_filter(part, read).cache_info()
    list_daypart_intervals(part, read, begin, begin + timedelta(days=365))
    again = compile_day_filter(part, read).cache_info()
    assert again.misses == matched.misses >= 365 and again.hits >= matched.hits + 365
