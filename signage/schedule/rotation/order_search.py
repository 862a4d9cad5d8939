"""The search for an order of plays within rules 2 and 3 in which no item follows itself.

Depth first, in the order that WF²Q (``shares``) and earliest deadlines (``weights``) prefer, with a budget of
self-follows and a memory of states that led nowhere. Small problems are searched to the end; large ones stop after
*nodes* steps, so the work stays bounded and the same everywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from signage.schedule.live_content import LivePlacement
from signage.schedule.rotation.share_ledger import Ledger
from signage.schedule.rotation.weights import FAR, base_order, choices, reduced


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be ordered.

    *quotas*: plays of each placement in whole cycles; None: cut at *limit_ms* (beyond it only until every item has
    played, and never beyond *ceiling_ms*). *first_by*: for each placement, the play by which every item has its first.
    """

    placements: tuple[LivePlacement, ...]
    quotas: tuple[int, ...] | None
    limit_ms: int
    ceiling_ms: int
    first_by: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """An order found: (placement, item) indices, its length, and how often an item follows itself, seam included."""

    steps: tuple[tuple[int, int], ...]
    loop_ms: int
    follows: int


class _State:
    """Where the search stands; ``play`` and ``take_back`` move it."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.placements = problem.placements
        self.names = [[i.name for i in p.items] for p in self.placements]
        self.lengths = [[i.duration_ms for i in p.items] for p in self.placements]
        self.kinds = [frozenset(lengths) for lengths in self.lengths]
        self.longest = max(max(lengths) for lengths in self.lengths)
        self.ledger = Ledger([p.share for p in self.placements], self.longest)
        self.weights = [reduced(tuple(i.weight for i in p.items)) for p in self.placements]
        self.base = [base_order(w, f) for w, f in zip(self.weights, problem.first_by, strict=True)]
        self.counts = [[0] * len(p.items) for p in self.placements]
        self.plays = [0] * len(self.placements)
        self.swerves = [[0] * len(p.items) for p in self.placements]
        self.swerved = [0] * len(self.placements)
        self.shown = {name: 0 for names in self.names for name in names}
        self.missing = len(self.shown)

    def default(self, placement: int) -> int | None:
        """The item that the placement would play next by itself."""
        if self.placements[placement].listed:
            return self.plays[placement] % len(self.names[placement])
        if not self.swerved[placement]:
            return self.base[placement][self.plays[placement]]
        return next(self._fair(placement), None)

    def awaited(self, placement: int, default: int) -> int | None:
        """*default* if it has not played yet and may now by rule 2; where it is too long, a shorter one that may."""
        if self._awaits(placement, default):
            return default
        if self.placements[placement].listed or self.shown[self.names[placement][default]]:
            return None
        long = self.lengths[placement][default]
        if not any(kind < long and self.ledger.holds_after(placement, kind) for kind in self.kinds[placement]):
            return None
        return next((item for item in self._fair(placement) if self._awaits(placement, item)), None)

    def _awaits(self, placement: int, item: int) -> bool:
        new = not self.shown[self.names[placement][item]]
        return new and self.ledger.holds_after(placement, self.lengths[placement][item])

    def alternatives(self, placement: int) -> Iterator[int]:
        """All items that the placement may play next, the default first."""
        if self.placements[placement].listed:
            return iter((self.plays[placement] % len(self.names[placement]),))
        return self._fair(placement)

    def _fair(self, placement: int) -> Iterator[int]:
        n = self.plays[placement] + 1
        return choices(self.weights[placement], self.counts[placement], n, self.problem.first_by[placement])

    def play(self, placement: int, item: int) -> None:
        self._swerve(placement, item, 1)
        self.counts[placement][item] += 1
        self.plays[placement] += 1
        self.ledger.give(placement, self.lengths[placement][item])
        name = self.names[placement][item]
        self.missing -= not self.shown[name]
        self.shown[name] += 1

    def take_back(self, placement: int, item: int) -> None:
        name = self.names[placement][item]
        self.shown[name] -= 1
        self.missing += not self.shown[name]
        self.ledger.give(placement, -self.lengths[placement][item])
        self.plays[placement] -= 1
        self.counts[placement][item] -= 1
        self._swerve(placement, item, -1)

    def _swerve(self, placement: int, item: int, by: int) -> None:
        """Keep how far a fair placement's counts are from those of its base order."""
        if self.placements[placement].listed:
            return
        base = self.base[placement][self.plays[placement]]
        if item == base:
            return
        swerves = self.swerves[placement]
        for index, step in ((item, by), (base, -by)):
            before = swerves[index]
            swerves[index] = before + step
            self.swerved[placement] += (swerves[index] != 0) - (before != 0)

    def done(self, placement: int) -> bool:
        quotas = self.problem.quotas
        return quotas is not None and self.plays[placement] >= quotas[placement]

    def key(self, last: str, first: str) -> tuple[object, ...]:
        return (last, first, *(tuple(c) for c in self.counts))


class Budget:
    """The steps that are left to all searches for one loop together."""

    def __init__(self, nodes: int) -> None:
        self.nodes = nodes


