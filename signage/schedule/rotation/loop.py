"""The loop that plays the live content (contract, rules 2–5).

2. Screen time by share: ``share_ledger``. 3. Plays by weight, and no item after itself where that can be avoided:
``weights``, ``order_search``. 4. Whole cycles where they fit, else a loop cut as late as the longest loop allows, with
every item at least once. 5. Limits: ``limits``, ``limited_fill``.
"""

from functools import lru_cache

from signage.schedule.live_content import (
    LiveItem,
    LivePlacement,
    Rotation,
    RotationNote,
    find_self_follow_note,
    get_durations,
)
from signage.schedule.rotation.limited_fill import build_limited_loop
from signage.schedule.rotation.limits import collect_limits, satisfies_limits
from signage.schedule.rotation.order_search import OrderProblem, PlaySequence, SearchBudget, find_sequence
from signage.schedule.rotation.share_ledger import compute_common_cycle_ms
from signage.schedule.rotation.weights import UNBOUNDED, compute_first_play_deadline, reduce_weights

LOOP_CEILING_MS = 86_400_000
"""No loop is longer than a day (rule 4)."""
_SMALL_LOOP_ENTRIES = 48
_NODE_BUDGET = 24_000
_SPARE_NODES = 3_000
_MAX_ROUNDS = 3


@lru_cache(maxsize=4096)
def build_rotation(placements: tuple[LivePlacement, ...], max_loop_ms: int, still: LiveItem) -> Rotation:
    """Return the loop for *placements* (each with at least one item, in the order of rule 8).

    *still* fills where limits let nothing play. Pure and memoized: screens with equal placements share the result.
    """
    if not placements:
        return Rotation((still.name,), still.duration_ms)
    limits = collect_limits(placements)
    rotation = _build_unlimited_rotation(placements, max_loop_ms)
    if not limits or satisfies_limits(rotation, limits, get_durations(placements)):
        return rotation
    return build_limited_loop(placements, limits, max_loop_ms, LOOP_CEILING_MS)


def _build_unlimited_rotation(placements: tuple[LivePlacement, ...], max_loop_ms: int) -> Rotation:
    plays, lengths = zip(*(_measure_cycle(p) for p in placements), strict=True)
    shares = [p.share for p in placements]
    whole_ms = compute_common_cycle_ms(lengths, shares)
    if whole_ms <= max_loop_ms:
        total = sum(shares)
        quotas = tuple(
            n * whole_ms * s // (total * length) for n, length, s in zip(plays, lengths, shares, strict=True)
        )
        sequence = _find_whole_cycle_sequence(placements, quotas, whole_ms, max_loop_ms)
        return _make_rotation(placements, sequence, whole=True)
    return _make_rotation(placements, _find_cut_sequence(placements, max_loop_ms), whole=False)


def _measure_cycle(placement: LivePlacement) -> tuple[int, int]:
    """Return the number of plays and the length in ms of one whole cycle of a placement."""
    if placement.listed:
        return len(placement.items), sum(i.duration_ms for i in placement.items)
    weights = reduce_weights(tuple(i.weight for i in placement.items))
    return sum(weights), sum(w * i.duration_ms for w, i in zip(weights, placement.items, strict=True))


def _find_whole_cycle_sequence(
    placements: tuple[LivePlacement, ...], cycle_quotas: tuple[int, ...], whole_ms: int, max_loop_ms: int
) -> PlaySequence:
    """Return a sequence of one whole cycle; of several only where fewer items then follow themselves."""
    best: PlaySequence | None = None
    budget = SearchBudget(_NODE_BUDGET)
    for rounds in range(1, _MAX_ROUNDS + 1):
        if best is not None and (best.follows == 0 or rounds * whole_ms > max_loop_ms):
            break
        quotas = tuple(rounds * n for n in cycle_quotas)
        problem = OrderProblem(placements, quotas, rounds * whole_ms, LOOP_CEILING_MS, (UNBOUNDED,) * len(placements))
        min_follows = _count_min_follows(placements, quotas)
        if best is not None and min_follows * (rounds - 1) >= best.follows * rounds:
            continue
        sequence = _find_fewest_follows(problem, min_follows, sum(quotas), budget)
        if best is None or sequence.follows * best.loop_ms < best.follows * sequence.loop_ms:
            best = sequence
    assert best is not None
    return best


def _count_min_follows(placements: tuple[LivePlacement, ...], quotas: tuple[int, ...]) -> int:
    """Return how often an item must follow itself: one that fills more than half of the entries."""
    counts: dict[str, int] = {}
    for placement, quota in zip(placements, quotas, strict=True):
        plays, _ = _measure_cycle(placement)
        weights = reduce_weights(tuple(i.weight for i in placement.items)) if not placement.listed else None
        for index, item in enumerate(placement.items):
            plays_per_cycle = weights[index] if weights else 1
            counts[item.name] = counts.get(item.name, 0) + plays_per_cycle * quota // plays
    return max(0, *(2 * c - sum(quotas) for c in counts.values()))


