"""Programs: cut at midnights, joined where nothing changes, and phases that any clock agrees on."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from signage.model.takeover import Takeover
from signage.schedule.programs import PlannedProgram, get_first_entry_of_day, plan_programs
from signage.schedule.rotation.rotation_cache import RotationCache
from signage.schedule.snapshot import KeyPeriod, ScheduleSettings, ScheduleSnapshot
from signage.schedule.takeovers import get_poll_seconds
from tests.schedule.builders import (
    build_campaign,
    build_lengths,
    build_loops,
    build_screen,
    build_snapshot,
    parse_instant,
    parse_local_time,
    rotate_in_order,
)
from tests.schedule.oracle import QUARTER
from tests.schedule.strategies import HALF_SPAN, build_snapshot_and_oracle, oracle_examples, oracle_inputs

MIDNIGHT = parse_instant("2021-03-15T00:00+08:00")
DAY = timedelta(days=1)
THREE = build_campaign('[[item]]\nid = "a"\n[[item]]\nid = "b"\n[[item]]\nid = "c"\n[[placement]]\norder = "listed"')


def build_takeover(number: int, begin: str, end: str, **what: object) -> Takeover:
    facts = what or {"text": "疏散"}
    day = "2021-03-15T"
    return Takeover(
        f"t{number}", number, ("*",), parse_instant(day + begin), parse_instant(day + end), "duty", "test", **facts
    )  # type: ignore[arg-type]


def plan_days(
    here: ScheduleSnapshot, known: dict[str, object], begin: str = "00:00", days: int = 1
) -> tuple[PlannedProgram, ...]:
    first = parse_instant(f"2021-03-15T{begin}+08:00")
    return plan_programs(here, build_screen(), known, first, MIDNIGHT + days * DAY, build_loops(known))  # type: ignore[arg-type]


def format_programs(programs: tuple[PlannedProgram, ...]) -> list[tuple[str, str, str, int]]:
    zone = ZoneInfo("Asia/Shanghai")
    clock = [(p.from_.astimezone(zone), p.until.astimezone(zone)) for p in programs]
    return [
        (f"{a:%d %H:%M:%S}", f"{b:%d %H:%M:%S}", p.why, p.phase_ms) for p, (a, b) in zip(programs, clock, strict=True)
    ]


def test_no_program_spans_a_midnight() -> None:
    known = build_lengths(THREE)
    assert format_programs(plan_days(build_snapshot(THREE), known, days=2)) == [
        ("15 00:00:00", "16 00:00:00", "c", 0),
        ("16 00:00:00", "17 00:00:00", "c", 0),
    ]


def test_the_first_program_keeps_its_own_beginning_whenever_somebody_looks() -> None:
    known = build_lengths(THREE)
    assert format_programs(plan_days(build_snapshot(THREE), known, begin="13:07"))[0] == (
        "15 00:00:00",
        "16 00:00:00",
        "c",
        0,
    )


def test_neighbours_with_equal_loops_and_reasons_are_one_program() -> None:
    """Two dayparts of two placements follow one another: other reasons. Two of one placement: other reasons, too.

    An item whose window ends changes nothing where it is placed nowhere.
    """
    two = build_campaign(
        """
        [[item]]
        id = "a"
        [[item]]
        id = "idle"
        until = 2021-03-15T12:00:00
        [daypart.early]
        until = 08:00:00
        [daypart.late]
        from = 08:00:00
        [[placement]]
        items = ["a"]
        dayparts = ["early", "late"]
        """
    )
    assert format_programs(plan_days(build_snapshot(two), build_lengths(two))) == [
        ("15 00:00:00", "15 08:00:00", "c / early", 0),
        ("15 08:00:00", "16 00:00:00", "c / late", 0),
    ]


def test_after_a_takeover_the_loop_is_where_the_clock_makes_it() -> None:
    """The loop of 30 s runs on beneath: at 10:00:47 it is 17 s into it. The takeover begins at its own beginning."""
    here = build_snapshot(THREE, takeovers=(build_takeover(1, "10:00:00+08:00", "10:00:47+08:00"),))
    known = build_lengths(THREE) | {"_takeover/t1": 7000}
    assert format_programs(plan_days(here, known)) == [
        ("15 00:00:00", "15 10:00:00", "c", 0),
        ("15 10:00:00", "15 10:00:47", "takeover: t1", 0),
        ("15 10:00:47", "16 00:00:00", "c", 17_000),
    ]


def test_a_takeover_over_a_takeover_lets_it_run_on_beneath() -> None:
    first, second = (
        build_takeover(1, "10:00:00+08:00", "10:02:00+08:00"),
        build_takeover(2, "10:00:20+08:00", "10:00:40+08:00", blank=True),
    )
    here = build_snapshot(THREE, takeovers=(second, first))
    known = build_lengths(THREE) | {"_takeover/t1": 7000}
    found = plan_days(here, known)
    assert format_programs(found)[1:4] == [
        ("15 10:00:00", "15 10:00:20", "takeover: t1", 0),
        ("15 10:00:20", "15 10:00:40", "takeover: t2", 0),
        ("15 10:00:40", "15 10:02:00", "takeover: t1", 40_000 % 7000),
    ]
    assert found[2].rotation is None


def test_a_takeover_over_midnight_is_two_programs() -> None:
    here = build_snapshot(THREE, takeovers=(build_takeover(1, "23:59:00+08:00", "23:59:30+08:00"),))
    longer = Takeover(
        "t1",
        1,
        ("*",),
        parse_instant("2021-03-15T23:59:00+08:00"),
        parse_instant("2021-03-16T00:01:00+08:00"),
        "d",
        "t",
        text="x",
    )
    here = build_snapshot(THREE, takeovers=(longer,))
    known = build_lengths(THREE) | {"_takeover/t1": 7000}
    assert format_programs(plan_days(here, known, days=2))[1:4] == [
        ("15 23:59:00", "16 00:00:00", "takeover: t1", 0),
        ("16 00:00:00", "16 00:01:00", "takeover: t1", 0),
        ("16 00:01:00", "17 00:00:00", "c", 0),
    ]


def test_what_a_takeover_names_and_the_panel_cannot_play_is_the_still_and_never_black() -> None:
    here = build_snapshot(THREE, takeovers=(build_takeover(1, "10:00:00+08:00", "10:01:00+08:00", item="gone/film"),))
    found = plan_days(here, build_lengths(THREE))[1]
    assert found.rotation is not None and found.rotation.entries == ("_signage/still",) and found.why == "takeover: t1"


def test_a_program_shorter_than_its_loop_begins_each_day_at_an_item_further_on() -> None:
    short = build_campaign(
        """
        [[item]]
        id = "a"
        duration_s = 600
        [[item]]
        id = "b"
        duration_s = 900
        [[item]]
        id = "c"
        duration_s = 1200
        [daypart.noon]
        from = 12:00:00
        until = 12:20:00
        [[placement]]
        order = "listed"
        dayparts = ["noon"]
        """
    )
    known = build_lengths(short)
    found = [p for p in plan_days(build_snapshot(short), known, days=10) if p.why == "c / noon"]
    begins = [0, 600_000, 1_500_000]
    expected = [
        (d * 11400714819323198485 % 2**64) * 3 >> 64
        for d in range(date(2021, 3, 15).toordinal(), date(2021, 3, 25).toordinal())
    ]
    assert [p.phase_ms for p in found] == [begins[entry] for entry in expected]
    assert set(expected) == {0, 1, 2}


def test_over_a_year_every_entry_has_its_days() -> None:
    turns = [get_first_entry_of_day(date(2021, 1, 1).toordinal() + n, 7) for n in range(365)]
    assert all(51 <= turns.count(entry) <= 53 for entry in range(7))


def test_the_default_campaign_fills_by_its_own_dayparts_on_any_screen() -> None:
    house = build_campaign(
        """
        [daypart.day]
        from = 06:00:00
        until = 22:00:00
        [[placement]]
        screens = ["kind:none"]
        dayparts = ["day"]
        """,
        "house",
    )
    known = build_lengths(house)
    here = build_snapshot(house)
    found = plan_programs(
        here, build_screen(default_campaign="house"), known, MIDNIGHT, MIDNIGHT + DAY, build_loops(known)
    )
    assert [p.why for p in found] == ["fallback", "default: house", "fallback"]
    waiting = build_snapshot(house, unapproved=frozenset({"house"}))
    found = plan_programs(
        waiting, build_screen(default_campaign="house"), known, MIDNIGHT, MIDNIGHT + DAY, build_loops(known)
    )
    assert [p.why for p in found] == ["fallback"]


@pytest.mark.parametrize(("clock", "seconds"), [("09:59:59", 30), ("10:00:00", 5), ("11:00:00", 30), ("12:00:00", 15)])
def test_screens_poll_more_often_under_a_takeover_and_in_a_key_period(clock: str, seconds: int) -> None:
    noon = KeyPeriod(parse_instant("2021-03-15T12:00+08:00"), parse_instant("2021-03-15T13:00+08:00"), 15)
    here = build_snapshot(
        THREE,
        takeovers=(build_takeover(1, "10:00:00+08:00", "11:00:00+08:00"),),
        settings=ScheduleSettings(poll_seconds=30, takeover_poll_seconds=5, key_periods=(noon,)),
    )
    assert get_poll_seconds(here, build_screen(), parse_instant(f"2021-03-15T{clock}+08:00")) == seconds


def test_a_day_of_25_hours_is_one_program() -> None:
    what = build_campaign("", timezone="Europe/Berlin", until=parse_local_time("2021-12-01"))
    known, where = build_lengths(what), build_screen(timezone="Europe/Berlin")
    begin, end = parse_instant("2021-10-31T00:00+02:00"), parse_instant("2021-11-01T00:00+01:00")
    found = plan_programs(build_snapshot(what), where, known, begin, end, build_loops(known))
    assert [(p.from_, p.until) for p in found] == [(begin, end)] and end - begin == timedelta(hours=25)


@pytest.mark.slow
@oracle_examples(300)
@given(oracle_inputs())
def test_programs_are_those_of_the_oracle(inputs: dict[str, Any]) -> None:
    snapshot, oracle = build_snapshot_and_oracle(inputs)
    lengths = inputs["lengths"]
    begin, end = inputs["day"] - HALF_SPAN, inputs["day"] + HALF_SPAN
    rotations = RotationCache(lengths, 3_600_000, rotate_in_order)
    for screen in inputs["screens"]:
        programs = plan_programs(snapshot, screen, lengths, begin, end, rotations)
        assert programs[0].from_ <= begin < programs[0].until and programs[-1].until == end
        assert all(a.until == b.from_ for a, b in pairwise(programs))
        at = begin + timedelta(seconds=11)
        while at < end:
            program = next(p for p in programs if p.from_ <= at < p.until)
            position = 0 if program.rotation is None else program.get_position_ms(at)
            why, item, expected = oracle.resolve_at(screen, at)
            assert (program.why, position) == (why, expected), (screen.id, at)
            assert (program.rotation is None) == (item is None)
            at += 5 * QUARTER


@pytest.mark.slow
@oracle_examples(200)
@given(oracle_inputs())
def test_programs_planned_at_different_instants_agree(inputs: dict[str, Any]) -> None:
    snapshot, _ = build_snapshot_and_oracle(inputs)
    lengths = inputs["lengths"]
    early, end = inputs["day"] - HALF_SPAN, inputs["day"] + HALF_SPAN
    late = inputs["day"] + timedelta(hours=5, minutes=3, seconds=9)
    rotations = RotationCache(lengths, 3_600_000, rotate_in_order)
    for screen in inputs["screens"]:
        early_plan = plan_programs(snapshot, screen, lengths, early, end, rotations)
        late_plan = plan_programs(snapshot, screen, lengths, late, end + timedelta(days=1), rotations)
        at = late
        while at < end:
            a = next(p for p in early_plan if p.from_ <= at < p.until)
            b = next(p for p in late_plan if p.from_ <= at < p.until)
            assert a.rotation == b.rotation and a.why == b.why
            assert a.rotation is None or a.get_position_ms(at) == b.get_position_ms(at)
            at += timedelta(minutes=37)