def find(problem: Problem, follows: int, budget: Budget, most: int = FAR, *, plain: bool = False) -> Order | None:
    """An order with at most *follows* self-follows; None where there is none, or none found in *most* steps.

    The steps are taken from *budget*. *plain*: take WF²Q's own choice always (it never fails) and do not look for
    another.
    """
    state = _State(problem)
    steps: list[tuple[int, int]] = []
    spent: list[int] = []
    dead: dict[tuple[object, ...], int] = {}  # with as many follows so far, or more, nothing comes of it
    most = min(most, budget.nodes)
    frames = [_children(state, "", "", follows, plain)]
    while frames:
        step = next(frames[-1], None)
        if step is None:
            frames.pop()
            if steps:
                _forget(state, steps, spent, dead)
            continue
        if not most:
            return None
        most -= 1
        budget.nodes -= 1
        cost = _cost(state, steps, step)
        used = (spent[-1] if spent else 0) + cost
        state.play(*step)
        steps.append(step)
        spent.append(used)
        first = _name(state, steps[0])
        last = _name(state, step)
        if _complete(state, plain):
            total = used + (last == first)
            if total <= follows:
                return Order(tuple(steps), state.ledger.passed, total)
            frames.append(iter(()))
        elif dead and dead.get(state.key(last, first), FAR) <= used:
            frames.append(iter(()))
        else:
            frames.append(_children(state, last, first, follows - used, plain))
    return None


def _name(state: _State, step: tuple[int, int]) -> str:
    return state.names[step[0]][step[1]]


def _cost(state: _State, steps: list[tuple[int, int]], step: tuple[int, int]) -> int:
    return int(bool(steps) and _name(state, steps[-1]) == _name(state, step))


def _forget(state: _State, steps: list[tuple[int, int]], spent: list[int], dead: dict[tuple[object, ...], int]) -> None:
    key = state.key(_name(state, steps[-1]), _name(state, steps[0]))
    dead[key] = min(spent[-1], dead.get(key, FAR))
    state.take_back(*steps.pop())
    spent.pop()


def _complete(state: _State, plain: bool) -> bool:
    problem = state.problem
    if problem.quotas is not None:
        return all(state.done(p) for p in range(len(state.plays)))
    passed = state.ledger.passed
    if problem.limit_ms - passed > state.longest and not state.missing:
        return False
    if state.missing and passed <= problem.ceiling_ms - state.longest:
        return False
    if state.missing:
        return True
    if passed >= problem.limit_ms:
        return True
    rest = problem.limit_ms - passed
    if plain:
        placement, item = _ranked(state)[0]
        return state.lengths[placement][item] > rest
    legal = [
        state.lengths[placement][item]
        for placement in range(len(state.plays))
        for item in state.alternatives(placement)
        if state.ledger.holds_after(placement, state.lengths[placement][item])
    ]
    return bool(legal) and min(legal) > rest


def _fits(state: _State, placement: int, item: int) -> bool:
    return _fits_in(state, placement, state.lengths[placement][item])


def _fits_in(state: _State, placement: int, length: int) -> bool:
    passed = state.ledger.passed + length
    if state.problem.quotas is None and passed > state.problem.limit_ms and not state.missing:
        return False
    return state.ledger.holds_after(placement, length)


def _children(state: _State, last: str, first: str, budget: int, plain: bool) -> Iterator[tuple[int, int]]:
    ranked = _ranked(state)
    if plain:
        yield from ranked[:1]
        return
    for placement, item in ranked:
        if state.names[placement][item] != last and _fits(state, placement, item):
            yield placement, item
    yield from ((p, i) for p, i in _others(state, ranked) if state.names[p][i] != last)
    if budget > 0:
        yield from ((p, i) for p, i in ranked if state.names[p][i] == last and _fits(state, p, i))
        yield from ((p, i) for p, i in _others(state, ranked) if state.names[p][i] == last)


def _others(state: _State, ranked: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What else each placement may play; whether a length fits is asked once for all items that are so long."""
    for placement, default in ranked:
        fitting = {length for length in state.kinds[placement] if _fits_in(state, placement, length)}
        if not fitting:
            continue
        lengths = state.lengths[placement]
        for item in state.alternatives(placement):
            if item != default and lengths[item] in fitting:
                yield placement, item


def _ranked(state: _State) -> list[tuple[int, int]]:
    """Each placement that may go on with its default item, as WF²Q ranks them (those not yet eligible last).

    A loop that grows only because items have not played yet takes those first, where the bound of rule 2 allows it.
    """
    ledger = state.ledger
    grown = state.problem.quotas is None and state.missing > 0 and ledger.passed >= state.problem.limit_ms
    found = []
    for placement in range(len(state.plays)):
        if state.done(placement):
            continue
        item = state.default(placement)
        if item is not None:
            wanted = state.awaited(placement, item) if grown else None
            awaited, item = wanted is not None, item if wanted is None else wanted
            length = state.lengths[placement][item]
            eligible = ledger.eligible(placement)
            found.append((not awaited, not eligible, ledger.finish(placement, length), placement, item))
    found.sort()
    return [(placement, item) for *_, placement, item in found]
