"""Whose turn it is inside one placement while blocked items stand aside (contract, rules 3 and 5).

``weights`` with a clock that passes over: the next play of an item is due between two readings of it, and the released
item with the earliest deadline goes first.
"""

from collections.abc import Sequence

from signage.schedule.live_content import LivePlacement
from signage.schedule.rotation.virtual_time import Fluid
from signage.schedule.rotation.weights import reduced

Mark = tuple[int, tuple[int, ...]]
_SOON = 24


class Turns:
    """The turns of one placement. *first_by*: the play by which each of its items should have had its first."""

    def __init__(self, placement: LivePlacement, first_by: int) -> None:
        self.listed = placement.listed
        self.weights = reduced(tuple(i.weight for i in placement.items))
        self.first = first_by
        self.fluid = Fluid(self.weights)
        self.first_due = first_by * self.fluid.unit // sum(self.weights)
        self.next = 0
        self._known: tuple[tuple[int, ...], int] | None = None

    def due(self, allowed: Sequence[int]) -> int:
        """The item of *allowed* (not empty) whose turn it is."""
        asked = tuple(allowed)
        if self._known is None or self._known[0] != asked:
            self._known = (asked, self._due(asked))
        return self._known[1]

    def _due(self, allowed: tuple[int, ...]) -> int:
        if self.listed:
            return min(allowed, key=lambda k: (k - self.next) % len(self.weights))
        return self._in_order(self.fluid, allowed)[0]

    def others(self, allowed: Sequence[int]) -> list[int]:
        """The items that may go before the one whose turn it is without making any late, in order."""
        if self.listed or len(allowed) < 2:
            return []
        first, *rest = self._in_order(self.fluid, tuple(allowed))
        return [k for k in rest if self._made_up(first, k, tuple(allowed))]

    def _in_order(self, fluid: Fluid, allowed: tuple[int, ...]) -> list[int]:
        """The released items of *allowed*, earliest deadline first."""
        time, weight = fluid.clock(allowed, 1)
        order = sorted((self._deadline(fluid, k), k) for k in allowed)
        return [k for _, k in order if fluid.had[k] * weight < time] or [min(allowed, key=lambda k: (fluid.had[k], k))]

    def _deadline(self, fluid: Fluid, item: int) -> int:
        had = fluid.had[item]
        return had + fluid.each[item] if had else min(self.first_due, fluid.each[item])

    def _made_up(self, first: int, other: int, allowed: tuple[int, ...]) -> bool:
        """Whether *other* in place of *first* soon comes to the same counts, and nobody is late meanwhile."""
        plain, bent = self.fluid.copy(), self.fluid.copy()
        plain.give(first, 1, allowed)
        bent.give(other, 1, allowed)
        for _ in range(_SOON):
            if plain.had == bent.had:
                return True
            time, weight = bent.clock(allowed)
            if any((time - bent.had[k] * weight) * self.weights[k] >= bent.unit * weight for k in allowed):
                return False
            for fluid in (plain, bent):
                fluid.give(self._in_order(fluid, allowed)[0], 1, allowed)
        return False

    def mark(self) -> Mark:
        """What ``back`` needs to undo the next play."""
        return self.next, tuple(self.fluid.had)

    def play(self, item: int, allowed: Sequence[int]) -> None:
        """The placement plays *item*, the others of *allowed* being free to."""
        self._known = None
        if self.listed:
            self.next = item + 1
        else:
            self.fluid.give(item, 1, allowed)

    def back(self, mark: Mark) -> None:
        """As it was at *mark*."""
        self._known = None
        self.next, had = mark
        self.fluid.had[:] = had
