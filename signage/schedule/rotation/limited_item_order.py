"""The order of the items inside one placement while some of them are blocked (contract, rules 3 and 5).

Like ``weights``, but by a virtual-time clock: the next play of an item is due between two readings of the clock, and
the released item with the earliest deadline goes first.
"""

from collections.abc import Sequence

from signage.schedule.live_content import LivePlacement
from signage.schedule.rotation.virtual_time import VirtualTimeClock
from signage.schedule.rotation.weights import reduce_weights

ItemOrderState = tuple[int, tuple[int, ...]]
_CATCH_UP_PLAYS = 24


class ItemOrder:
    """The item order of one placement. *first_play_deadline*: the play by which each item should have its first."""

    def __init__(self, placement: LivePlacement, first_play_deadline: int) -> None:
        self.listed = placement.listed
        self.weights = reduce_weights(tuple(i.weight for i in placement.items))
        self.clock = VirtualTimeClock(self.weights)
        self.first_due_time = first_play_deadline * self.clock.unit // sum(self.weights)
        self.next_index = 0
        self._cached_due: tuple[tuple[int, ...], int] | None = None

    def get_due_item(self, allowed: Sequence[int]) -> int:
        """Return the next item among *allowed* (not empty)."""
        key = tuple(allowed)
        if self._cached_due is None or self._cached_due[0] != key:
            self._cached_due = (key, self._find_due_item(key))
        return self._cached_due[1]

    def _find_due_item(self, allowed: tuple[int, ...]) -> int:
        if self.listed:
            return min(allowed, key=lambda k: (k - self.next_index) % len(self.weights))
        return self._sort_released(self.clock, allowed)[0]

    def list_alternatives(self, allowed: Sequence[int]) -> list[int]:
        """Return the items that may play before the due one without making any item late, in order."""
        if self.listed or len(allowed) < 2:
            return []
        due, *others = self._sort_released(self.clock, tuple(allowed))
        return [k for k in others if self._catches_up(due, k, tuple(allowed))]

    def _sort_released(self, clock: VirtualTimeClock, allowed: tuple[int, ...]) -> list[int]:
        """Return the released items of *allowed*, earliest deadline first."""
        time, weight = clock.read_clock(allowed, 1)
        order = sorted((self._get_deadline(clock, k), k) for k in allowed)
        return [k for _, k in order if clock.received[k] * weight < time] or [
            min(allowed, key=lambda k: (clock.received[k], k))
        ]

    def _get_deadline(self, clock: VirtualTimeClock, item: int) -> int:
        received = clock.received[item]
        return received + clock.cost_per_unit[item] if received else min(self.first_due_time, clock.cost_per_unit[item])

    def _catches_up(self, due: int, other: int, allowed: tuple[int, ...]) -> bool:
        """Return whether *other* in place of *due* soon leads to the same counts, with no item late meanwhile."""
        regular, swapped = self.clock.copy(), self.clock.copy()
        regular.record_service(due, 1, allowed)
        swapped.record_service(other, 1, allowed)
        for _ in range(_CATCH_UP_PLAYS):
            if regular.received == swapped.received:
                return True
            time, weight = swapped.read_clock(allowed)
            if any((time - swapped.received[k] * weight) * self.weights[k] >= swapped.unit * weight for k in allowed):
                return False
            for clock in (regular, swapped):
                clock.record_service(self._sort_released(clock, allowed)[0], 1, allowed)
        return False

    def save_state(self) -> ItemOrderState:
        """Return what ``restore_state`` needs to undo the next play."""
        return self.next_index, tuple(self.clock.received)

    def record_play(self, item: int, allowed: Sequence[int]) -> None:
        """Record a play of *item*; *allowed* are the items that were not blocked."""
        self._cached_due = None
        if self.listed:
            self.next_index = item + 1
        else:
            self.clock.record_service(item, 1, allowed)

    def restore_state(self, state: ItemOrderState) -> None:
        """Return to *state*."""
        self._cached_due = None
        self.next_index, received = state
        self.clock.received[:] = received
