"""Rules 2 to 5 of the contract, each checked on the loop that comes out, by code that shares nothing with it."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from signage.schedule.live_content import BUILTIN_STILL, LiveItem, LivePlacement, Rotation, parse_still_length
from signage.schedule.rotation import loop as rotation
from signage.schedule.rotation.loop import build_rotation
from signage.schedule.rotation.order_search import find_sequence
from tests.support.examples import examples

HOUR = 3_600_000
STILL_ITEM = LiveItem(BUILTIN_STILL, 10_000)


def fair(*items: tuple[str, int, int], share: int = 1, number: int = 1, **limits: int) -> LivePlacement:
    return LivePlacement("c", number, tuple(LiveItem(*i) for i in items), share, **limits)


def listed(*items: tuple[str, int], share: int = 1, number: int = 1, **limits: int) -> LivePlacement:
    return LivePlacement("c", number, tuple(LiveItem(*i) for i in items), share, listed=True, **limits)


def loop(*placements: LivePlacement, max_loop_s: int = 3600) -> Rotation:
    return build_rotation(placements, max_loop_s * 1000, STILL_ITEM)


def follows(entries: tuple[str, ...]) -> int:
    return sum(a == b for a, b in zip(entries, entries[1:] + entries[:1], strict=True))


# -- whole loops, by eye --------------------------------------------------------------------------------------------


def test_six_shares_of_equal_length_make_one_cycle_of_eighteen():
    shares = (2000, 400, 200, 200, 600, 200)
    found = loop(*(fair((f"p{n}", 10_000, 1), share=s, number=n) for n, s in enumerate(shares, 1)))
    assert found.loop_ms == 180_000
    assert [found.entries.count(f"p{n}") for n in range(1, 7)] == [10, 2, 1, 1, 3, 1]


def test_six_weights_of_one_placement_make_the_same_cycle():
    weights = (10, 2, 1, 1, 3, 1)
    found = loop(fair(*((f"p{n}", 10_000, w) for n, w in enumerate(weights, 1))))
    assert [found.entries.count(f"p{n}") for n in range(1, 7)] == [10, 2, 1, 1, 3, 1]


def test_a_single_item_is_a_loop_of_one_entry():
    assert loop(fair(("only", 8000, 1))).entries == ("only",)


def test_listed_items_play_as_written():
    assert loop(listed(("a", 1000), ("b", 2000), ("a", 1000))).entries == ("a", "b", "a")


def test_three_to_one_of_single_items_must_repeat_and_says_so():
    found = loop(fair(("a", 10_000, 1), share=3), fair(("b", 10_000, 1), number=2))
    assert sorted(found.entries) == ["a", "a", "a", "b"]
    assert found.notes[0].code == "item-follows-itself"


def test_nothing_live_is_the_still():
    assert loop().entries == (BUILTIN_STILL,)


def test_an_item_too_rare_for_the_longest_loop_is_in_it_all_the_same():
    found = loop(fair(("a", 10_000, 10_000), ("b", 10_000, 1)))
    assert found.loop_ms == HOUR and found.entries.count("b") == 1


def test_a_loop_grows_until_every_item_is_in_it():
    found = loop(fair(*((f"i{n}", 10_000, 1) for n in range(50))), max_loop_s=100)
    assert set(found.entries) == {f"i{n}" for n in range(50)} and found.loop_ms == 500_000


def test_a_loop_grows_no_longer_than_a_rare_placement_needs():
    often = fair(("a", 10_000, 1), share=2000)
    rare = fair(("x", 8000, 1), ("y", 8000, 1), number=2)
    found = loop(often, rare)
    assert found.entries.count("y") == 1 and found.entries[-1] == "y"
    assert found.loop_ms <= 6 * 2001 * 1000 + 20_000


def test_a_loop_is_never_longer_than_a_day_and_says_what_starves():
    often = fair(("a", 10_000, 1), share=10_000)
    rare = fair(*((f"r{n}", 8000, 1) for n in range(5)), number=2)
    found = loop(often, rare)
    assert found.loop_ms <= 86_400_000 + 10_000
    assert [n.code for n in found.notes if n.code == "item-starved"] == ["item-starved"]


# -- limits, by eye ---------------------------------------------------------------------------------------------------


def test_two_an_hour_and_another_fills():
    found = loop(fair(("a", 10_000, 1), max_per_hour=2), fair(("b", 10_000, 1), number=2))
    assert found.loop_ms == HOUR and found.entries.count("a") == 2 and BUILTIN_STILL not in found.entries


def test_a_gap_that_nothing_fills_is_the_still():
    found = loop(fair(("a", 10_000, 1), min_gap_ms=65_000))
    assert found.entries[0] == "a"
    assert sum(parse_still_length(n) or 0 for n in found.entries[1 : found.entries.index("a", 1)]) == 65_000


def test_a_limit_that_needs_a_longer_loop_gets_it():
    found = loop(fair(("a", 10_000, 1), min_gap_ms=7_200_000), fair(("b", 10_000, 1), number=2))
    assert found.loop_ms >= 7_210_000 and found.entries.count("a") == 1


def test_a_gap_that_the_round_keeps_anyway_changes_nothing():
    items = tuple((f"i{n}", 10_000, 1) for n in range(8))
    assert loop(fair(*items, min_gap_ms=60_000)).entries == loop(fair(*items)).entries


# -- properties -------------------------------------------------------------------------------------------------------

names = st.sampled_from(["a", "b", "c", "d", "e"])
lengths = st.sampled_from([1000, 3000, 8000, 10_000, 15_500, 60_000])


@st.composite
def placements(draw: st.DrawFn, *, limited: bool = False, most: int = 3) -> tuple[LivePlacement, ...]:
    of_length = {n: draw(lengths) for n in "abcde"}
    out = []
    for number in range(1, draw(st.integers(1, most)) + 1):
        chosen = draw(st.lists(names, min_size=1, max_size=4, unique=True))
        as_listed = draw(st.booleans())
        items = tuple(LiveItem(n, of_length[n], 1 if as_listed else draw(st.integers(1, 4))) for n in chosen)
        limit = {}
        if limited and draw(st.booleans()):
            limit = {"max_per_hour": draw(st.sampled_from([None, 1, 2, 7, 30, 100]))}
            limit["min_gap_ms"] = draw(st.sampled_from([None, 1000, 20_000, 61_000, 1_800_000]))
        out.append(LivePlacement("c", number, items, draw(st.integers(1, 5)), as_listed, **limit))
    return tuple(out)


def attributions(entries: tuple[str, ...], live: tuple[LivePlacement, ...]) -> bool:
    """Whether the entries can be given to placements so that rules 2 and 3 hold at every moment (exact search)."""
    total = sum(p.share for p in live)
    longest = max(i.duration_ms for p in live for i in p.items)
    seen: set[tuple] = set()

    def go(at: int, passed: int, given: tuple[int, ...], counts: tuple[tuple[int, ...], ...]) -> bool:
        if at == len(entries):
            return True
        key = (at, given, counts)
        if key in seen:
            return False
        seen.add(key)
        for p, placement in enumerate(live):
            for k, item in enumerate(placement.items):
                if item.name != entries[at]:
                    continue
                plays = sum(counts[p])
                if placement.listed and plays % len(placement.items) != k:
                    continue
                new_counts = list(counts[p])
                new_counts[k] += 1
                if not placement.listed and not within_weights(placement, new_counts):
                    continue
                now = passed + item.duration_ms
                new_given = tuple(g + item.duration_ms * (q == p) for q, g in enumerate(given))
                if any(
                    abs(g - Fraction(pl.share * now, total)) > longest for g, pl in zip(new_given, live, strict=True)
                ):
                    continue
                if go(at + 1, now, new_given, tuple(tuple(new_counts) if q == p else c for q, c in enumerate(counts))):
                    return True
        return False

    return go(0, 0, tuple(0 for _ in live), tuple(tuple(0 for _ in p.items) for p in live))


def within_weights(placement: LivePlacement, counts: list[int]) -> bool:
    total, plays = sum(i.weight for i in placement.items), sum(counts)
    return all(abs(c - Fraction(plays * i.weight, total)) < 1 for c, i in zip(counts, placement.items, strict=True))


@pytest.mark.slow
@examples(300)
@given(placements())
def test_shares_and_weights_hold_at_every_moment(live):
    found = loop(*live, max_loop_s=600)
    durations = {i.name: i.duration_ms for p in live for i in p.items}
    assert found.loop_ms == sum(durations[n] for n in found.entries)
    assert set(found.entries) == set(durations)
    assert attributions(found.entries, live)
    if found.whole:
        assert attributions(found.entries * 2, live) or len(found.entries) > 60
    elif found.loop_ms > 600_000:
        assert set(found.entries[:-1]) != set(durations)
    else:
        assert found.loop_ms > 600_000 - max(durations.values())


@examples(100)
@given(placements(most=2))
def test_no_item_follows_itself_where_some_order_avoids_it(live):
    found = loop(*live)
    assume(found.whole and len(found.entries) <= 9)
    if follows(found.entries):
        assert not any_order_without_follows(live, found.entries)


def any_order_without_follows(live: tuple[LivePlacement, ...], entries: tuple[str, ...]) -> bool:
    def arrange(left: list[str], out: list[str]) -> bool:
        if not left:
            return (len(out) == 1 or out[0] != out[-1]) and attributions(tuple(out), live)
        return any(
            name not in out[-1:] and arrange([*left[: left.index(name)], *left[left.index(name) + 1 :]], [*out, name])
            for name in sorted(set(left))
        )

    return len(entries) > 1 and arrange(sorted(entries), [])


@pytest.mark.slow
@examples(300)
@given(placements(limited=True))
def test_limits_are_never_broken_over_endless_repetition(live):
    found = loop(*live, max_loop_s=1200)
    names = {i.name for p in live for i in p.items}
    assert found.loop_ms == sum(parse_still_length(n) or durations(live)[n] for n in found.entries)
    assert names <= set(found.entries)
    assert limits_hold(live, found.entries)


def durations(live: tuple[LivePlacement, ...]) -> dict[str, int]:
    return {i.name: i.duration_ms for p in live for i in p.items}


def limits_hold(live: tuple[LivePlacement, ...], entries: tuple[str, ...]) -> bool:
    """Whether every limit of every placement holds while *entries* repeat for two hours or more."""
    lengths = durations(live)
    loop_ms = sum(parse_still_length(n) or lengths[n] for n in entries)
    starts: dict[str, list[int]] = {}
    at = 0
    for name in entries * (2 + 2 * HOUR // loop_ms):
        starts.setdefault(name, []).append(at)
        at += parse_still_length(name) or lengths[name]
    for placement in live:
        for item in placement.items:
            mine, k, gap = starts.get(item.name, []), placement.max_per_hour, placement.min_gap_ms
            if gap and any(b - a - item.duration_ms < gap for a, b in pairwise(mine)):
                return False
            if k and any(b - a < HOUR for a, b in zip(mine, mine[k:], strict=False)):
                return False
    return True


@pytest.mark.slow
@examples(100)
@given(placements(limited=True))
def test_the_still_shows_only_where_nothing_may_play(live):
    """In place of no run of stills, nor of the end of one, could an item play that the limits allow there."""
    entries, lengths = loop(*live, max_loop_s=1200).entries, durations(live)
    run, checked = 0, 0
    for at in range(len(entries) - 1, -1, -1):
        still = parse_still_length(entries[at])
        run = run + still if still else 0
        if not run or checked > 40:
            continue
        checked += 1
        end = next((n for n in range(at, len(entries)) if not parse_still_length(entries[n])), len(entries))
        for name, length in lengths.items():
            rest = (f"{BUILTIN_STILL}-{run - length}",) if run > length else ()
            if length <= run:
                assert not limits_hold(live, (*entries[:at], name, *rest, *entries[end:])), (at, name)


HARD = {
    "three-fair": (
        (
            fair(("c", 3000, 10), ("b", 15_500, 10), ("f", 5000, 50), share=10),
            fair(("c", 3000, 1), ("d", 5000, 50), ("e", 10_000, 1), ("a", 3000, 50), number=2),
            fair(("a", 3000, 3), ("c", 3000, 1), share=30, number=3),
        ),
        3600,
    ),
    "one-of-one-second": (
        (
            fair(("d", 10_000, 2), ("b", 1000, 50), ("f", 15_500, 3), ("e", 180_000, 2), ("a", 10_000, 3), share=3),
            fair(("b", 1000, 1), share=30, number=2),
        ),
        300,
    ),
}


@pytest.mark.parametrize("case", HARD)
def test_the_whole_search_stays_within_one_number_of_steps(case, monkeypatch):
    spent = []

    def counted(problem, follows, budget, *more, **how):
        before = budget.nodes
        try:
            return find_sequence(problem, follows, budget, *more, **how)
        finally:
            spent.append(before - budget.nodes)

    monkeypatch.setattr(rotation, "find_sequence", counted)
    live, max_loop_s = HARD[case]
    build_rotation.cache_clear()
    assert set(loop(*live, max_loop_s=max_loop_s).entries) == {i.name for p in live for i in p.items}
    assert len(spent) > 3 and sum(spent) <= 50_000


def test_the_same_placements_give_the_same_loop():
    live = (fair(("a", 8000, 2), ("b", 15_500, 1), share=2), listed(("c", 60_000), ("a", 8000), number=2))
    build_rotation.cache_clear()
    first = loop(*live)
    build_rotation.cache_clear()
    assert loop(*live) == first


@pytest.mark.parametrize("share", [1, 7, 9999])
def test_shares_of_films_and_slogans_of_very_different_lengths(share):
    live = (fair(("film", 180_000, 1), share=share), fair(("s1", 8000, 1), ("s2", 8000, 3), number=2))
    found = loop(*live)
    assert attributions(found.entries, live)
