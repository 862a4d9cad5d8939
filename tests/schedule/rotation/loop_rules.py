"""Rules 2 to 5 of the contract, read off a loop, straight from their text: slow, plain, and sharing no code with the
engine. Every function takes what is live, in the order of rule 8, and the names that a loop plays.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from math import gcd, lcm

from signage.schedule.live_content import LivePlacement

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
STILL = "_signage/still"
Live = Sequence[LivePlacement]
Counts = tuple[tuple[int, ...], ...]
"""How often each item of each placement has played."""


def get_lengths(live: Live) -> dict[str, int]:
    return {item.name: item.duration_ms for p in live for item in p.items}


def get_longest_ms(live: Live) -> int:
    return max(get_lengths(live).values())


def get_still_ms(name: str) -> int | None:
    """How long an entry of the still lasts: ten seconds, or what its name says; None: it is no still."""
    if name == STILL:
        return 10_000
    return int(name.removeprefix(f"{STILL}-")) if name.startswith(f"{STILL}-") else None


def list_timed_entries(live: Live, entries: Sequence[str]) -> list[tuple[str, int]]:
    """Each entry with its length in ms."""
    known = get_lengths(live)
    return [(name, get_still_ms(name) or known[name]) for name in entries]


# Rules 2 and 3


def group_by_shared_items(live: Live) -> list[list[LivePlacement]]:
    """The placements, put together where the same item stands in two of them: whose play it was is then open."""
    groups: list[list[LivePlacement]] = []
    for one in live:
        names = {i.name for i in one.items}
        near = [g for g in groups if any(names & {i.name for i in p.items} for p in g)]
        groups = [g for g in groups if g not in near] + [[p for g in near for p in g] + [one]]
    return groups


def keeps_shares_and_weights(live: Live, entries: Sequence[str], *, exact: bool) -> bool:
    """Whether the plays can be given to placements so that rules 2 and 3 hold at every moment.

    *exact*: at the end each placement has exactly its share, and whole cycles of its plays, so that the same holds
    over endless repetition. Time given grows evenly while an item shows: ends of items are all the moments there are.
    """
    total = sum(p.share for p in live)
    return all(
        _keeps_group_shares(group, list_timed_entries(live, entries), total, get_longest_ms(live), exact)
        for group in group_by_shared_items(live)
    )


def _keeps_group_shares(group: Live, plays: Sequence[tuple[str, int]], total: int, most: int, exact: bool) -> bool:
    possible: set[Counts] = {tuple((0,) * len(p.items) for p in group)}
    passed = 0
    for name, length in plays:
        passed += length
        if any(name == i.name for p in group for i in p.items):
            possible = {after for counts in possible for after in _iter_assignments(group, counts, name)}
        possible = {counts for counts in possible if _keeps_shares(group, counts, passed, total, most)}
        if not possible:
            return False
    return not exact or any(_is_exact_at_end(group, counts, passed, total) for counts in possible)


def _iter_assignments(group: Live, counts: Counts, name: str) -> Iterator[Counts]:
    """Every way in which the play of *name* may have been one of *group*, by rule 3."""
    for p, placement in enumerate(group):
        for k, item in enumerate(placement.items):
            if item.name != name or (placement.listed and sum(counts[p]) % len(placement.items) != k):
                continue
            mine = tuple(c + (n == k) for n, c in enumerate(counts[p]))
            if placement.listed or keeps_weights(placement, mine):
                yield (*counts[:p], mine, *counts[p + 1 :])


def keeps_weights(placement: LivePlacement, counts: Sequence[int]) -> bool:
    """Rule 3: each item's count differs from its due by less than one."""
    plays, total = sum(counts), sum(i.weight for i in placement.items)
    return all(abs(c * total - plays * i.weight) < total for c, i in zip(counts, placement.items, strict=True))


def _keeps_shares(group: Live, counts: Counts, passed: int, total: int, most: int) -> bool:
    """Rule 2: the time given to each differs from its due by at most the longest item's duration."""
    return all(
        abs(get_time_given_ms(p, mine) * total - p.share * passed) <= most * total
        for p, mine in zip(group, counts, strict=True)
    )


def get_time_given_ms(placement: LivePlacement, counts: Sequence[int]) -> int:
    return sum(c * i.duration_ms for c, i in zip(counts, placement.items, strict=True))


def _is_exact_at_end(group: Live, counts: Counts, passed: int, total: int) -> bool:
    for placement, mine in zip(group, counts, strict=True):
        plays, weights = sum(mine), [1 if placement.listed else i.weight for i in placement.items]
        if get_time_given_ms(placement, mine) * total != placement.share * passed:
            return False
        if any(c * sum(weights) != plays * w for c, w in zip(mine, weights, strict=True)):
            return False
    return True


def count_repeats(entries: Sequence[str]) -> int:
    """How often an item follows itself, the seam included."""
    return sum(a == b and get_still_ms(a) is None for a, b in zip(entries, [*entries[1:], entries[0]], strict=True))


def needs_repeats(live: Live, entries: Sequence[str], *, exact: bool) -> bool:
    """Whether no order of the same plays keeps rules 2 and 3 without an item that follows itself: all are tried."""

    def arrange(left: Counter[str], out: list[str]) -> bool:
        if not left.total():
            return count_repeats(out) == 0 and keeps_shares_and_weights(live, out, exact=exact)
        return any(name not in out[-1:] and arrange(left - Counter([name]), [*out, name]) for name in sorted(left))

    return not arrange(Counter(entries), [])


