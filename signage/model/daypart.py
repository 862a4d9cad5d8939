"""Dayparts: parts of the day or week in which a placement shows."""

import re
from dataclasses import dataclass
from datetime import date, time
from typing import Literal


@dataclass(frozen=True, slots=True)
class WeekdayRule:
    """Days of the week, Monday = 0."""

    days: frozenset[int]


@dataclass(frozen=True, slots=True)
class DateRangeRule:
    """Dates from *first* to *last*, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class OfficialDayRule:
    """Working days of the official calendar, or all other days."""

    kind: Literal["workday", "holiday"]


DayRule = WeekdayRule | DateRangeRule | OfficialDayRule
_DATE_PATTERN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_WEEKDAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def parse_day_rule(word: str) -> DayRule:
    """Parse one word of ``days`` or ``except``.

    ``mon``, ``fri-mon`` (wraps), a date, ``DATE/DATE``, ``workday``, ``holiday``. Raises ValueError for any other.
    """
    if word in ("workday", "holiday"):
        return OfficialDayRule("workday" if word == "workday" else "holiday")
    first, dash, last = word.partition("-")
    if first in _WEEKDAY_NAMES and (last in _WEEKDAY_NAMES or not dash):
        a = _WEEKDAY_NAMES.index(first)
        b = _WEEKDAY_NAMES.index(last) if dash else a
        return WeekdayRule(frozenset((a + n) % 7 for n in range((b - a) % 7 + 1)))
    begin, slash, end = word.partition("/")
    dates = DateRangeRule(_parse_date(begin), _parse_date(end if slash else begin))
    if dates.last < dates.first:
        raise ValueError(word)
    return dates


def _parse_date(text: str) -> date:
    if not _DATE_PATTERN.match(text):
        raise ValueError(text)
    return date.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class Daypart:
    """A recurring time span in local time of the campaign's time zone.

    *days* and *except_* are the words as written; no days and no *rrule*: every day. *until* not later than *from_*:
    over midnight, belonging to the day on which it starts; equal: 24 hours. *rrule* is an RFC 5545 rule in place of
    days; its DTSTART is the day of the campaign's ``from``.
    """

    id: str
    days: tuple[str, ...] = ()
    except_: tuple[str, ...] = ()
    from_: time = time(0)
    until: time = time(0)
    rrule: str | None = None
