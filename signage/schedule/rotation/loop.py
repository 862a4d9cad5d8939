"""From what is live to the loop that plays (contract, rules 2–5).

2. Screen time by share: ``shares``. 3. Plays by weight, and no item after itself where that can be avoided:
``weights``, ``search``. 4. Whole cycles where they fit, else cut as late as the longest loop allows, every item at
least once. 5. Limits: ``limits``, ``limited``.
"""

from functools import lru_cache

from signage.schedule.live_content import LiveItem, LivePlacement, Note, Rotation, follows_note
from signage.schedule.rotation.limited import limited_loop
from signage.schedule.rotation.limits import keeps_limits, limits_of
from signage.schedule.rotation.order_search import Budget, Order, Problem, find
from signage.schedule.rotation.share_ledger import common_cycle_ms
from signage.schedule.rotation.weights import FAR, first_by, reduced

CEILING_MS = 86_400_000
"""No loop is longer than a day (rule 4)."""
_SMALL = 48
_NODES = 24_000
_NODES_SPARE = 3_000
_ROUNDS = 3


@lru_cache(maxsize=4096)
def rotate(placements: tuple[LivePlacement, ...], max_loop_ms: int, still: LiveItem) -> Rotation:
    """The loop for *placements* (each with at least one item, in the order of rule 8).

    *still* fills where limits let nothing play. Pure, and remembered: screens with equal placements share the work.
    """
    if not placements:
        return Rotation((still.name,), still.duration_ms)
    limits = limits_of(placements)
    free = _unlimited(placements, max_loop_ms)
    if not limits or keeps_limits(free, limits, _durations(placements)):
        return free
    return limited_loop(placements, limits, max_loop_ms, CEILING_MS)


def _durations(placements: tuple[LivePlacement, ...]) -> dict[str, int]:
    return {item.name: item.duration_ms for p in placements for item in p.items}


