"""Depth-first search for a sequence of plays within rules 2 and 3 in which no item follows itself.

Plays are tried in the order that WF²Q (``share_ledger``) and earliest deadlines (``weights``) prefer, with a budget of
self-follows and a memory of dead states. Small problems are searched completely; large ones stop after a number of
nodes: the work is bounded, and equal on every machine.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from signage.schedule.live_content import LivePlacement
from signage.schedule.rotation.share_ledger import ShareLedger
from signage.schedule.rotation.weights import UNBOUNDED, get_base_order, iter_eligible_items, reduce_weights


@dataclass(frozen=True, slots=True)
class OrderProblem:
    """The placements to be ordered, with the bounds of the loop.

    *quotas*: plays of each placement in whole cycles; None: cut at *limit_ms* (later only until every item has played,
    never after *ceiling_ms*). *first_play_deadlines*: for each placement, the play by which every item has its first.
    """

    placements: tuple[LivePlacement, ...]
    quotas: tuple[int, ...] | None
    limit_ms: int
    ceiling_ms: int
    first_play_deadlines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PlaySequence:
    """A complete sequence: (placement, item) indices, its length, and its self-follows, the seam included."""

    steps: tuple[tuple[int, int], ...]
    loop_ms: int
    follows: int


class _SearchState:
    """The plays so far, changed by ``play_item`` and ``undo_play``."""

    def __init__(self, problem: OrderProblem) -> None:
        self.problem = problem
        self.placements = problem.placements
        self.names = [[i.name for i in p.items] for p in self.placements]
        self.lengths = [[i.duration_ms for i in p.items] for p in self.placements]
        self.distinct_lengths = [frozenset(lengths) for lengths in self.lengths]
        self.longest_ms = max(max(lengths) for lengths in self.lengths)
        self.ledger = ShareLedger([p.share for p in self.placements], self.longest_ms)
        self.weights = [reduce_weights(tuple(i.weight for i in p.items)) for p in self.placements]
        self.base_orders = [
            get_base_order(w, f) for w, f in zip(self.weights, problem.first_play_deadlines, strict=True)
        ]
        self.counts = [[0] * len(p.items) for p in self.placements]
        self.plays = [0] * len(self.placements)
        self.deviations = [[0] * len(p.items) for p in self.placements]
        self.deviating_items = [0] * len(self.placements)
        self.plays_by_name = {name: 0 for names in self.names for name in names}
        self.unplayed_count = len(self.plays_by_name)

    def get_default_item(self, placement: int) -> int | None:
        """Return the item that the placement plays next by its own order."""
        if self.placements[placement].listed:
            return self.plays[placement] % len(self.names[placement])
        if not self.deviating_items[placement]:
            return self.base_orders[placement][self.plays[placement]]
        return next(self._iter_fair_items(placement), None)

    def find_awaited_item(self, placement: int, default: int) -> int | None:
        """Return *default* if it is unplayed and within rule 2; where it is too long, a shorter unplayed item."""
        if self._is_awaited(placement, default):
            return default
        if self.placements[placement].listed or self.plays_by_name[self.names[placement][default]]:
            return None
        default_length = self.lengths[placement][default]
        if not any(
            length < default_length and self.ledger.is_within_bound_after(placement, length)
            for length in self.distinct_lengths[placement]
        ):
            return None
        return next((item for item in self._iter_fair_items(placement) if self._is_awaited(placement, item)), None)

    def _is_awaited(self, placement: int, item: int) -> bool:
        unplayed = not self.plays_by_name[self.names[placement][item]]
        return unplayed and self.ledger.is_within_bound_after(placement, self.lengths[placement][item])

    def iter_alternatives(self, placement: int) -> Iterator[int]:
        """Return all items that the placement may play next, the default first."""
        if self.placements[placement].listed:
            return iter((self.plays[placement] % len(self.names[placement]),))
        return self._iter_fair_items(placement)

    def _iter_fair_items(self, placement: int) -> Iterator[int]:
        n = self.plays[placement] + 1
        return iter_eligible_items(
            self.weights[placement], self.counts[placement], n, self.problem.first_play_deadlines[placement]
        )

    def play_item(self, placement: int, item: int) -> None:
        self._track_deviation(placement, item, 1)
        self.counts[placement][item] += 1
        self.plays[placement] += 1
        self.ledger.record_play(placement, self.lengths[placement][item])
        name = self.names[placement][item]
        self.unplayed_count -= not self.plays_by_name[name]
        self.plays_by_name[name] += 1

    def undo_play(self, placement: int, item: int) -> None:
        name = self.names[placement][item]
        self.plays_by_name[name] -= 1
        self.unplayed_count += not self.plays_by_name[name]
        self.ledger.record_play(placement, -self.lengths[placement][item])
        self.plays[placement] -= 1
        self.counts[placement][item] -= 1
        self._track_deviation(placement, item, -1)

    def _track_deviation(self, placement: int, item: int, by: int) -> None:
        """Update how far the counts of a fair placement deviate from its base order."""
        if self.placements[placement].listed:
            return
        base = self.base_orders[placement][self.plays[placement]]
        if item == base:
            return
        deviations = self.deviations[placement]
        for index, step in ((item, by), (base, -by)):
            before = deviations[index]
            deviations[index] = before + step
            self.deviating_items[placement] += (deviations[index] != 0) - (before != 0)

    def is_done(self, placement: int) -> bool:
        quotas = self.problem.quotas
        return quotas is not None and self.plays[placement] >= quotas[placement]

    def make_key(self, last: str, first: str) -> tuple[object, ...]:
        return (last, first, *(tuple(c) for c in self.counts))


class SearchBudget:
    """The nodes left for all searches for one loop together."""

    def __init__(self, nodes: int) -> None:
        self.nodes = nodes


def find_sequence(
    problem: OrderProblem, follows: int, budget: SearchBudget, max_nodes: int = UNBOUNDED, *, plain: bool = False
) -> PlaySequence | None:
    """Return a sequence with at most *follows* self-follows; None if there is none, or none within *max_nodes*.

    The nodes are deducted from *budget*. *plain*: always take WF²Q's own choice (it never fails), without a search.
    """
    state = _SearchState(problem)
    steps: list[tuple[int, int]] = []
    spent: list[int] = []
    dead: dict[tuple[object, ...], int] = {}  # no solution from this state with as many self-follows so far, or more
    nodes_left = min(max_nodes, budget.nodes)
    frames = [_iter_next_steps(state, "", "", follows, plain)]
    while frames:
        step = next(frames[-1], None)
        if step is None:
            frames.pop()
            if steps:
                _backtrack(state, steps, spent, dead)
            continue
        if not nodes_left:
            return None
        nodes_left -= 1
        budget.nodes -= 1
        cost = _count_follow(state, steps, step)
        used = (spent[-1] if spent else 0) + cost
        state.play_item(*step)
        steps.append(step)
        spent.append(used)
        first = _get_item_name(state, steps[0])
        last = _get_item_name(state, step)
        if _is_complete(state, plain):
            total = used + (last == first)
            if total <= follows:
                return PlaySequence(tuple(steps), state.ledger.elapsed_ms, total)
            frames.append(iter(()))
        elif dead and dead.get(state.make_key(last, first), UNBOUNDED) <= used:
            frames.append(iter(()))
        else:
            frames.append(_iter_next_steps(state, last, first, follows - used, plain))
    return None


def _get_item_name(state: _SearchState, step: tuple[int, int]) -> str:
    return state.names[step[0]][step[1]]


def _count_follow(state: _SearchState, steps: list[tuple[int, int]], step: tuple[int, int]) -> int:
    return int(bool(steps) and _get_item_name(state, steps[-1]) == _get_item_name(state, step))


def _backtrack(
    state: _SearchState, steps: list[tuple[int, int]], spent: list[int], dead: dict[tuple[object, ...], int]
) -> None:
    key = state.make_key(_get_item_name(state, steps[-1]), _get_item_name(state, steps[0]))
    dead[key] = min(spent[-1], dead.get(key, UNBOUNDED))
    state.undo_play(*steps.pop())
    spent.pop()


def _is_complete(state: _SearchState, plain: bool) -> bool:
    problem = state.problem
    if problem.quotas is not None:
        return all(state.is_done(p) for p in range(len(state.plays)))
    elapsed_ms = state.ledger.elapsed_ms
    if problem.limit_ms - elapsed_ms > state.longest_ms and not state.unplayed_count:
        return False
    if state.unplayed_count and elapsed_ms <= problem.ceiling_ms - state.longest_ms:
        return False
    if state.unplayed_count:
        return True
    if elapsed_ms >= problem.limit_ms:
        return True
    rest_ms = problem.limit_ms - elapsed_ms
    if plain:
        placement, item = _rank_default_steps(state)[0]
        return state.lengths[placement][item] > rest_ms
    lengths = [
        state.lengths[placement][item]
        for placement in range(len(state.plays))
        for item in state.iter_alternatives(placement)
        if state.ledger.is_within_bound_after(placement, state.lengths[placement][item])
    ]
    return bool(lengths) and min(lengths) > rest_ms


def _fits(state: _SearchState, placement: int, item: int) -> bool:
    return _fits_length(state, placement, state.lengths[placement][item])


def _fits_length(state: _SearchState, placement: int, length: int) -> bool:
    end_ms = state.ledger.elapsed_ms + length
    if state.problem.quotas is None and end_ms > state.problem.limit_ms and not state.unplayed_count:
        return False
    return state.ledger.is_within_bound_after(placement, length)


def _iter_next_steps(state: _SearchState, last: str, first: str, budget: int, plain: bool) -> Iterator[tuple[int, int]]:
    ranked = _rank_default_steps(state)
    if plain:
        yield from ranked[:1]
        return
    for placement, item in ranked:
        if state.names[placement][item] != last and _fits(state, placement, item):
            yield placement, item
    yield from ((p, i) for p, i in _iter_other_steps(state, ranked) if state.names[p][i] != last)
    if budget > 0:
        yield from ((p, i) for p, i in ranked if state.names[p][i] == last and _fits(state, p, i))
        yield from ((p, i) for p, i in _iter_other_steps(state, ranked) if state.names[p][i] == last)


def _iter_other_steps(state: _SearchState, ranked: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the alternatives of each placement; whether a length fits is computed once for all items of that length."""
    for placement, default in ranked:
        fitting = {length for length in state.distinct_lengths[placement] if _fits_length(state, placement, length)}
        if not fitting:
            continue
        lengths = state.lengths[placement]
        for item in state.iter_alternatives(placement):
            if item != default and lengths[item] in fitting:
                yield placement, item


def _rank_default_steps(state: _SearchState) -> list[tuple[int, int]]:
    """Return the unfinished placements with their default items, in WF²Q's order (those not yet eligible last).

    A loop that is extended only for unplayed items takes those first, where the bound of rule 2 allows it.
    """
    ledger = state.ledger
    problem = state.problem
    extended = problem.quotas is None and state.unplayed_count > 0 and ledger.elapsed_ms >= problem.limit_ms
    ranked = []
    for placement in range(len(state.plays)):
        if state.is_done(placement):
            continue
        item = state.get_default_item(placement)
        if item is not None:
            unplayed = state.find_awaited_item(placement, item) if extended else None
            awaited, item = unplayed is not None, item if unplayed is None else unplayed
            length = state.lengths[placement][item]
            eligible = ledger.is_eligible(placement)
            ranked.append((not awaited, not eligible, ledger.get_finish_time(placement, length), placement, item))
    ranked.sort()
    return [(placement, item) for *_, placement, item in ranked]
