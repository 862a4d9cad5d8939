"""What the calendars say about a campaign's dayparts."""

from datetime import date

from signage.schedule.calendars import Calendars
from signage.schedule.checks import daypart_faults
from tests.schedule.building import campaign, local

WORKING = '[daypart.work]\ndays = ["workday"]\n[daypart.other]\ndays = ["sat"]'


def told(what: str, calendars: Calendars, **window: str) -> list[tuple[str, str, object]]:
    made = campaign(what, **{"from" if k == "begin" else "until": local(v) for k, v in window.items()})
    return [(f.code, f.place.key, f.facts.get("years")) for f in daypart_faults(made, calendars)]


def test_years_without_announced_workdays_are_named() -> None:
    found = told(WORKING, Calendars(), begin="2026-12-30", until="2028-01-02")
    assert found == [("calendar-unknown", "daypart.work", "2027, 2028")]
    assert not told(WORKING, Calendars(), begin="2026-12-01", until="2027-01-01")


def test_days_that_the_configuration_gives_are_known() -> None:
    given = Calendars(((date(2027, 1, 1), False), (date(2027, 1, 2), True)))
    assert not told(WORKING, given, begin="2026-12-30", until="2027-01-02T12:00")


def test_a_daypart_that_never_holds_is_named() -> None:
    monday = '[daypart.mon]\ndays = ["mon"]\nfrom = 08:00:00\nuntil = 09:00:00'
    found = told(monday, Calendars(), begin="2021-03-09", until="2021-03-14")
    assert found == [("daypart-never", "daypart.mon", None)]
    assert not told(monday, Calendars(), begin="2021-03-09", until="2021-03-15T08:01")
