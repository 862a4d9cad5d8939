"""Whose turn it is inside one placement while blocked items stand aside (contract, rules 3 and 5).

``weights`` with a clock that passes over: the next play of an item is due between two readings of it, and the released
item with the earliest deadline goes first.
"""

from collections.abc import Sequence

from signage.schedule.live_content import LivePlacement
from signage.schedule.rotation.virtual_time import VirtualTimeClock
from signage.schedule.rotation.weights import reduce_weights

ItemOrderState = tuple[int, tuple[int, ...]]
_CATCH_UP_PLAYS = 24


class ItemOrder:
    """The turns of one placement. *first_by*: the play by which each of its items should have had its first."""

    def __init__(self, placement: LivePlacement, first_by: int) -> None:
        self.listed = placement.listed
        self.weights = reduce_weights(tuple(i.weight for i in placement.items))
        self.first_play_deadline = first_by
        self.clock = VirtualTimeClock(self.weights)
        self.first_due_time = first_by * self.clock.unit // sum(self.weights)
        self.next_index = 0
        self._cached_due: tuple[tuple[int, ...], int] | None = None

    def get_due_item(self, allowed: Sequence[int]) -> int:
        """The item of *allowed* (not empty) whose turn it is."""
        asked = tuple(allowed)
        if self._cached_due is None or self._cached_due[0] != asked:
            self._cached_due = (asked, self._find_due_item(asked))
        return self._cached_due[1]

    def _find_due_item(self, allowed: tuple[int, ...]) -> int:
        if self.listed:
            return min(allowed, key=lambda k: (k - self.next_index) % len(self.weights))
        return self._sort_released(self.clock, allowed)[0]

    def list_alternatives(self, allowed: Sequence[int]) -> list[int]:
        """The items that may go before the one whose turn it is without making any late, in order."""
        if self.listed or len(allowed) < 2:
            return []
        first, *rest = self._sort_released(self.clock, tuple(allowed))
        return [k for k in rest if self._catches_up(first, k, tuple(allowed))]

    def _sort_released(self, fluid: VirtualTimeClock, allowed: tuple[int, ...]) -> list[int]:
        """The released items of *allowed*, earliest deadline first."""
        time, weight = fluid.read_clock(allowed, 1)
        order = sorted((self._get_deadline(fluid, k), k) for k in allowed)
        return [k for _, k in order if fluid.received[k] * weight < time] or [
            min(allowed, key=lambda k: (fluid.received[k], k))
        ]

    def _get_deadline(self, fluid: VirtualTimeClock, item: int) -> int:
        had = fluid.received[item]
        return had + fluid.cost_per_unit[item] if had else min(self.first_due_time, fluid.cost_per_unit[item])

    def _catches_up(self, first: int, other: int, allowed: tuple[int, ...]) -> bool:
        """Whether *other* in place of *first* soon comes to the same counts, and nobody is late meanwhile."""
        plain, bent = self.clock.copy(), self.clock.copy()
        plain.record_service(first, 1, allowed)
        bent.record_service(other, 1, allowed)
        for _ in range(_CATCH_UP_PLAYS):
            if plain.received == bent.received:
                return True
            time, weight = bent.read_clock(allowed)
            if any((time - bent.received[k] * weight) * self.weights[k] >= bent.unit * weight for k in allowed):
                return False
            for fluid in (plain, bent):
                fluid.record_service(self._sort_released(fluid, allowed)[0], 1, allowed)
        return False

    def save_state(self) -> ItemOrderState:
        """What ``back`` needs to undo the next play."""
        return self.next_index, tuple(self.clock.received)

    def record_play(self, item: int, allowed: Sequence[int]) -> None:
        """The placement plays *item*, the others of *allowed* being free to."""
        self._cached_due = None
        if self.listed:
            self.next_index = item + 1
        else:
            self.clock.record_service(item, 1, allowed)

    def restore_state(self, mark: ItemOrderState) -> None:
        """As it was at *mark*."""
        self._cached_due = None
        self.next_index, had = mark
        self.clock.received[:] = had