def _unlimited(placements: tuple[LivePlacement, ...], max_loop_ms: int) -> Rotation:
    plays, lengths = zip(*(_cycle(p) for p in placements), strict=True)
    shares = [p.share for p in placements]
    whole_ms = common_cycle_ms(lengths, shares)
    if whole_ms <= max_loop_ms:
        total = sum(shares)
        once = tuple(n * whole_ms * s // (total * length) for n, length, s in zip(plays, lengths, shares, strict=True))
        order = _whole(placements, once, whole_ms, max_loop_ms)
        return _rotation(placements, order, whole=True)
    return _rotation(placements, _cut(placements, max_loop_ms), whole=False)


def _cycle(placement: LivePlacement) -> tuple[int, int]:
    """Plays and length in ms of one whole cycle of a placement."""
    if placement.listed:
        return len(placement.items), sum(i.duration_ms for i in placement.items)
    weights = reduced(tuple(i.weight for i in placement.items))
    return sum(weights), sum(w * i.duration_ms for w, i in zip(weights, placement.items, strict=True))


def _whole(placements: tuple[LivePlacement, ...], once: tuple[int, ...], whole_ms: int, max_loop_ms: int) -> Order:
    """One whole cycle; several only where that lets fewer items follow themselves."""
    best: Order | None = None
    budget = Budget(_NODES)
    for rounds in range(1, _ROUNDS + 1):
        if best is not None and (best.follows == 0 or rounds * whole_ms > max_loop_ms):
            break
        quotas = tuple(rounds * n for n in once)
        problem = Problem(placements, quotas, rounds * whole_ms, CEILING_MS, (FAR,) * len(placements))
        least = _least_follows(placements, quotas)
        if best is not None and least * (rounds - 1) >= best.follows * rounds:
            continue
        found = _fewest(problem, least, sum(quotas), budget)
        if best is None or found.follows * best.loop_ms < best.follows * found.loop_ms:
            best = found
    assert best is not None
    return best


def _least_follows(placements: tuple[LivePlacement, ...], quotas: tuple[int, ...]) -> int:
    """How often some item must follow itself: one that fills more than half of the entries."""
    counts: dict[str, int] = {}
    for placement, quota in zip(placements, quotas, strict=True):
        plays, _ = _cycle(placement)
        weights = reduced(tuple(i.weight for i in placement.items)) if not placement.listed else None
        for index, item in enumerate(placement.items):
            each = weights[index] if weights else 1
            counts[item.name] = counts.get(item.name, 0) + each * quota // plays
    return max(0, *(2 * c - sum(quotas) for c in counts.values()))


def _fewest(problem: Problem, least: int, entries: int, budget: Budget) -> Order:
    """The order with the fewest self-follows that the search finds within *budget*."""
    if entries <= _SMALL:
        for follows in range(least, entries + 1):
            order = find(problem, follows, budget, budget.nodes // 2)
            if order is not None:
                return order
    nodes = 2 * entries + _NODES_SPARE
    order = find(problem, least, budget, nodes)
    if order is not None:
        return order
    best = find(problem, CEILING_MS, Budget(nodes)) or find(problem, CEILING_MS, Budget(FAR), plain=True)
    assert best is not None
    return _fewer(problem, least, best, budget, nodes)


def _fewer(problem: Problem, least: int, best: Order, budget: Budget, nodes: int) -> Order:
    """*best*, or an order with fewer self-follows, but more than *least*: one by one, then by halves."""
    while best.follows > least + 1 and budget.nodes >= _NODES // 2:
        better = find(problem, best.follows - 1, budget, nodes)
        if better is None:
            return best
        best = better
    low = least
    while best.follows > low + 1 and budget.nodes:
        middle = (low + best.follows) // 2
        better = find(problem, middle, budget, budget.nodes // 2 + 1)
        if better is None:
            low = middle
        else:
            best = better
    return best


def _cut(placements: tuple[LivePlacement, ...], max_loop_ms: int) -> Order:
    """The order cut as late as *max_loop_ms* allows, every item in it; longer where an item needs it.

    An item that is not in it for the sake of others that would follow themselves comes first: then WF²Q's own order.
    """
    firsts = tuple(first_by(p, placements, max_loop_ms) for p in placements)
    problem = Problem(placements, None, max_loop_ms, CEILING_MS, firsts)
    shortest = min(i.duration_ms for p in placements for i in p.items)
    items = sum(len(p.items) for p in placements)
    entries = max(max_loop_ms // shortest, items, _SMALL + 1)
    found = _fewest(problem, 0, entries, Budget(_NODES))
    if not _starved(placements, found) or sum(_durations(placements).values()) > CEILING_MS:
        return found
    other = find(problem, CEILING_MS, Budget(FAR), plain=True)
    assert other is not None
    return min(found, other, key=lambda order: len(_starved(placements, order)))


def _starved(placements: tuple[LivePlacement, ...], order: Order) -> set[str]:
    """The items that have no play in the loop."""
    played = {placements[p].items[i].name for p, i in order.steps}
    return {item.name for placement in placements for item in placement.items} - played


def _rotation(placements: tuple[LivePlacement, ...], order: Order, *, whole: bool) -> Rotation:
    entries = tuple(placements[p].items[i].name for p, i in order.steps)
    again = follows_note(entries)
    notes = [again] if again else []
    if not whole:
        notes.append(Note("loop-cut", _cut_facts(placements, order)))
        starved = sorted(_starved(placements, order))
        if starved:
            notes.append(Note("item-starved", (("items", ", ".join(starved)),)))
    return Rotation(entries, order.loop_ms, whole, tuple(notes))


def _cut_facts(placements: tuple[LivePlacement, ...], order: Order) -> tuple[tuple[str, object], ...]:
    total = sum(p.share for p in placements)
    given = [0] * len(placements)
    for placement, item in order.steps:
        given[placement] += placements[placement].items[item].duration_ms
    worst = max(
        abs(g * total - p.share * order.loop_ms) / (total * order.loop_ms)
        for p, g in zip(placements, given, strict=True)
    )
    return (("loop_s", order.loop_ms / 1000), ("error_percent", round(100 * worst, 3)))
