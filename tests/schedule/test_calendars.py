"""Official workdays: moved days counted, unknown years said to be unknown, the configuration above all."""

from datetime import date, timedelta

import pytest

from signage.schedule.calendars import OfficialCalendars, find_country
from tests.schedule.oracle import DAYS_OFF_2021, WORKDAYS_2021

SHANGHAI = "Asia/Shanghai"


def test_every_day_of_2021_is_what_the_state_council_announced() -> None:
    off, worked = DAYS_OFF_2021.split(), WORKDAYS_2021.split()
    for number in range(365):
        day = date(2021, 1, 1) + timedelta(days=number)
        text = f"{day:%m-%d}"
        expected = text in worked or (text not in off and day.weekday() < 5)
        assert OfficialCalendars().is_workday(day, SHANGHAI) == expected, day
        assert OfficialCalendars().is_known_day(day, SHANGHAI)


@pytest.mark.parametrize("year", [1999, 2000, 2027, 2090, 2200])
def test_a_chinese_year_without_moved_workdays_is_unknown_and_plain(year: int) -> None:
    for day in (date(year, 10, 1) + timedelta(days=n) for n in range(7)):
        assert OfficialCalendars().is_workday(day, SHANGHAI) == (day.weekday() < 5)
        assert not OfficialCalendars().is_known_day(day, SHANGHAI)


def test_days_worked_for_the_holidays_of_the_next_year_are_known() -> None:
    assert OfficialCalendars().is_workday(date(2007, 12, 29), SHANGHAI)
    assert OfficialCalendars().is_workday(date(2011, 12, 31), SHANGHAI)


def test_the_configuration_adds_and_overrides() -> None:
    calendars = OfficialCalendars(((date(2027, 2, 6), True), (date(2027, 2, 8), False), (date(2021, 3, 13), True)))
    assert calendars.is_workday(date(2027, 2, 6), SHANGHAI)
    assert not calendars.is_workday(date(2027, 2, 8), SHANGHAI)
    assert calendars.is_workday(date(2021, 3, 13), SHANGHAI)
    assert calendars.is_known_day(date(2027, 2, 8), SHANGHAI)
    assert not calendars.is_known_day(date(2027, 2, 9), SHANGHAI)


def test_zones_have_their_countrys_calendar_or_none() -> None:
    zones = {
        "Asia/Shanghai": "CN", "Asia/Urumqi": "CN", "Asia/Chongqing": "CN", "PRC": "CN", "Asia/Hong_Kong": "HK",
        "Asia/Macau": "MO", "Asia/Taipei": "TW", "Europe/Berlin": "DE", "America/New_York": "US", "UTC": None,
        "Etc/GMT-8": None,
    }  # fmt: skip
    assert {zone: find_country(zone) for zone in zones} == zones
    assert not OfficialCalendars().is_workday(date(2021, 12, 24) + timedelta(days=1), "UTC")  # a Saturday
    assert OfficialCalendars().is_workday(date(2026, 12, 25), "UTC")
    assert not OfficialCalendars().is_workday(date(2026, 12, 25), "Europe/Berlin")
    assert not OfficialCalendars().is_known_day(date(2026, 12, 25), "UTC")
