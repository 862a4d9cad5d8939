"""Recurrence rules: the same days as dateutil, where it follows the RFC, and always in bounded time."""

from datetime import date, datetime, time, timedelta
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from signage.model.rrules import SubDailyRuleError, iter_occurrences, parse_rrule

UTC = ZoneInfo("UTC")
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def named(rule: str, first: str, end: str, begin: str | None = None) -> list[str]:
    start = date.fromisoformat(first)
    found = iter_occurrences(
        parse_rrule(rule, UTC), start, date.fromisoformat(begin) if begin else start, date.fromisoformat(end)
    )
    return [day.isoformat() for day in found]


@st.composite
def rules(draw: st.DrawFn) -> str:
    freq = draw(st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY"]))
    parts = [f"FREQ={freq}"]

    def numbers(least: int, most: int) -> str:
        one = st.integers(least, most).filter(bool)
        return ",".join(map(str, draw(st.lists(one, min_size=1, max_size=3, unique=True))))

    if draw(st.booleans()):
        parts.append(f"INTERVAL={draw(st.integers(1, 5))}")
    if draw(st.booleans()):
        parts.append(f"BYMONTH={numbers(1, 12)}")
    if freq != "WEEKLY" and draw(st.booleans()):
        parts.append(f"BYMONTHDAY={numbers(-31, 31)}")
    week_numbers = freq == "YEARLY" and draw(st.booleans())
    if week_numbers:
        parts.append(f"BYWEEKNO={numbers(1, 51)}")  # dateutil miscounts the weeks of the previous year
    if freq == "YEARLY" and draw(st.booleans()):
        parts.append(f"BYYEARDAY={numbers(-366, 366)}")
    if draw(st.booleans()):
        ordinal = freq in ("YEARLY", "MONTHLY") and not week_numbers and draw(st.booleans())
        chosen = draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=3, unique=True))
        least = st.integers(-5, 5).filter(bool)
        parts.append("BYDAY=" + ",".join(f"{draw(least)}{day}" if ordinal else day for day in chosen))
    named = any(p.startswith(("BYD", "BYMONTHD", "BYW", "BYY")) for p in parts)
    if freq in ("YEARLY", "MONTHLY") and named and draw(st.booleans()):
        parts.append(f"BYSETPOS={numbers(-5, 5)}")
    if draw(st.booleans()):
        parts.append(draw(st.sampled_from(["COUNT=7", "UNTIL=20230315", "UNTIL=20230315T000000"])))
    if draw(st.booleans()):
        parts.append(f"WKST={draw(st.sampled_from(WEEKDAYS))}")
    return ";".join(parts)


@settings(max_examples=200, deadline=None)
@given(rules(), st.dates(date(2021, 1, 1), date(2022, 12, 31)), st.integers(0, 700))
def test_rules_give_the_days_that_dateutil_gives(rule: str, first: date, later: int) -> None:
    begin, end = first + timedelta(later), date(2026, 6, 1)
    endless = ";".join(part for part in rule.split(";") if not part.startswith(("COUNT", "UNTIL")))
    assume(
        any(iter_occurrences(parse_rrule(endless, UTC), first, end, date(2060, 1, 1)))
    )  # otherwise dateutil searches to the year 9999
    occurrences = rrulestr(rule, dtstart=datetime.combine(first, time.min))
    expected = occurrences.between(datetime.combine(begin, time.min), datetime.combine(end, time.min), inc=True)
    assert list(iter_occurrences(parse_rrule(rule, UTC), first, begin, end)) == [
        d.date() for d in expected if d.date() < end
    ]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=MONTHLY;BYMONTHDAY=15", ["2021-03-15", "2021-04-15", "2021-05-15"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", ["2021-03-31", "2021-04-30", "2021-05-31"]),
        ("FREQ=WEEKLY;INTERVAL=4;BYDAY=MO", ["2021-04-05", "2021-05-03", "2021-05-31"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["2021-03-31", "2021-04-30", "2021-05-31"]),
        ("FREQ=MONTHLY;BYDAY=2FR", ["2021-03-12", "2021-04-09", "2021-05-14"]),
        ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=15", ["2021-03-15"]),
        ("FREQ=DAILY;COUNT=3", ["2021-03-10", "2021-03-11", "2021-03-12"]),
        ("FREQ=DAILY;UNTIL=20210312", ["2021-03-10", "2021-03-11", "2021-03-12"]),
        ("RRULE:FREQ=WEEKLY;UNTIL=20210324", ["2021-03-10", "2021-03-17", "2021-03-24"]),
        ("FREQ=MONTHLY;BYDAY=MO,1TU;BYMONTH=4", ["2021-04-05", "2021-04-06", "2021-04-12", "2021-04-19", "2021-04-26"]),
    ],
)
def test_examples(rule: str, expected: list[str]) -> None:
    assert named(rule, "2021-03-10", "2021-06-01") == expected


def test_an_until_in_utc_is_converted_to_the_time_zone() -> None:
    rule = parse_rrule("FREQ=DAILY;UNTIL=20210311T170000Z", ZoneInfo("Asia/Shanghai"))
    assert len(list(iter_occurrences(rule, date(2021, 3, 10), date(2021, 3, 10), date(2022, 1, 1)))) == 3


@pytest.mark.parametrize("rule", ["FREQ=HOURLY", "FREQ=SECONDLY;INTERVAL=1", "FREQ=DAILY;BYHOUR=8", "FREQ=MINUTELY"])
def test_rules_of_times_have_an_error_of_their_own(rule: str) -> None:
    with pytest.raises(SubDailyRuleError):
        parse_rrule(rule, UTC)


@pytest.mark.parametrize(
    "rule",
    [
        "", "daily", "FREQ=", "FREQ=FORTNIGHTLY", "FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY;BYEASTER=1", "BYMONTH=3",
        "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=2;UNTIL=20210315", "FREQ=DAILY;UNTIL=20210231",
        "FREQ=WEEKLY;BYDAY=2MO", "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=MONTHLY;BYSETPOS=1", "FREQ=DAILY;BYMONTH=13",
        "FREQ=DAILY\nEXDATE:20210315", "FREQ=DAILY;INTERVAL=99999999999999999999", "FREQ=DAILY;;",
        "FREQ=DAILY;UNTIL=2021-03-15", "FREQ=DAILY;INTERVAL=-1", "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=DAILY;BYMONTH=３", "FREQ=MONTHLY;BYDAY=XX",
    ],
)  # fmt: skip
def test_invalid_rules(rule: str) -> None:
    with pytest.raises(ValueError):
        parse_rrule(rule, UTC)


@pytest.mark.parametrize("rule", ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"])
def test_a_rule_that_never_matches_ends_soon(rule: str) -> None:
    began = process_time()
    assert named(rule, "2021-01-01", "2121-01-01") == []
    assert process_time() - began < 2


def test_the_far_future_is_reached_in_constant_time() -> None:
    began = process_time()
    assert named("FREQ=DAILY;INTERVAL=3", "1900-01-01", "9990-01-04", "9990-01-01") == ["9990-01-03"]
    assert named("FREQ=WEEKLY", "9999-12-25", "9999-12-31") == ["9999-12-25"]
    assert process_time() - began < 0.5
