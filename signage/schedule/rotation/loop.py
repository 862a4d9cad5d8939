"""From what is live to the loop that plays (contract, rules 2–5).

2. Screen time by share: ``shares``. 3. Plays by weight, and no item after itself where that can be avoided:
``weights``, ``search``. 4. Whole cycles where they fit, else cut as late as the longest loop allows, every item at
least once. 5. Limits: ``limits``, ``limited``.
"""

from functools import lru_cache

from signage.schedule.live_content import LiveItem, LivePlacement, Rotation, RotationNote, find_self_follow_note
from signage.schedule.rotation.limited_loop import build_limited_loop
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
    """The loop for *placements* (each with at least one item, in the order of rule 8).

    *still* fills where limits let nothing play. Pure, and remembered: screens with equal placements share the work.
    """
    if not placements:
        return Rotation((still.name,), still.duration_ms)
    limits = collect_limits(placements)
    free = _build_unlimited_rotation(placements, max_loop_ms)
    if not limits or satisfies_limits(free, limits, _get_durations(placements)):
        return free
    return build_limited_loop(placements, limits, max_loop_ms, LOOP_CEILING_MS)


def _get_durations(placements: tuple[LivePlacement, ...]) -> dict[str, int]:
    return {item.name: item.duration_ms for p in placements for item in p.items}


