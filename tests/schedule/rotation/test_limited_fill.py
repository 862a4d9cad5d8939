"""What limits leave of rules 2 and 3: those who are not passed over share by the same rules, at every moment."""

from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.schedule.live_content import BUILTIN_STILL, LiveItem, LivePlacement, Rotation, parse_still_length
from signage.schedule.rotation.loop import build_rotation
from tests.support.examples import examples

HOUR = 3_600_000
STILL_ITEM = LiveItem(BUILTIN_STILL, 10_000)
Items = tuple[tuple[str, int, int], ...]


def fair(number: int, share: int, items: Items, **limits: int) -> LivePlacement:
    return LivePlacement("c", number, tuple(LiveItem(*i) for i in items), share, **limits)


def loop(*placements: LivePlacement, max_loop_ms: int = HOUR) -> Rotation:
    return build_rotation(placements, max_loop_ms, STILL_ITEM)


def seconds(found: Rotation, live: tuple[LivePlacement, ...]) -> dict[str, int]:
    lengths = {i.name: i.duration_ms for p in live for i in p.items}
    return {n: found.entries.count(n) * ms // 1000 for n, ms in lengths.items()}


# -- by eye -----------------------------------------------------------------------------------------------------------

A, B, C = ("a", 10_000, 1), ("b", 10_000, 1), ("c", 10_000, 1)


@pytest.mark.parametrize(
    ("live", "ratio"),
    [
        ((fair(1, 3, (A,)), fair(2, 1, (B,)), fair(3, 1, (C,), max_per_hour=2)), 3),
        ((fair(1, 8, (A,)), fair(2, 1, (B,)), fair(3, 1, (C,), min_gap_ms=600_000)), 8),
        ((fair(1, 1, (("a", 10_000, 5), B)), fair(2, 1, (C,), max_per_hour=2)), 5),
        ((fair(1, 1, (A,)), fair(2, 1, (("b", 180_000, 1),)), fair(3, 1, (C,), max_per_hour=2)), 1),
        ((fair(1, 9, (A, ("x", 10_000, 1))), fair(2, 1, (B,)), fair(3, 1, (C,), max_per_hour=2)), Fraction(9, 2)),
    ],
    ids=["shares", "gap", "weights", "lengths", "several"],
)
def test_one_limit_that_binds_leaves_the_others_their_ratio(live: tuple[LivePlacement, ...], ratio: Fraction) -> None:
    got = seconds(loop(*live), live)
    longest = max(i.duration_ms for p in live for i in p.items) // 1000
    due = (got["a"] + got["b"]) * Fraction(ratio, ratio + 1)
    assert abs(got["a"] - due) <= longest
    assert got["c"] in (20, 50)


def test_a_limited_item_comes_by_its_share_until_the_limit_binds() -> None:
    found = loop(fair(1, 10, (A,)), fair(2, 1, (B,), max_per_hour=30))
    places = [n for n, name in enumerate(found.entries) if name == "b"]
    assert len(places) == 30
    assert all(abs(place - 11 * n) <= 11 for n, place in enumerate(places))


def test_one_that_would_follow_itself_waits_where_the_rules_let_it() -> None:
    live = (fair(1, 2, (A, B)), fair(2, 1, (("d", 10_000, 1),)), fair(3, 1, (C,), max_per_hour=2))
    entries = loop(*live).entries
    assert not any(a == b for a, b in zip(entries, entries[1:] + entries[:1], strict=True))


def test_what_must_follow_itself_under_limits_is_named() -> None:
    found = loop(fair(1, 3, (A,)), fair(2, 1, (C,), max_per_hour=2))
    facts = {note.code: dict(note.facts) for note in found.notes}
    assert facts["limits-bind"] == {"items": "c"}
    assert facts["item-follows-itself"] == {"items": "a", "times": 356}


def test_a_listed_item_that_is_blocked_is_passed_over() -> None:
    items = tuple(LiveItem(n, 10_000) for n in "abc")
    live = (LivePlacement("c", 1, items, listed=True), fair(2, 1, (B,), max_per_hour=2))
    entries = loop(*live).entries
    assert entries.count("b") == 2 and entries.count("a") == entries.count("c") == 179


# -- properties -------------------------------------------------------------------------------------------------------

lengths = st.sampled_from([1000, 3000, 8000, 10_000, 15_500, 60_000, 180_000])
weights = st.sampled_from([1, 1, 2, 3, 5, 10])
shares = st.sampled_from([1, 1, 2, 3, 8, 10, 30])


@st.composite
def mixed(draw: st.DrawFn) -> tuple[LivePlacement, ...]:
    """Two placements or more, some with limits, no name in two of them."""
    names = iter("abcdefghijklmnop")
    out = []
    for number in range(1, draw(st.integers(2, 4)) + 1):
        items = tuple(LiveItem(next(names), draw(lengths), draw(weights)) for _ in range(draw(st.integers(1, 4))))
        limit = {}
        if number == 1 or draw(st.booleans()):
            limit["max_per_hour"] = draw(st.sampled_from([None, 1, 2, 7, 30, 100]))
            limit["min_gap_ms"] = draw(st.sampled_from([None, 1000, 20_000, 61_000, 600_000, 1_800_000]))
        out.append(LivePlacement("c", number, items, draw(shares), **limit))
    return tuple(draw(st.permutations(out)))


def unlimited(live: tuple[LivePlacement, ...]) -> list[LivePlacement]:
    return [p for p in live if p.max_per_hour is None and p.min_gap_ms is None]


def moments(found: Rotation) -> Iterator[dict[str, int]]:
    """How often each item has played, after each entry that is no still."""
    counts: dict[str, int] = {}
    for name in found.entries:
        if parse_still_length(name) is None:
            counts[name] = counts.get(name, 0) + 1
            yield counts


def given_ms(placement: LivePlacement, counts: dict[str, int]) -> int:
    return sum(counts.get(i.name, 0) * i.duration_ms for i in placement.items)


@pytest.mark.slow
@examples(50)
@given(mixed(), st.sampled_from([300_000, 1_200_000]))
def test_who_has_no_limit_keeps_its_share_and_weights_at_every_moment(
    live: tuple[LivePlacement, ...], max_loop_ms: int
) -> None:
    found = loop(*live, max_loop_ms=max_loop_ms)
    longest = max(i.duration_ms for p in live for i in p.items)
    for counts in moments(found):
        shares_hold(unlimited(live), counts, longest)
        for placement in unlimited(live):
            weights_hold(placement, counts)
    assert {i.name for p in live for i in p.items} <= set(found.entries)
    assert found.whole or not unlimited(live) or 0.9 * max_loop_ms <= found.loop_ms + longest
    assert found.loop_ms <= 24 * HOUR


def shares_hold(free: list[LivePlacement], counts: dict[str, int], longest: int) -> None:
    """There is one measure of time by which each of *free* is within the longest item's length of its due."""
    low = [Fraction(given_ms(p, counts) - longest, p.share) for p in free]
    high = [Fraction(given_ms(p, counts) + longest, p.share) for p in free]
    assert not free or max(low) <= min(high), counts


def weights_hold(placement: LivePlacement, counts: dict[str, int]) -> None:
    mine = [counts.get(i.name, 0) for i in placement.items]
    total = sum(i.weight for i in placement.items)
    for count, item in zip(mine, placement.items, strict=True):
        assert abs(count - Fraction(sum(mine) * item.weight, total)) < 1, (item.name, mine)
