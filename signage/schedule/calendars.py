"""Official workdays and holidays, including moved workdays (调休) (contract, rule 7).

The calendar of a zone is the calendar of the country in which the zone lies. China announces the moved workdays of a
year in the November before; a Chinese year without any is a year that the calendar does not know yet. Where the
calendar has no data, Monday to Friday are workdays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

import holidays

_ANNOUNCED_YEARLY = frozenset({"CN"})
"""Countries whose calendar of a year is unknown until its moved workdays are announced."""


@dataclass(frozen=True, slots=True)
class OfficialCalendars:
    """The official calendars, with the overrides of the configuration as (date, is it a workday)."""

    overrides: tuple[tuple[date, bool], ...] = ()

    def is_workday(self, day: date, zone: str) -> bool:
        """Return whether *day* is an official workday in the country of *zone*. Any other day is a holiday."""
        for overridden, workday in self.overrides:
            if overridden == day:
                return workday
        country = find_country(zone)
        return (
            day.weekday() < 5 if country is None else _get_exception_days(country, day.year).get(day, day.weekday() < 5)
        )

    def is_known_day(self, day: date, zone: str) -> bool:
        """Return whether the official calendar or the configuration knows *day*."""
        if any(day == overridden for overridden, _ in self.overrides):
            return True
        country = find_country(zone)
        return country is not None and is_known_year(country, day.year)


def is_known_year(country: str, year: int) -> bool:
    """Return whether the official calendar of *country* knows the *year*."""
    return _load_calendar(country, year) is not None


@lru_cache(maxsize=1024)
def _get_exception_days(country: str, year: int) -> Mapping[date, bool]:
    """Return the days of *year* that differ from their weekday, each with whether it is a workday."""
    calendar = _load_calendar(country, year)
    if calendar is None:
        return MappingProxyType({})
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    year_days = (date.fromordinal(n) for n in range(first, last + 1))
    return MappingProxyType({d: w for d in year_days if (w := calendar.is_working_day(d)) != (d.weekday() < 5)})


@lru_cache(maxsize=1024)
def _load_calendar(country: str, year: int) -> holidays.HolidayBase | None:
    try:
        calendar = holidays.country_holidays(country, years=year)
    except NotImplementedError:
        return None
    if not calendar.start_year <= year <= calendar.end_year:
        return None
    if country in _ANNOUNCED_YEARLY and not any(day.year == year for day in calendar.weekend_workdays):
        return None
    return calendar


@lru_cache(maxsize=1024)
def find_country(zone: str) -> str | None:
    """Return the country (ISO 3166) of *zone*; None for a zone without a country (``UTC``, ``Etc/GMT-8``)."""
    countries, links = _load_zone_tables()
    return countries.get(zone) or countries.get(links.get(zone, ""))


@lru_cache(maxsize=1)
def _load_zone_tables() -> tuple[Mapping[str, str], Mapping[str, str]]:
    folder = resources.files("tzdata").joinpath("zoneinfo")
    rows = (line.split("\t") for line in folder.joinpath("zone.tab").read_text("utf-8").splitlines())
    countries = {row[2]: row[0] for row in rows if not row[0].startswith("#") and len(row) > 2}
    lines = (line.split() for line in folder.joinpath("tzdata.zi").read_text("utf-8").splitlines())
    links = {words[2]: words[1] for words in lines if len(words) == 3 and words[0] == "L"}
    return countries, links
