"""Recurrence rules of days: the subset of RFC 5545, 3.3.10 that selects days.

1. FREQ is YEARLY, MONTHLY, WEEKLY or DAILY; BYHOUR, BYMINUTE and BYSECOND are refused.
2. Each rule part occurs once, within the limits and the FREQs that the RFC allows.
3. Occurrences are days from *first* (DTSTART) on; DTSTART itself counts only if the rule matches it.
4. The running time grows with the days between *first* (with COUNT) or *begin* and *end*, and with nothing else:
   a rule that never matches ends like any other. This is why python-dateutil is not used: its search is unbounded,
   ``FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30`` took it 11.1 s. The tests compare the results with dateutil's.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

FREQS = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_SUBDAILY_PARTS = "BYHOUR", "BYMINUTE", "BYSECOND"
_BYDAY_PATTERN = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)\Z")
_UNTIL_PATTERN = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z?))?\Z")
_PART_LIMITS = {
    "BYMONTH": (1, 12, False),
    "BYMONTHDAY": (1, 31, True),
    "BYYEARDAY": (1, 366, True),
    "BYWEEKNO": (1, 53, True),
    "BYSETPOS": (1, 366, True),
}
_ALLOWED_FREQS = {
    "BYMONTHDAY": ("YEARLY", "MONTHLY", "DAILY"),
    "BYYEARDAY": ("YEARLY",),
    "BYWEEKNO": ("YEARLY",),
}
MAX_INTERVAL, MAX_COUNT = 10_000, 100_000


class SubDailyRuleError(ValueError):
    """The rule selects hours, minutes or seconds."""


@dataclass(frozen=True, slots=True)
class RecurrenceRule:
    """A parsed rule. *until* is the last day that counts, *byday* has pairs (ordinal or 0, weekday)."""

    freq: str
    interval: int = 1
    count: int | None = None
    until: date | None = None
    bymonth: tuple[int, ...] = ()
    bymonthday: tuple[int, ...] = ()
    byyearday: tuple[int, ...] = ()
    byweekno: tuple[int, ...] = ()
    byday: tuple[tuple[int, int], ...] = ()
    bysetpos: tuple[int, ...] = ()
    wkst: int = 0


@lru_cache(maxsize=4096)
def parse_rrule(text: str, zone: ZoneInfo) -> RecurrenceRule:
    """Parse a rule; an UNTIL in UTC is converted to *zone*.

    Raises ValueError for an invalid rule, SubDailyRuleError for one of times of day.
    """
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").split(";"):
        name, sign, value = part.partition("=")
        if not sign or name in parts:
            raise ValueError(text)
        parts[name] = value
    if parts.get("FREQ") in ("HOURLY", "MINUTELY", "SECONDLY") or any(name in parts for name in _SUBDAILY_PARTS):
        raise SubDailyRuleError(text)
    if parts.get("FREQ") not in FREQS or ("COUNT" in parts and "UNTIL" in parts):
        raise ValueError(text)
    rule = _build_rule(parts, zone)
    if parts:
        raise ValueError(text)
    return rule


def _build_rule(parts: dict[str, str], zone: ZoneInfo) -> RecurrenceRule:
    freq = parts.pop("FREQ")
    numbers = {
        name.lower(): _parse_numbers(parts.pop(name), *limits) for name, limits in _PART_LIMITS.items() if name in parts
    }
    if any(name.lower() in numbers and freq not in freqs for name, freqs in _ALLOWED_FREQS.items()):
        raise ValueError(freq)
    byday = tuple(_parse_byday(word) for word in parts.pop("BYDAY").split(",")) if "BYDAY" in parts else ()
    if any(n for n, _ in byday) and (freq not in ("YEARLY", "MONTHLY") or "byweekno" in numbers):
        raise ValueError(freq)
    if "bysetpos" in numbers and not byday and len(numbers) == 1:
        raise ValueError(freq)
    count = _parse_numbers(parts.pop("COUNT"), 1, MAX_COUNT, False)[0] if "COUNT" in parts else None
    return RecurrenceRule(
        freq,
        _parse_numbers(parts.pop("INTERVAL", "1"), 1, MAX_INTERVAL, False)[0],
        count,
        _parse_until(parts.pop("UNTIL"), zone) if "UNTIL" in parts else None,
        byday=byday,
        wkst=_WEEKDAYS.index(parts.pop("WKST", "MO")),
        **numbers,
    )


def _parse_numbers(text: str, least: int, most: int, negative: bool) -> tuple[int, ...]:
    number_texts = text.split(",")
    if not all(re.fullmatch(r"[+-]?[0-9]{1,6}", word) for word in number_texts):
        raise ValueError(text)
    numbers = tuple(int(word) for word in number_texts)
    if not all(least <= (abs(n) if negative else n) <= most for n in numbers):
        raise ValueError(text)
    return numbers


def _parse_byday(word: str) -> tuple[int, int]:
    match = _BYDAY_PATTERN.match(word)
    if match is None or (match[1] is not None and not 1 <= abs(int(match[1])) <= 53):
        raise ValueError(word)
    return int(match[1] or 0), _WEEKDAYS.index(match[2])


def _parse_until(text: str, zone: ZoneInfo) -> date:
    match = _UNTIL_PATTERN.match(text)
    if match is None:
        raise ValueError(text)
    until = datetime.strptime(match[1] + (match[2] or "000000"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return until.astimezone(zone).date() if match[3] else until.date()


def iter_occurrences(rule: RecurrenceRule, first: date, begin: date, end: date) -> Iterator[date]:
    """Yield the days of *rule* from *begin* up to, not including, *end*; its DTSTART is *first*."""
    if rule.until is not None and rule.until < end:
        end = rule.until + timedelta(days=1) if rule.until < date.max else end
    remaining = rule.count
    matches = _compile_day_filter(rule, first)
    for period in _iter_periods(rule, first, begin if remaining is None else first, end):
        for day in _apply_bysetpos(rule, [day for day in period if matches(day)]):
            if day < first:
                continue
            if day >= end or remaining == 0:
                return
            if remaining is not None:
                remaining -= 1
            if day >= begin:
                yield day


def _iter_periods(rule: RecurrenceRule, first: date, begin: date, end: date) -> Iterator[list[date]]:
    """Yield the days of each year, month, week or day that INTERVAL selects, from about *begin* on."""
    step = rule.interval
    if rule.freq in ("YEARLY", "MONTHLY"):
        length = 12 if rule.freq == "YEARLY" else 1
        start = (first.year * 12 + first.month - 1) // length
        skip = max(0, (begin.year * 12 + begin.month - 1) // length - start) // step
        for n in range(start + skip * step, (end.year * 12 + end.month - 1) // length + 1, step):
            yield _list_month_days(n * length, length)
        return
    length = 7 if rule.freq == "WEEKLY" else 1
    start = first.toordinal() - ((first.weekday() - rule.wkst) % 7 if length == 7 else 0)
    skip = max(0, begin.toordinal() - start) // (length * step)
    for n in range(start + skip * length * step, end.toordinal() + 1, length * step):
        yield [date.fromordinal(d) for d in range(max(1, n), min(n + length, date.max.toordinal() + 1))]


def _list_month_days(month: int, months: int) -> list[date]:
    begin = date(month // 12, month % 12 + 1, 1).toordinal()
    last = month + months - 1
    count = sum(monthrange(m // 12, m % 12 + 1)[1] for m in range(month, last + 1))
    return [date.fromordinal(begin + n) for n in range(count)]


def _apply_bysetpos(rule: RecurrenceRule, days: list[date]) -> list[date]:
    if not rule.bysetpos:
        return days
    places = {n - 1 if n > 0 else len(days) + n for n in rule.bysetpos}
    return [days[n] for n in sorted(places) if 0 <= n < len(days)]


def _compile_day_filter(rule: RecurrenceRule, first: date) -> Callable[[date], bool]:
    """Build a predicate of days from the rule's parts, with the RFC's defaults for missing ones."""
    months, month_days, week_days = set(rule.bymonth), set(rule.bymonthday), rule.byday
    if not (rule.byweekno or rule.byyearday or rule.bymonthday or rule.byday):
        if rule.freq == "YEARLY" and not months:
            months = {first.month}
        if rule.freq in ("YEARLY", "MONTHLY"):
            month_days = {first.day}
        elif rule.freq == "WEEKLY":
            week_days = ((0, first.weekday()),)

    def matches(day: date) -> bool:
        if months and day.month not in months:
            return False
        if month_days and not _is_counted_day(day.day, monthrange(day.year, day.month)[1], month_days):
            return False
        if week_days and not any(_is_matching_weekday(rule, day, n, weekday) for n, weekday in week_days):
            return False
        if rule.byyearday and not _is_counted_day(day.timetuple().tm_yday, _count_year_days(day.year), rule.byyearday):
            return False
        return not rule.byweekno or _is_counted_day(*_get_week_of_year(day, rule.wkst), rule.byweekno)

    return matches


def _is_counted_day(n: int, length: int, wanted: set[int] | tuple[int, ...]) -> bool:
    return n in wanted or n - length - 1 in wanted


def _is_matching_weekday(rule: RecurrenceRule, day: date, n: int, weekday: int) -> bool:
    if day.weekday() != weekday:
        return False
    if n == 0:
        return True
    if rule.freq == "YEARLY" and not rule.bymonth:
        place, length = day.timetuple().tm_yday, _count_year_days(day.year)
    else:
        place, length = day.day, monthrange(day.year, day.month)[1]
    return n == (place - 1) // 7 + 1 if n > 0 else n == -((length - place) // 7 + 1)


def _count_year_days(year: int) -> int:
    return 366 if monthrange(year, 2)[1] == 29 else 365


def _get_week_of_year(day: date, wkst: int) -> tuple[int, int]:
    """Return the number of the week of *day*, and the number of weeks of that week's year."""
    middle = day.toordinal() - (day.weekday() - wkst) % 7 + 3
    year = date.fromordinal(min(max(middle, 1), date.max.toordinal())).year
    return (middle - date(year, 1, 1).toordinal()) // 7 + 1, _count_weeks(year, wkst)


def _count_weeks(year: int, wkst: int) -> int:
    last = date(year, 12, 28)
    middle = last.toordinal() - (last.weekday() - wkst) % 7 + 3
    return (middle - date(year, 1, 1).toordinal()) // 7 + 1
