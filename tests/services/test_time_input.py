"""Times as people write them."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from signage.faults import Refused
from signage.services.time_input import format_time, parse_duration, parse_time
from tests.support.clocks import parse_instant

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2021-03-15T08:00:00+08:00", "2021-03-15T00:00:00Z"),
        ("2021-03-15t00:00:00z", "2021-03-15T00:00:00Z"),
        ("2021-07-01T08:00", "2021-07-01T06:00:00Z"),
        ("2021-07-01 08:00:30", "2021-07-01T06:00:30Z"),
        ("2021-07-01", "2021-06-30T22:00:00Z"),
        ("2021-10-31T02:30:00", "2021-10-31T00:30:00Z"),
    ],
)
def test_a_time_without_offset_is_in_the_zone_the_first_where_it_is_repeated(text, instant):
    assert parse_time(text, BERLIN) == parse_instant(instant)


@pytest.mark.parametrize(
    ("text", "code"),
    [("2021-03-28T02:30:00", "time-skipped"), ("soon", "time-unreadable"), ("2021-02-30T00:00:00", "time-unreadable")],
)
def test_a_time_that_is_none_is_refused(text, code):
    with pytest.raises(Refused) as refused:
        parse_time(text, BERLIN)
    assert refused.value.faults[0].code == code


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("10m", 600), ("1h30m", 5400), ("1d2h", 93600), ("2H", 7200)]
)
def test_lengths(text, seconds):
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "m", "-5m", "1.5h", "10 minutes", "9" * 30 + "d"])
def test_a_length_that_is_none_is_refused(text):
    with pytest.raises(Refused):
        parse_duration(text)


def test_a_time_is_shown_with_its_offset():
    assert format_time(parse_instant("2021-07-01T06:00:00Z"), BERLIN) == "2021-07-01T08:00:00+02:00"