# Rule 4


def get_full_cycle_ms(live: Live) -> int:
    """The least time in which every placement plays whole cycles and gets exactly its share."""
    total = sum(p.share for p in live)
    needed = [Fraction(_get_cycle_ms(p) * total, p.share) for p in live]
    return lcm(*(n.numerator for n in needed)) // gcd(*(n.denominator for n in needed))


def _get_cycle_ms(placement: LivePlacement) -> int:
    weights = [1 if placement.listed else i.weight for i in placement.items]
    return sum(w // gcd(*weights) * i.duration_ms for w, i in zip(weights, placement.items, strict=True))


def has_correct_length(live: Live, entries: Sequence[str], max_loop_ms: int) -> bool:
    """Whole cycles where they fit; else cut as late as the longest loop allows, beyond it only for an item.

    An item may be missing only where a whole day has no place for it: with shares that are very unlike, one long item
    brings the others so far behind that the next must wait for more than a day.
    """
    loop_ms, names = sum(length for _, length in list_timed_entries(live, entries)), set(get_lengths(live))
    if get_full_cycle_ms(live) <= max_loop_ms:
        return set(entries) == names and loop_ms <= max_loop_ms and loop_ms % get_full_cycle_ms(live) == 0
    if set(entries) != names:
        missing = names - set(entries)
        return DAY_MS - get_longest_ms(live) < loop_ms <= DAY_MS and not any(
            _can_insert(live, entries, n) for n in missing
        )
    if loop_ms > max_loop_ms:
        return loop_ms <= DAY_MS and set(entries[:-1]) != names
    return loop_ms > max_loop_ms - get_longest_ms(live)


def _can_insert(live: Live, entries: Sequence[str], name: str) -> bool:
    """Whether the item may stand at one of a few places of the loop, with all else as it is, by rules 2 and 3.

    Asked where no item stands in two placements: else there are too many ways to give the plays to them.
    """
    if any(len(group) > 1 for group in group_by_shared_items(live)):
        return False
    places = (len(entries), len(entries) // 2, 0)
    return any(keeps_shares_and_weights(live, (*entries[:at], name, *entries[at:]), exact=False) for at in places)


# Rule 5


def get_limits(live: Live) -> dict[str, tuple[int | None, int | None]]:
    """The strictest ``max_per_hour`` and ``min_gap_ms`` of the placements that carry an item."""
    found: dict[str, tuple[int | None, int | None]] = {}
    for placement in live:
        for item in placement.items:
            often, gap = found.get(item.name, (None, None))
            here, wait = placement.max_per_hour, placement.min_gap_ms
            often = here if often is None else often if here is None else min(often, here)
            gap = wait if gap is None else gap if wait is None else max(gap, wait)
            found[item.name] = often, gap
    return {name: limit for name, limit in found.items() if limit != (None, None)}


def keeps_limits(live: Live, entries: Sequence[str]) -> bool:
    """Whether every limit holds while the loop repeats without end: two hours of it, and twice around, tell."""
    plays = list_timed_entries(live, entries)
    around = sum(length for _, length in plays)
    starts: dict[str, list[int]] = {}
    at = 0
    for name, length in plays * (2 + 2 * HOUR_MS // around):
        starts.setdefault(name, []).append(at)
        at += length
    known = get_lengths(live)
    for name, (often, gap) in get_limits(live).items():
        mine = starts.get(name, [])
        if gap is not None and any(b - a - known[name] < gap for a, b in pairwise(mine)):
            return False
        if often is not None and any(b - a < HOUR_MS for a, b in zip(mine, mine[often:], strict=False)):
            return False
    return True


def find_needless_still(live: Live, entries: Sequence[str], looks: int) -> tuple[int, str] | None:
    """Where an item could play, within the limits, in place of the still; at most *looks* places are looked at."""
    known, run, looked = get_lengths(live), 0, 0
    for at in range(len(entries) - 1, -1, -1):
        length = get_still_ms(entries[at])
        run = run + length if length else 0
        if not run or looked >= looks:
            continue
        looked += 1
        end = next((n for n in range(at, len(entries)) if not get_still_ms(entries[n])), len(entries))
        for name, own in known.items():
            rest = (f"{STILL}-{run - own}",) if run > own else ()
            if own <= run and keeps_limits(live, (*entries[:at], name, *rest, *entries[end:])):
                return at, name
    return None


def keeps_unlimited_shares(live: Live, entries: Sequence[str]) -> bool:
    """Whether those without a limit keep rules 2 and 3 among themselves, at every moment of the time that is theirs.

    Only of placements whose items stand in no other: whose play it was is then plain.
    """
    alone = [p for group in group_by_shared_items(live) if len(group) == 1 for p in group]
    free = [p for p in alone if p.max_per_hour is None and p.min_gap_ms is None and not p.listed]
    most, counts = get_longest_ms(live), Counter[str]()
    for name in entries:
        counts[name] += get_still_ms(name) is None
        mine = [[counts[i.name] for i in p.items] for p in free]
        if not all(keeps_weights(p, own) for p, own in zip(free, mine, strict=True)):
            return False
        low = [Fraction(get_time_given_ms(p, own) - most, p.share) for p, own in zip(free, mine, strict=True)]
        high = [Fraction(get_time_given_ms(p, own) + most, p.share) for p, own in zip(free, mine, strict=True)]
        if free and max(low) > min(high):
            return False
    return True
