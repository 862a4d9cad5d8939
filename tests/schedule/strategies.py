"""Random installations around the days on which clocks jump, everything on whole quarters of an hour."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from signage.faults import Fault
from signage.model.campaign import Campaign, Placement
from signage.model.consent import Consent, ConsentHours
from signage.model.daypart import Daypart
from signage.model.item import Item
from signage.model.screen import OperatingHours, Screen
from signage.model.takeover import Takeover
from signage.schedule.calendars import OfficialCalendars
from signage.schedule.snapshot import ScheduleSnapshot
from tests.schedule.oracle import ScheduleOracle
from tests.support.examples import examples

HALF_SPAN = timedelta(hours=44)
"""The oracle tests look at this long before and after the drawn day."""
CLOCK_CHANGES = [  # a zone, and a local day near which something happens to its clocks (or nothing)
    ("Asia/Shanghai", "2021-03-13"),
    ("Asia/Shanghai", "2021-02-07"),
    ("Asia/Shanghai", "2021-10-08"),
    ("Europe/Berlin", "2021-03-28"),
    ("Europe/Berlin", "2021-10-31"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/Sao_Paulo", "2018-02-18"),
    ("Australia/Lord_Howe", "2021-04-04"),
    ("Australia/Lord_Howe", "2021-10-03"),
    ("Pacific/Apia", "2011-12-30"),
    ("Asia/Kathmandu", "2021-06-01"),
    ("UTC", "2021-05-01"),
]
OFFICIAL = ("Asia/Shanghai", "UTC")
"""Zones of which the oracle knows the workdays: one with an official calendar, and one without any."""
OFFSETS = [timezone(timedelta(hours=8)), timezone(timedelta(hours=-5, minutes=-30)), UTC]
LENGTHS: list[int | Fault] = [8_000, 13_000, 1_100_000, 2_500_000, 2_500_000, Fault("error", "too-big")]
ITEMS = ("a", "b", "slow")
GROUPS, TAGS = ("buses", "trams"), ("centre", "depot")
SELECTORS = ["*", "kind:taxi-*", "group:buses", "tag:centre", "unit:bureau", "screen:s?", "screen:s1", "group:*"]
UNITS = ("bureau", "station", "market")
WORDS = ["mon-fri", "fri-mon", "sat", "sun", "wed"]
RULES = ["FREQ=MONTHLY;BYMONTHDAY=15", "FREQ=DAILY;INTERVAL=2", "FREQ=WEEKLY;BYDAY=SA,SU", "FREQ=DAILY;COUNT=2"]

times_of_day = st.builds(time, st.sampled_from([0, 1, 2, 3, 6, 12, 22, 23]), st.sampled_from([0, 15, 30, 45]))


@st.composite
def dayparts(draw: st.DrawFn, id: str, day: datetime, official: bool) -> Daypart:
    words = [*WORDS, f"{day:%Y-%m-%d}", f"{day:%Y-%m-%d}/{day + timedelta(days=1):%Y-%m-%d}"]
    words += ["workday", "holiday"] if official else []
    rule = draw(st.none() | st.sampled_from(RULES))
    days = () if rule else tuple(draw(st.lists(st.sampled_from(words), max_size=2, unique=True)))
    except_ = tuple(draw(st.lists(st.sampled_from(words), max_size=1)))
    return Daypart(id, days, except_, draw(times_of_day), draw(times_of_day), rule)


@st.composite
def windows(draw: st.DrawFn, day: datetime, hours: int) -> tuple[datetime, datetime]:
    """Local times, or now and then date-times with an offset, which are the instants that they are."""
    quarters = st.integers(-hours * 4, hours * 4)
    a, b = sorted([draw(quarters), draw(quarters)])
    begin, end = day + a * timedelta(minutes=15), day + (b + 1) * timedelta(minutes=15)
    offset = draw(st.sampled_from([None, None, *OFFSETS])) if day.tzinfo is None else None
    return (begin.replace(tzinfo=offset), end.replace(tzinfo=offset)) if offset else (begin, end)


@st.composite
def overrides(draw: st.DrawFn, day: date) -> dict[date, bool]:
    """What ``[[holiday]]`` says of the days around *day*."""
    near = st.integers(-3, 3).map(lambda n: day + timedelta(days=n))
    return draw(st.just({}) | st.dictionaries(near, st.booleans(), max_size=4))


@st.composite
def campaigns(draw: st.DrawFn, id: str, zone: str, day: datetime) -> Campaign:
    begin, end = draw(windows(day, 60))
    items = []
    for name in ITEMS[: draw(st.integers(1, 3))]:
        own = draw(st.none() | windows(day, 40))
        tags = draw(st.sampled_from([(), ("theme",)]))
        first, last = own if own else (None, None)
        weight = draw(st.sampled_from([None, 1, 2, 7]))
        items.append(Item(name, text=name, weight=weight, tags=tags, from_=first, until=last))
    parts = [draw(dayparts(n, day, zone in OFFICIAL)) for n in ("early", "late")[: draw(st.integers(0, 2))]]
    names = [p.id for p in parts]
    placements = [draw(campaign_placements([i.id for i in items], names)) for _ in range(draw(st.integers(1, 2)))]
    priority = draw(st.sampled_from([0, 0, 0, 5]))
    return Campaign(id, id, zone, begin, end, tuple(items), tuple(placements), tuple(parts), priority=priority)


@st.composite
def campaign_placements(draw: st.DrawFn, items: list[str], parts: list[str]) -> Placement:
    patterns = st.sampled_from([*items, "*", "tag:theme", "?"])
    screens = draw(
        st.lists(st.sampled_from(SELECTORS) | st.sampled_from(["!tag:depot", "!screen:s2"]), min_size=1, max_size=3)
    )
    named = draw(st.lists(st.sampled_from(parts), unique=True)) if parts else []
    return Placement(
        tuple(screens),
        tuple(draw(st.lists(patterns, min_size=1, max_size=3))),
        tuple(named),
        draw(st.sampled_from([1, 1, 3, 10_000])),
        draw(st.sampled_from(["fair", "listed"])),
        draw(st.sampled_from([None, None, 1, 30])),
        draw(st.sampled_from([None, None, 1000, 1_800_000])),
    )


@st.composite
def screens(draw: st.DrawFn, id: str, zone: str) -> Screen:
    hours = draw(st.just(()) | st.tuples(st.builds(OperatingHours, times_of_day, times_of_day)))
    return Screen(
        id,
        draw(st.sampled_from(["taxi-roof", "street"])),
        "p",
        zone,
        tuple(draw(st.lists(st.sampled_from(GROUPS), unique=True))),
        tuple(draw(st.lists(st.sampled_from(TAGS), unique=True))),
        draw(st.none() | st.just("bureau")),
        hours=hours,
        default_campaign=draw(st.none() | st.sampled_from(["c0", "c1", "gone"])),
    )


@st.composite
def takeovers(draw: st.DrawFn, number: int, day: datetime) -> Takeover:
    begin, end = draw(windows(day.replace(tzinfo=UTC), 40))
    what = draw(st.sampled_from([{"text": "疏散"}, {"item": "c0/a"}, {"item": "c9/none"}, {"blank": True}]))
    begin += timedelta(seconds=draw(st.sampled_from([0, 7])))
    stopped = draw(st.none() | st.just(begin + (end - begin) / 2))
    screens = draw(st.sampled_from([("*",), ("group:buses",), ("screen:s1",)]))
    stopped = stopped.replace(microsecond=0) if stopped else None
    return Takeover(f"t{number}", number, screens, begin, end, "duty", "test", stopped_at=stopped, **what)


@st.composite
def oracle_inputs(draw: st.DrawFn) -> dict[str, object]:
    zone, text = draw(st.sampled_from(CLOCK_CHANGES))
    day = datetime.fromisoformat(text)
    found = [draw(campaigns(f"c{n}", zone, day)) for n in range(draw(st.integers(1, 3)))]
    orders = [draw(takeovers(n, day)) for n in range(draw(st.integers(0, 2)))]
    lengths: dict[str, int | Fault] = {"_signage/still": 10_000, "_takeover/t0": 7_000, "_takeover/t1": 9_000}
    for campaign in found:
        for item in campaign.items:
            lengths[f"{campaign.id}/{item.id}"] = draw(st.sampled_from(LENGTHS))
    own_zone = draw(st.sampled_from([zone, "Asia/Shanghai"]))
    return {
        "campaigns": found,
        "takeovers": orders,
        "lengths": lengths,
        "screens": [draw(screens("s1", own_zone)), draw(screens("s2", zone))],
        "overrides": draw(overrides(day.date())),
        "unapproved": draw(st.sampled_from([frozenset(), frozenset({"c1"}), frozenset({"c0/a"})])),
        "day": day.replace(tzinfo=UTC),
    }


@st.composite
def consents(draw: st.DrawFn, number: int, day: datetime, campaign_ids: list[str]) -> Consent:
    unit, to = draw(st.permutations(UNITS))[:2]
    until = draw(st.none() | st.integers(-160, 160).map(lambda n: day + n * timedelta(minutes=15)))
    return Consent(
        f"k{number}",
        number,
        unit,
        to,
        tuple(draw(st.lists(st.sampled_from([*SELECTORS, "!tag:depot"]), min_size=1, max_size=2))),
        draw(st.none() | st.sampled_from(campaign_ids)),
        draw(st.none() | st.builds(ConsentHours, times_of_day, times_of_day)),
        draw(st.sampled_from([None, None, 1, 2])),
        draw(st.sampled_from([None, None, -3, 0, 4])),
        until,
    )


@st.composite
def shared_installations(draw: st.DrawFn) -> dict[str, Any]:
    """Installations of several units, with consents between them and takeovers of one of them."""
    inputs = draw(oracle_inputs())
    units = st.none() | st.sampled_from(UNITS)
    inputs["campaigns"] = [replace(campaign, unit=draw(units)) for campaign in inputs["campaigns"]]
    inputs["screens"] = [replace(screen, unit=draw(units)) for screen in inputs["screens"]]
    ids = [campaign.id for campaign in inputs["campaigns"]]
    inputs["consents"] = [draw(consents(n, inputs["day"], ids)) for n in range(draw(st.integers(0, 4)))]
    return inputs


def oracle_examples(everyday: int) -> settings:
    """Settings for a property over oracle_inputs(), whose draws are large."""
    return settings(examples(everyday), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def build_snapshot_and_oracle(inputs: dict[str, Any]) -> tuple[ScheduleSnapshot, ScheduleOracle]:
    """Return the drawn installation as the engine's snapshot and as the oracle."""
    takeovers, lengths, overrides = inputs["takeovers"], inputs["lengths"], inputs["overrides"]
    calendars = OfficialCalendars(tuple(overrides.items()))
    given = inputs.get("consents")
    snapshot = ScheduleSnapshot(
        tuple(inputs["campaigns"]),
        inputs["unapproved"],
        tuple(takeovers),
        calendars,
        screens=tuple(inputs["screens"]),
        consents=None if given is None else tuple(given),
    )
    oracle = ScheduleOracle(inputs["campaigns"], takeovers, lengths, overrides, set(inputs["unapproved"]), given)
    return snapshot, oracle
