"""The loops of random installations satisfy rules 2 to 5 of the contract, as the oracle reads them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import event, given

from signage.schedule.live_content import BUILTIN_STILL_ITEM, LivePlacement, Rotation
from signage.schedule.programs import plan_programs
from signage.schedule.rotation.loop import build_rotation
from signage.schedule.rotation.rotation_cache import RotationCache
from tests.schedule.rotation import loop_rules as rules
from tests.schedule.strategies import HALF_SPAN, build_snapshot_and_oracle, oracle_examples, oracle_inputs

MAX_LOOP_MS = 3_600_000
Placements = tuple[LivePlacement, ...]


def iter_rotations(inputs: dict[str, Any]) -> Iterator[tuple[Placements, Rotation]]:
    """Yield the live placements, as the oracle lists them, with the engine's loop: each pair once."""
    snapshot, oracle = build_snapshot_and_oracle(inputs)
    begin, end = inputs["day"] - HALF_SPAN, inputs["day"] + HALF_SPAN
    rotations = RotationCache(inputs["lengths"], MAX_LOOP_MS)
    seen = set()
    for screen in inputs["screens"]:
        for program in plan_programs(snapshot, screen, inputs["lengths"], begin, end, rotations):
            if program.live.kind in ("campaigns", "default"):
                live = oracle.list_live_placements(screen, program.from_)
                assert program.rotation is not None and live
                if live not in seen:
                    seen.add(live)
                    yield live, program.rotation


@pytest.mark.slow
@oracle_examples(1000)
@given(oracle_inputs())
def test_loops_satisfy_rules_2_to_5(inputs: dict[str, Any]) -> None:
    for live, rotation in iter_rotations(inputs):
        if rules.get_limits(live):
            check_limits(live, rotation)
        if not limits_bind(live):
            check_shares_weights_and_length(live, rotation)


def limits_bind(live: Placements) -> bool:
    """Return whether a loop built without the limits would break them."""
    unlimited = tuple(replace(p, max_per_hour=None, min_gap_ms=None) for p in live)
    return not rules.keeps_limits(live, build_rotation(unlimited, MAX_LOOP_MS, BUILTIN_STILL_ITEM).entries)


def check_shares_weights_and_length(live: Placements, rotation: Rotation) -> None:
    """Rules 2 to 4: without limits, and with limits that a loop built without them satisfies anyway."""
    event("limits that do not bind" if rules.get_limits(live) else "no limits")
    whole = rules.get_full_cycle_ms(live) <= MAX_LOOP_MS
    assert rules.has_correct_length(live, rotation.entries, MAX_LOOP_MS)
    assert rules.keeps_shares_and_weights(live, rotation.entries, exact=whole)
    codes = {note.code for note in rotation.notes}
    assert ("loop-cut" in codes) == (not whole)
    assert ("item-starved" in codes) == (set(rotation.entries) != set(rules.get_lengths(live)))
    assert ("item-follows-itself" in codes) == (rules.count_repeats(rotation.entries) > 0)
    if rules.count_repeats(rotation.entries) and len(rotation.entries) <= 8:
        event("an item that follows itself")
        assert rules.needs_repeats(live, rotation.entries, exact=whole)


def check_limits(live: Placements, rotation: Rotation) -> None:
    """Rule 5: the loop satisfies every limit and costs no more than that: missing items are named, unlimited
    placements have their shares, and the still never fills where an item could play."""
    event("limits that bind" if any(note.code == "limits-bind" for note in rotation.notes) else "limits")
    assert rules.keeps_limits(live, rotation.entries)
    missing = set(rules.get_lengths(live)) - set(rotation.entries)
    starved = [dict(note.facts)["items"] for note in rotation.notes if note.code == "item-starved"]
    assert starved == ([", ".join(sorted(missing))] if missing else [])
    if missing:
        event("an item for which no loop has room")
    assert rules.keeps_unlimited_shares(live, rotation.entries)
    assert rules.find_needless_still(live, rotation.entries, looks=10) is None
    assert rotation.loop_ms == sum(length for _, length in rules.list_timed_entries(live, rotation.entries))
    assert rotation.loop_ms <= rules.DAY_MS
