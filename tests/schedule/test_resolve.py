"""Cases from the bug reports of people who schedule screens: each line a screen, an instant, and what shows there."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given

from signage.model.campaign import Campaign
from signage.schedule.analysis.explain import explain
from signage.schedule.resolve import list_content_intervals
from tests.schedule.builders import (
    build_campaign,
    build_lengths,
    build_loops,
    build_screen,
    build_snapshot,
    parse_instant,
    parse_local_time,
)
from tests.schedule.oracle import QUARTER
from tests.schedule.strategies import HALF_SPAN, build_snapshot_and_oracle, oracle_examples, oracle_inputs

ROOF, STREET = build_screen("case-roof"), build_screen("case-street", kind="street", panel="street-1920x1080")
BOTH = """
    [[item]]
    id = "a"
    [[item]]
    id = "b"
    [[placement]]
    screens = ["screen:case-roof"]
    items = ["a"]
    dayparts = ["{a}"]
    [[placement]]
    screens = ["screen:case-street"]
    items = ["b"]
    dayparts = ["{b}"]
"""

OVER_MIDNIGHT = build_campaign(
    BOTH.format(a="sat-night", b="fri-night")
    + """
    [daypart.sat-night]
    days = ["sat"]
    from = 22:00:00
    until = 02:00:00
    [daypart.fri-night]
    days = ["fri"]
    from = 22:00:00
    until = 02:00:00
    except = ["2021-03-12"]
    """
)
EQUAL_EDGES = build_campaign(
    BOTH.format(a="day", b="shift")
    + """
    [daypart.day]
    days = ["wed"]
    from = 00:00:00
    until = 00:00:00
    [daypart.shift]
    days = ["fri"]
    from = 06:00:00
    until = 06:00:00
    """
)
REPEATED_HOUR = build_campaign(
    BOTH.format(a="two", b="half")
    + """
    [daypart.two]
    days = ["2021-10-31"]
    from = 02:00:00
    until = 02:30:00
    [daypart.half]
    days = ["2021-10-31"]
    from = 01:30:00
    until = 02:30:00
    """,
    timezone="Europe/Berlin",
    until=parse_local_time("2021-12-01"),
)
NO_MIDNIGHT = build_campaign(
    """
    timezone = "America/Sao_Paulo"
    from = 2018-11-04T00:00:00
    until = 2018-11-05T00:00:00
    [[item]]
    id = "a"
    [[item]]
    id = "b"
    [daypart.dawn]
    days = ["sun"]
    from = 00:00:00
    until = 06:00:00
    [[placement]]
    screens = ["screen:case-roof"]
    items = ["a"]
    [[placement]]
    screens = ["screen:case-street"]
    items = ["b"]
    dayparts = ["dawn"]
    """
)
TWENTY_THREE_TWICE = build_campaign(
    """
    timezone = "America/Sao_Paulo"
    from = 2018-02-17T00:00:00
    until = 2018-02-18T00:00:00
    [daypart.late]
    days = ["sat"]
    from = 23:00:00
    [[placement]]
    dayparts = ["late"]
    """
)
NO_FRIDAY = build_campaign(
    """
    timezone = "Pacific/Apia"
    from = 2011-12-28T00:00:00
    until = 2012-01-03T00:00:00
    [daypart.fri]
    days = ["fri"]
    from = 08:00:00
    until = 10:00:00
    [[placement]]
    dayparts = ["fri"]
    """
)
WEEKDAYS = build_campaign(
    BOTH.format(a="week", b="over")
    + """
    [daypart.week]
    days = ["mon-fri"]
    from = 08:00:00
    until = 20:00:00
    [daypart.over]
    days = ["sat-mon"]
    from = 08:00:00
    until = 20:00:00
    """
)

CASES = [
    (OVER_MIDNIGHT, ROOF, "2021-03-13T21:59:59+08:00", None),
    (OVER_MIDNIGHT, ROOF, "2021-03-13T22:00:00+08:00", "a"),
    (OVER_MIDNIGHT, ROOF, "2021-03-14T00:00:00+08:00", "a"),
    (OVER_MIDNIGHT, ROOF, "2021-03-14T01:59:59+08:00", "a"),
    (OVER_MIDNIGHT, ROOF, "2021-03-14T02:00:00+08:00", None),
    (OVER_MIDNIGHT, ROOF, "2021-03-13T01:00:00+08:00", None),
    (OVER_MIDNIGHT, ROOF, "2021-03-14T22:30:00+08:00", None),
    (OVER_MIDNIGHT, STREET, "2021-03-12T23:00:00+08:00", None),
    (OVER_MIDNIGHT, STREET, "2021-03-13T01:00:00+08:00", None),
    (OVER_MIDNIGHT, STREET, "2021-03-19T23:00:00+08:00", "b"),
    (OVER_MIDNIGHT, STREET, "2021-03-20T01:00:00+08:00", "b"),
    (EQUAL_EDGES, ROOF, "2021-03-09T23:59:59+08:00", None),
    (EQUAL_EDGES, ROOF, "2021-03-10T00:00:00+08:00", "a"),
    (EQUAL_EDGES, ROOF, "2021-03-10T23:59:59+08:00", "a"),
    (EQUAL_EDGES, ROOF, "2021-03-11T00:00:00+08:00", None),
    (EQUAL_EDGES, STREET, "2021-03-12T05:59:59+08:00", None),
    (EQUAL_EDGES, STREET, "2021-03-12T06:00:00+08:00", "b"),
    (EQUAL_EDGES, STREET, "2021-03-13T05:59:59+08:00", "b"),
    (EQUAL_EDGES, STREET, "2021-03-13T06:00:00+08:00", None),
    (REPEATED_HOUR, ROOF, "2021-10-31T01:59:59+02:00", None),
    (REPEATED_HOUR, ROOF, "2021-10-31T02:00:00+02:00", "a"),
    (REPEATED_HOUR, ROOF, "2021-10-31T02:29:59+02:00", "a"),
    (REPEATED_HOUR, ROOF, "2021-10-31T02:30:00+02:00", None),
    (REPEATED_HOUR, ROOF, "2021-10-31T02:59:59+02:00", None),
    (REPEATED_HOUR, ROOF, "2021-10-31T02:00:00+01:00", "a"),
    (REPEATED_HOUR, ROOF, "2021-10-31T02:29:59+01:00", "a"),
    (REPEATED_HOUR, ROOF, "2021-10-31T02:30:00+01:00", None),
    (REPEATED_HOUR, STREET, "2021-10-31T01:30:00+02:00", "b"),
    (REPEATED_HOUR, STREET, "2021-10-31T02:15:00+02:00", "b"),
    (REPEATED_HOUR, STREET, "2021-10-31T02:45:00+02:00", None),
    (REPEATED_HOUR, STREET, "2021-10-31T02:15:00+01:00", "b"),
    (REPEATED_HOUR, STREET, "2021-10-31T02:30:00+01:00", None),
    (NO_MIDNIGHT, ROOF, "2018-11-03T23:59:59-03:00", None),
    (NO_MIDNIGHT, ROOF, "2018-11-04T01:00:00-02:00", "a"),
    (NO_MIDNIGHT, ROOF, "2018-11-04T23:59:59-02:00", "a"),
    (NO_MIDNIGHT, ROOF, "2018-11-05T00:00:00-02:00", None),
    (NO_MIDNIGHT, STREET, "2018-11-04T01:00:00-02:00", "b"),
    (NO_MIDNIGHT, STREET, "2018-11-04T05:59:59-02:00", "b"),
    (NO_MIDNIGHT, STREET, "2018-11-04T06:00:00-02:00", None),
    (TWENTY_THREE_TWICE, ROOF, "2018-02-17T22:59:59-02:00", None),
    (TWENTY_THREE_TWICE, ROOF, "2018-02-17T23:30:00-02:00", "a"),
    (TWENTY_THREE_TWICE, ROOF, "2018-02-17T23:30:00-03:00", "a"),
    (TWENTY_THREE_TWICE, ROOF, "2018-02-18T00:00:00-03:00", None),
    (NO_FRIDAY, ROOF, "2011-12-29T09:00:00-10:00", None),
    (NO_FRIDAY, ROOF, "2011-12-31T00:00:00+14:00", None),
    (NO_FRIDAY, ROOF, "2011-12-31T09:00:00+14:00", None),
    (WEEKDAYS, ROOF, "2021-03-14T12:00:00+08:00", None),
    (WEEKDAYS, ROOF, "2021-03-15T12:00:00+08:00", "a"),
    (WEEKDAYS, ROOF, "2021-03-19T12:00:00+08:00", "a"),
    (WEEKDAYS, ROOF, "2021-03-20T12:00:00+08:00", None),
    (WEEKDAYS, STREET, "2021-03-12T12:00:00+08:00", None),
    (WEEKDAYS, STREET, "2021-03-13T12:00:00+08:00", "b"),
    (WEEKDAYS, STREET, "2021-03-14T12:00:00+08:00", "b"),
    (WEEKDAYS, STREET, "2021-03-15T12:00:00+08:00", "b"),
    (WEEKDAYS, STREET, "2021-03-16T12:00:00+08:00", None),
]


@pytest.mark.parametrize(("what", "where", "when", "item"), CASES)
def test_what_shows(what: Campaign, where: object, when: str, item: str | None) -> None:
    known = build_lengths(what)
    found = explain(build_snapshot(what), where, known, parse_instant(when), build_loops(known))
    assert found.item == (f"c/{item}" if item else "_signage/still")


OFFICIAL = build_campaign(
    BOTH.format(a="work", b="rest")
    + """
    [daypart.work]
    days = ["workday"]
    from = 08:00:00
    until = 20:00:00
    [daypart.rest]
    days = ["holiday"]
    from = 08:00:00
    until = 20:00:00
    """,
    **{"from": parse_local_time("2007-01-01"), "until": parse_local_time("2027-01-01")},
)
WORKED = [
    "2007-12-29",
    "2008-09-27",
    "2008-09-28",
    "2019-04-28",
    "2019-05-05",
    "2021-02-07",
    "2021-02-20",
    "2021-04-25",
    "2021-05-08",
    "2026-02-14",
    "2026-09-20",
    "2026-10-10",
    "2021-03-15",
]
OFF = ["2021-02-11", "2021-05-05", "2021-10-07", "2019-05-02", "2021-03-13", "2021-03-14"]


@pytest.mark.parametrize("day", WORKED + OFF)
def test_moved_workdays_are_worked_and_days_off_are_not(day: str) -> None:
    known, worked = build_lengths(OFFICIAL), day in WORKED
    noon = parse_instant(f"{day}T12:00:00+08:00")
    here = build_snapshot(OFFICIAL)
    assert explain(here, ROOF, known, noon, build_loops(known)).item == ("c/a" if worked else "_signage/still")
    assert explain(here, STREET, known, noon, build_loops(known)).item == ("_signage/still" if worked else "c/b")


def test_only_the_highest_tier_shows_and_equal_priorities_share() -> None:
    day = {"from": parse_local_time("2021-03-10"), "until": parse_local_time("2021-03-11")}
    high = build_campaign(
        """
        priority = 10
        [[item]]
        id = "h"
        from = 2021-03-10T12:00:00
        until = 2021-03-10T13:00:00
        """,
        "high",
        **day,
    )
    low_a, low_b = build_campaign("", "low-a", **day), build_campaign("", "low-b", **day)
    known = build_lengths(high, low_a, low_b)
    here = build_snapshot(high, low_a, low_b)

    def shows(clock: str) -> str | None:
        return explain(here, ROOF, known, parse_instant(f"2021-03-10T{clock}+08:00"), build_loops(known)).item

    assert shows("11:59:59") in ("low-a/a", "low-b/a")
    assert {shows(clock) for clock in ("12:00:00", "12:00:10", "12:07:13", "12:59:59")} == {"high/h"}
    assert {shows("13:00:00"), shows("13:00:10")} == {"low-a/a", "low-b/a"}


@pytest.mark.slow
@oracle_examples(1000)
@given(oracle_inputs())
def test_live_content_is_what_the_oracle_resolves_quarter_by_quarter(inputs: dict[str, Any]) -> None:
    """Rules 1 and 6 to 8."""
    snapshot, oracle = build_snapshot_and_oracle(inputs)
    begin, end = inputs["day"] - HALF_SPAN, inputs["day"] + HALF_SPAN
    for drawn in inputs["screens"]:
        intervals = list_content_intervals(snapshot, drawn, inputs["lengths"], begin, end)
        assert intervals[0].from_ == begin and intervals[-1].until == end
        assert all(a.until == b.from_ and a.live != b.live for a, b in pairwise(intervals))
        at = begin
        while at < end:
            live = next(interval.live for interval in intervals if interval.from_ <= at < interval.until)
            takeover = oracle.find_takeover(drawn, at)
            if takeover is not None:
                assert live.why == f"takeover: {takeover.id}"
            else:
                why, _ = oracle.resolve_without_takeovers(drawn, at)
                assert live.why == why
                assert live.placements == oracle.list_live_placements(drawn, at)
            at += QUARTER