def _find_fewest_follows(problem: OrderProblem, min_follows: int, entries: int, budget: SearchBudget) -> PlaySequence:
    """Return the sequence with the fewest self-follows that the search finds within *budget*."""
    if entries <= _SMALL_LOOP_ENTRIES:
        for follows in range(min_follows, entries + 1):
            sequence = find_sequence(problem, follows, budget, budget.nodes // 2)
            if sequence is not None:
                return sequence
    nodes = 2 * entries + _SPARE_NODES
    sequence = find_sequence(problem, min_follows, budget, nodes)
    if sequence is not None:
        return sequence
    best = find_sequence(problem, LOOP_CEILING_MS, SearchBudget(nodes)) or find_sequence(
        problem, LOOP_CEILING_MS, SearchBudget(UNBOUNDED), plain=True
    )
    assert best is not None
    return _reduce_follows(problem, min_follows, best, budget, nodes)


def _reduce_follows(
    problem: OrderProblem, min_follows: int, best: PlaySequence, budget: SearchBudget, nodes: int
) -> PlaySequence:
    """Return *best* or a sequence with fewer self-follows (more than *min_follows*): one by one, then by bisection."""
    while best.follows > min_follows + 1 and budget.nodes >= _NODE_BUDGET // 2:
        better = find_sequence(problem, best.follows - 1, budget, nodes)
        if better is None:
            return best
        best = better
    low = min_follows
    while best.follows > low + 1 and budget.nodes:
        middle = (low + best.follows) // 2
        better = find_sequence(problem, middle, budget, budget.nodes // 2 + 1)
        if better is None:
            low = middle
        else:
            best = better
    return best


def _find_cut_sequence(placements: tuple[LivePlacement, ...], max_loop_ms: int) -> PlaySequence:
    """Return a sequence cut as late as *max_loop_ms* allows, with every item; longer where an item needs it.

    An item that is missing because others would follow themselves has precedence: then WF²Q's own order is used.
    """
    deadlines = tuple(compute_first_play_deadline(p, placements, max_loop_ms) for p in placements)
    problem = OrderProblem(placements, None, max_loop_ms, LOOP_CEILING_MS, deadlines)
    shortest = min(i.duration_ms for p in placements for i in p.items)
    items = sum(len(p.items) for p in placements)
    entries = max(max_loop_ms // shortest, items, _SMALL_LOOP_ENTRIES + 1)
    sequence = _find_fewest_follows(problem, 0, entries, SearchBudget(_NODE_BUDGET))
    if not _list_starved_items(placements, sequence) or sum(get_durations(placements).values()) > LOOP_CEILING_MS:
        return sequence
    plain = find_sequence(problem, LOOP_CEILING_MS, SearchBudget(UNBOUNDED), plain=True)
    assert plain is not None
    return min(sequence, plain, key=lambda candidate: len(_list_starved_items(placements, candidate)))


def _list_starved_items(placements: tuple[LivePlacement, ...], sequence: PlaySequence) -> set[str]:
    """Return the items without a play in the loop."""
    played = {placements[p].items[i].name for p, i in sequence.steps}
    return {item.name for placement in placements for item in placement.items} - played


def _make_rotation(placements: tuple[LivePlacement, ...], sequence: PlaySequence, *, whole: bool) -> Rotation:
    entries = tuple(placements[p].items[i].name for p, i in sequence.steps)
    self_follow = find_self_follow_note(entries)
    notes = [self_follow] if self_follow else []
    if not whole:
        notes.append(RotationNote("loop-cut", _get_cut_facts(placements, sequence)))
        starved = sorted(_list_starved_items(placements, sequence))
        if starved:
            notes.append(RotationNote("item-starved", (("items", ", ".join(starved)),)))
    return Rotation(entries, sequence.loop_ms, whole, tuple(notes))


def _get_cut_facts(placements: tuple[LivePlacement, ...], sequence: PlaySequence) -> tuple[tuple[str, object], ...]:
    total = sum(p.share for p in placements)
    given_ms = [0] * len(placements)
    for placement, item in sequence.steps:
        given_ms[placement] += placements[placement].items[item].duration_ms
    largest_error = max(
        abs(given * total - p.share * sequence.loop_ms) / (total * sequence.loop_ms)
        for p, given in zip(placements, given_ms, strict=True)
    )
    return (("loop_s", sequence.loop_ms / 1000), ("error_percent", round(100 * largest_error, 3)))
