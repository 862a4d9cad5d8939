"""The engine and the oracle agree on random installations, rule by rule and quarter by quarter."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings

from signage.schedule.calendars import Calendars
from signage.schedule.explain import explain
from signage.schedule.installation import Installation
from signage.schedule.programs import Loops, plan
from signage.schedule.resolve import stretches
from tests.schedule.building import in_turn
from tests.schedule.oracle import QUARTER, World
from tests.schedule.strategies import worlds

HALF_SPAN = timedelta(hours=44)
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
modest = settings(max_examples=100, deadline=None, suppress_health_check=SLOW)


def read(world: dict[str, Any]) -> tuple[Installation, World]:
    takeovers, lengths = world["takeovers"], world["lengths"]
    here = Installation(tuple(world["campaigns"]), world["unapproved"], tuple(takeovers), Calendars())
    return here, World(world["campaigns"], takeovers, lengths, {}, set(world["unapproved"]))


@modest
@given(worlds())
def test_rule_1_6_8_what_is_live(world: dict[str, Any]) -> None:
    here, oracle = read(world)
    begin, end = world["day"] - HALF_SPAN, world["day"] + HALF_SPAN
    for screen in world["screens"]:
        found = stretches(here, screen, world["lengths"], begin, end)
        assert found[0].from_ == begin and found[-1].until == end
        assert all(a.until == b.from_ and a.live != b.live for a, b in pairwise(found))
        at = begin
        while at < end:
            live = next(one.live for one in found if one.from_ <= at < one.until)
            over = oracle.takeover(screen, at)
            if over is not None:
                assert live.why == f"takeover: {over.id}"
            else:
                why, placements = oracle.beneath(screen, at)
                assert live.why == why
                seen = [(p.campaign, p.number, [i.name for i in p.items]) for p in live.placements]
                assert seen == ([] if why in ("fallback", "operating hours") else placements)
            at += QUARTER


@modest
@given(worlds())
def test_programs_show_what_the_text_says(world: dict[str, Any]) -> None:
    here, oracle = read(world)
    lengths = world["lengths"]
    begin, end = world["day"] - HALF_SPAN, world["day"] + HALF_SPAN
    loops = Loops(in_turn, 3_600_000, lengths)
    for screen in world["screens"]:
        found = plan(here, screen, lengths, begin, end, loops)
        assert found[0].from_ <= begin < found[0].until and found[-1].until == end
        assert all(a.until == b.from_ for a, b in pairwise(found))
        at = begin + timedelta(seconds=11)
        while at < end:
            program = next(one for one in found if one.from_ <= at < one.until)
            position = 0 if program.rotation is None else program.position_ms(at)
            why, item, expected = oracle.shows(screen, at)
            assert (program.why, position) == (why, expected), (screen.id, at)
            assert (program.rotation is None) == (item is None)
            at += 5 * QUARTER


@modest
@given(worlds())
def test_two_looks_at_different_instants_agree(world: dict[str, Any]) -> None:
    here, _ = read(world)
    lengths = world["lengths"]
    early, end = world["day"] - HALF_SPAN, world["day"] + HALF_SPAN
    late = world["day"] + timedelta(hours=5, minutes=3, seconds=9)
    loops = Loops(in_turn, 3_600_000, lengths)
    for screen in world["screens"]:
        one = plan(here, screen, lengths, early, end, loops)
        other = plan(here, screen, lengths, late, end + timedelta(days=1), loops)
        at = late
        while at < end:
            a = next(p for p in one if p.from_ <= at < p.until)
            b = next(p for p in other if p.from_ <= at < p.until)
            assert a.rotation == b.rotation and a.why == b.why
            assert a.rotation is None or a.position_ms(at) == b.position_ms(at)
            at += timedelta(minutes=37)


@modest
@given(worlds())
def test_the_trail_ends_where_the_program_is(world: dict[str, Any]) -> None:
    here, _ = read(world)
    lengths = world["lengths"]
    loops = Loops(in_turn, 3_600_000, lengths)
    for screen in world["screens"]:
        for hours in (-30, -3, 2, 17):
            answer = explain(here, screen, lengths, world["day"] + timedelta(hours=hours, minutes=4), loops)
            kept = {step.candidate for step in answer.trail if step.kept}
            live = answer.program.live
            if live.kind == "takeover":
                assert live.why.removeprefix("takeover: ") in kept
            elif live.kind == "dark":
                assert any(step.code == "hours-dark" for step in answer.trail)
            elif live.kind == "still":
                assert "_signage/still" in kept
            else:
                names = {step.candidate for step in answer.trail if step.kept and step.rule in ("priority", "default")}
                assert names == {placement.campaign for placement in live.placements}
                assert answer.item in kept
