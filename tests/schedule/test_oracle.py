"""The engine and the oracle agree on random installations, rule by rule and quarter by quarter."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, event, given, settings

from signage.schedule.analysis.explain import explain
from signage.schedule.calendars import OfficialCalendars
from signage.schedule.live_content import BUILTIN_STILL_ITEM, LivePlacement, Rotation
from signage.schedule.programs import plan_programs
from signage.schedule.resolve import list_content_intervals
from signage.schedule.rotation.loop import build_rotation
from signage.schedule.rotation.rotation_cache import RotationCache
from signage.schedule.snapshot import ScheduleSnapshot
from tests.schedule import oracle_loops as rules
from tests.schedule.builders import rotate_in_order
from tests.schedule.oracle import QUARTER, ScheduleOracle
from tests.schedule.strategies import oracle_inputs
from tests.support.examples import examples

HALF_SPAN = timedelta(hours=44)
MAX_LOOP_MS = 3_600_000
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def modest(everyday: int) -> settings:
    return settings(examples(everyday), suppress_health_check=SLOW)


def read(world: dict[str, Any]) -> tuple[ScheduleSnapshot, ScheduleOracle]:
    takeovers, lengths = world["takeovers"], world["lengths"]
    calendars = OfficialCalendars(tuple(world["overrides"].items()))
    here = ScheduleSnapshot(tuple(world["campaigns"]), world["unapproved"], tuple(takeovers), calendars)
    return here, ScheduleOracle(world["campaigns"], takeovers, lengths, world["overrides"], set(world["unapproved"]))


@modest(1000)
@given(oracle_inputs())
def test_rules_1_6_7_8_what_is_live(world: dict[str, Any]) -> None:
    here, oracle = read(world)
    begin, end = world["day"] - HALF_SPAN, world["day"] + HALF_SPAN
    for screen in world["screens"]:
        found = list_content_intervals(here, screen, world["lengths"], begin, end)
        assert found[0].from_ == begin and found[-1].until == end
        assert all(a.until == b.from_ and a.live != b.live for a, b in pairwise(found))
        at = begin
        while at < end:
            live = next(one.live for one in found if one.from_ <= at < one.until)
            over = oracle.find_takeover(screen, at)
            if over is not None:
                assert live.why == f"takeover: {over.id}"
            else:
                why, _ = oracle.resolve_without_takeovers(screen, at)
                assert live.why == why
                assert live.placements == oracle.list_live_placements(screen, at)
            at += QUARTER


@modest(300)
@given(oracle_inputs())
def test_programs_show_what_the_text_says(world: dict[str, Any]) -> None:
    here, oracle = read(world)
    lengths = world["lengths"]
    begin, end = world["day"] - HALF_SPAN, world["day"] + HALF_SPAN
    loops = RotationCache(lengths, MAX_LOOP_MS, rotate_in_order)
    for screen in world["screens"]:
        found = plan_programs(here, screen, lengths, begin, end, loops)
        assert found[0].from_ <= begin < found[0].until and found[-1].until == end
        assert all(a.until == b.from_ for a, b in pairwise(found))
        at = begin + timedelta(seconds=11)
        while at < end:
            program = next(one for one in found if one.from_ <= at < one.until)
            position = 0 if program.rotation is None else program.get_position_ms(at)
            why, item, expected = oracle.resolve_at(screen, at)
            assert (program.why, position) == (why, expected), (screen.id, at)
            assert (program.rotation is None) == (item is None)
            at += 5 * QUARTER


@modest(200)
@given(oracle_inputs())
def test_two_looks_at_different_instants_agree(world: dict[str, Any]) -> None:
    here, _ = read(world)
    lengths = world["lengths"]
    early, end = world["day"] - HALF_SPAN, world["day"] + HALF_SPAN
    late = world["day"] + timedelta(hours=5, minutes=3, seconds=9)
    loops = RotationCache(lengths, MAX_LOOP_MS, rotate_in_order)
    for screen in world["screens"]:
        one = plan_programs(here, screen, lengths, early, end, loops)
        other = plan_programs(here, screen, lengths, late, end + timedelta(days=1), loops)
        at = late
        while at < end:
            a = next(p for p in one if p.from_ <= at < p.until)
            b = next(p for p in other if p.from_ <= at < p.until)
            assert a.rotation == b.rotation and a.why == b.why
            assert a.rotation is None or a.get_position_ms(at) == b.get_position_ms(at)
            at += timedelta(minutes=37)


@modest(200)
@given(oracle_inputs())
def test_the_trail_ends_where_the_program_is(world: dict[str, Any]) -> None:
    here, _ = read(world)
    lengths = world["lengths"]
    loops = RotationCache(lengths, MAX_LOOP_MS, rotate_in_order)
    for screen in world["screens"]:
        for hours in (-30, -3, 2, 17):
            answer = explain(here, screen, lengths, world["day"] + timedelta(hours=hours, minutes=4), loops)
            kept = {step.candidate for step in answer.trace if step.kept}
            live = answer.program.live
            if live.kind == "takeover":
                assert live.why.removeprefix("takeover: ") in kept
            elif live.kind == "dark":
                assert any(step.code == "hours-dark" for step in answer.trace)
            elif live.kind == "still":
                assert "_signage/still" in kept
            else:
                names = {step.candidate for step in answer.trace if step.kept and step.rule in ("priority", "default")}
                assert names == {placement.campaign for placement in live.placements}
                assert answer.item in kept


def loops_of(world: dict[str, Any]) -> Iterator[tuple[tuple[LivePlacement, ...], Rotation]]:
    """What is live, as the oracle has it, beside the loop that the engine made of it: each pair once."""
    here, oracle = read(world)
    lengths, seen = world["lengths"], set()
    loops = RotationCache(lengths, MAX_LOOP_MS)
    for screen in world["screens"]:
        for one in plan_programs(here, screen, lengths, world["day"] - HALF_SPAN, world["day"] + HALF_SPAN, loops):
            if one.live.kind in ("campaigns", "default"):
                live = oracle.list_live_placements(screen, one.from_)
                assert one.rotation is not None and live
                if live not in seen:
                    seen.add(live)
                    yield live, one.rotation


@modest(1000)
@given(oracle_inputs())
def test_rules_2_3_4_shares_weights_and_whole_cycles(world: dict[str, Any]) -> None:
    """Without limits, and with limits that a loop without them keeps anyway."""
    for live, found in loops_of(world):
        free = build_rotation(
            tuple(replace(p, max_per_hour=None, min_gap_ms=None) for p in live), MAX_LOOP_MS, BUILTIN_STILL_ITEM
        )
        if not rules.keeps_limits(live, free.entries):
            continue
        event("limits that do not bind" if rules.get_limits(live) else "no limits")
        whole = rules.get_full_cycle_ms(live) <= MAX_LOOP_MS
        assert rules.has_correct_length(live, found.entries, MAX_LOOP_MS)
        assert rules.keeps_shares_and_weights(live, found.entries, exact=whole)
        named = {note.code for note in found.notes}
        assert ("loop-cut" in named) == (not whole)
        assert ("item-starved" in named) == (set(found.entries) != set(rules.get_lengths(live)))
        assert ("item-follows-itself" in named) == (rules.count_repeats(found.entries) > 0)
        if rules.count_repeats(found.entries) and len(found.entries) <= 8:
            event("an item that follows itself")
            assert rules.needs_repeats(live, found.entries, exact=whole)


@modest(1000)
@given(oracle_inputs())
def test_rule_5_limits(world: dict[str, Any]) -> None:
    """Where they bind nothing else gives than it must: who has no place is named, the others keep theirs, and nowhere
    does the still show where an item could."""
    for live, found in loops_of(world):
        if not rules.get_limits(live):
            continue
        event("limits that bind" if any(note.code == "limits-bind" for note in found.notes) else "limits")
        assert rules.keeps_limits(live, found.entries)
        missing = set(rules.get_lengths(live)) - set(found.entries)
        named = [dict(note.facts)["items"] for note in found.notes if note.code == "item-starved"]
        assert named == ([", ".join(sorted(missing))] if missing else [])
        if missing:
            event("an item for which no loop has room")
        assert rules.keeps_unlimited_shares(live, found.entries)
        assert rules.find_needless_still(live, found.entries, looks=10) is None
        assert (
            found.loop_ms == sum(length for _, length in rules.list_timed_entries(live, found.entries)) <= rules.DAY_MS
        )