def _build_unlimited_rotation(placements: tuple[LivePlacement, ...], max_loop_ms: int) -> Rotation:
    plays, lengths = zip(*(_measure_cycle(p) for p in placements), strict=True)
    shares = [p.share for p in placements]
    whole_ms = compute_common_cycle_ms(lengths, shares)
    if whole_ms <= max_loop_ms:
        total = sum(shares)
        once = tuple(n * whole_ms * s // (total * length) for n, length, s in zip(plays, lengths, shares, strict=True))
        order = _find_whole_cycle_sequence(placements, once, whole_ms, max_loop_ms)
        return _make_rotation(placements, order, whole=True)
    return _make_rotation(placements, _find_cut_sequence(placements, max_loop_ms), whole=False)


def _measure_cycle(placement: LivePlacement) -> tuple[int, int]:
    """Plays and length in ms of one whole cycle of a placement."""
    if placement.listed:
        return len(placement.items), sum(i.duration_ms for i in placement.items)
    weights = reduce_weights(tuple(i.weight for i in placement.items))
    return sum(weights), sum(w * i.duration_ms for w, i in zip(weights, placement.items, strict=True))


def _find_whole_cycle_sequence(
    placements: tuple[LivePlacement, ...], once: tuple[int, ...], whole_ms: int, max_loop_ms: int
) -> PlaySequence:
    """One whole cycle; several only where that lets fewer items follow themselves."""
    best: PlaySequence | None = None
    budget = SearchBudget(_NODE_BUDGET)
    for rounds in range(1, _MAX_ROUNDS + 1):
        if best is not None and (best.follows == 0 or rounds * whole_ms > max_loop_ms):
            break
        quotas = tuple(rounds * n for n in once)
        problem = OrderProblem(placements, quotas, rounds * whole_ms, LOOP_CEILING_MS, (UNBOUNDED,) * len(placements))
        least = _count_min_follows(placements, quotas)
        if best is not None and least * (rounds - 1) >= best.follows * rounds:
            continue
        found = _find_fewest_follows(problem, least, sum(quotas), budget)
        if best is None or found.follows * best.loop_ms < best.follows * found.loop_ms:
            best = found
    assert best is not None
    return best


def _count_min_follows(placements: tuple[LivePlacement, ...], quotas: tuple[int, ...]) -> int:
    """How often some item must follow itself: one that fills more than half of the entries."""
    counts: dict[str, int] = {}
    for placement, quota in zip(placements, quotas, strict=True):
        plays, _ = _measure_cycle(placement)
        weights = reduce_weights(tuple(i.weight for i in placement.items)) if not placement.listed else None
        for index, item in enumerate(placement.items):
            each = weights[index] if weights else 1
            counts[item.name] = counts.get(item.name, 0) + each * quota // plays
    return max(0, *(2 * c - sum(quotas) for c in counts.values()))


def _find_fewest_follows(problem: OrderProblem, least: int, entries: int, budget: SearchBudget) -> PlaySequence:
    """The order with the fewest self-follows that the search finds within *budget*."""
    if entries <= _SMALL_LOOP_ENTRIES:
        for follows in range(least, entries + 1):
            order = find_sequence(problem, follows, budget, budget.nodes // 2)
            if order is not None:
                return order
    nodes = 2 * entries + _SPARE_NODES
    order = find_sequence(problem, least, budget, nodes)
    if order is not None:
        return order
    best = find_sequence(problem, LOOP_CEILING_MS, SearchBudget(nodes)) or find_sequence(
        problem, LOOP_CEILING_MS, SearchBudget(UNBOUNDED), plain=True
    )
    assert best is not None
    return _reduce_follows(problem, least, best, budget, nodes)


def _reduce_follows(
    problem: OrderProblem, least: int, best: PlaySequence, budget: SearchBudget, nodes: int
) -> PlaySequence:
    """*best*, or an order with fewer self-follows, but more than *least*: one by one, then by halves."""
    while best.follows > least + 1 and budget.nodes >= _NODE_BUDGET // 2:
        better = find_sequence(problem, best.follows - 1, budget, nodes)
        if better is None:
            return best
        best = better
    low = least
    while best.follows > low + 1 and budget.nodes:
        middle = (low + best.follows) // 2
        better = find_sequence(problem, middle, budget, budget.nodes // 2 + 1)
        if better is None:
            low = middle
        else:
            best = better
    return best


def _find_cut_sequence(placements: tuple[LivePlacement, ...], max_loop_ms: int) -> PlaySequence:
    """The order cut as late as *max_loop_ms* allows, every item in it; longer where an item needs it.

    An item that is not in it for the sake of others that would follow themselves comes first: then WF²Q's own order.
    """
    firsts = tuple(compute_first_play_deadline(p, placements, max_loop_ms) for p in placements)
    problem = OrderProblem(placements, None, max_loop_ms, LOOP_CEILING_MS, firsts)
    shortest = min(i.duration_ms for p in placements for i in p.items)
    items = sum(len(p.items) for p in placements)
    entries = max(max_loop_ms // shortest, items, _SMALL_LOOP_ENTRIES + 1)
    found = _find_fewest_follows(problem, 0, entries, SearchBudget(_NODE_BUDGET))
    if not _list_starved_items(placements, found) or sum(_get_durations(placements).values()) > LOOP_CEILING_MS:
        return found
    other = find_sequence(problem, LOOP_CEILING_MS, SearchBudget(UNBOUNDED), plain=True)
    assert other is not None
    return min(found, other, key=lambda order: len(_list_starved_items(placements, order)))


def _list_starved_items(placements: tuple[LivePlacement, ...], order: PlaySequence) -> set[str]:
    """The items that have no play in the loop."""
    played = {placements[p].items[i].name for p, i in order.steps}
    return {item.name for placement in placements for item in placement.items} - played


def _make_rotation(placements: tuple[LivePlacement, ...], order: PlaySequence, *, whole: bool) -> Rotation:
    entries = tuple(placements[p].items[i].name for p, i in order.steps)
    again = find_self_follow_note(entries)
    notes = [again] if again else []
    if not whole:
        notes.append(RotationNote("loop-cut", _get_cut_facts(placements, order)))
        starved = sorted(_list_starved_items(placements, order))
        if starved:
            notes.append(RotationNote("item-starved", (("items", ", ".join(starved)),)))
    return Rotation(entries, order.loop_ms, whole, tuple(notes))


def _get_cut_facts(placements: tuple[LivePlacement, ...], order: PlaySequence) -> tuple[tuple[str, object], ...]:
    total = sum(p.share for p in placements)
    given = [0] * len(placements)
    for placement, item in order.steps:
        given[placement] += placements[placement].items[item].duration_ms
    worst = max(
        abs(g * total - p.share * order.loop_ms) / (total * order.loop_ms)
        for p, g in zip(placements, given, strict=True)
    )
    return (("loop_s", order.loop_ms / 1000), ("error_percent", round(100 * worst, 3)))
