"""Plays by weight inside one fair placement (contract, rule 3).

After any number n of the placement's plays the count of each item differs from its due n·λ by less than one; λ is the
item's part of the weights. Source: R. Tijdeman, "The chairman assignment problem", Discrete Mathematics 32 (1980).
Expressed as windows: the k-th play of an item is one of the placement's plays ⌊(k-1)/λ⌋+1 … ⌈k/λ⌉, and choosing the
released item with the earliest deadline always succeeds.
"""

from collections.abc import Iterator
from functools import lru_cache
from math import gcd

from signage.schedule.live_content import LivePlacement

UNBOUNDED = 1 << 62
_HORIZON = 20_000


def reduce_weights(weights: tuple[int, ...]) -> tuple[int, ...]:
    """Divide the weights by their common divisor: their sum is then the number of plays of one whole cycle."""
    common = gcd(*weights)
    return tuple(w // common for w in weights)


@lru_cache(maxsize=1024)
def compute_earliest_first_play_deadline(weights: tuple[int, ...]) -> int:
    """Return the earliest play by which every item can have its first play without breaking rule 3 then or later.

    The least n with Σ max(1, ⌊h·λ⌋) ≤ h for every h from n on (Hall's condition for the windows, in which first
    plays are due by n). Searches the first 20,000 plays; *weights* are reduced.
    """
    total = sum(weights)
    for plays in range(min(total, _HORIZON), 0, -1):
        if sum(max(1, plays * w // total) for w in weights) > plays:
            return plays + 1
    return 1


class BaseOrder:
    """The order of earliest deadlines, extended on demand."""

    def __init__(self, weights: tuple[int, ...], first_play_deadline: int) -> None:
        self._weights = weights
        self._first_play_deadline = first_play_deadline
        self._counts = [0] * len(weights)
        self._order: list[int] = []
        self._has_equal_weights = len(set(weights)) == 1

    def __getitem__(self, n: int) -> int:
        """Return the index of the item at play *n* (from 0). Equal weights: round robin."""
        if self._has_equal_weights:
            return n % len(self._weights)
        while len(self._order) <= n:
            play = len(self._order) + 1
            choice = next(iter_eligible_items(self._weights, self._counts, play, self._first_play_deadline), None)
            if choice is None:
                choice = next(iter_eligible_items(self._weights, self._counts, play, UNBOUNDED), 0)
            self._counts[choice] += 1
            self._order.append(choice)
        return self._order[n]


@lru_cache(maxsize=1024)
def get_base_order(weights: tuple[int, ...], first_play_deadline: int) -> BaseOrder:
    """Return the base order of these (reduced) weights, with every first play by play *first_play_deadline*."""
    return BaseOrder(weights, first_play_deadline)


def iter_eligible_items(weights: tuple[int, ...], counts: list[int], n: int, first_play_deadline: int) -> Iterator[int]:
    """Yield the items that may be the placement's *n*-th play (from 1) after *counts*, earliest deadline first.

    *first_play_deadline*: every first play is due by this play (``UNBOUNDED``: no such deadline). Yields nothing where
    the windows cannot be met.
    """
    total = sum(weights)
    released: list[tuple[int, int]] = []
    deadlines: list[int] = []
    for index, (weight, count) in enumerate(zip(weights, counts, strict=True)):
        deadline = -(-(count + 1) * total // weight)
        if count == 0 and first_play_deadline < deadline:
            deadline = first_play_deadline
        deadlines.append(deadline)
        if n > count * total // weight:
            released.append((deadline, index))
    deadlines.sort()
    if any(deadline < n + rank for rank, deadline in enumerate(deadlines)):
        return
    released.sort()
    for deadline, index in released:
        yield index
        if deadline <= n:
            return


def compute_first_play_deadline(placement: LivePlacement, placements: tuple[LivePlacement, ...], loop_ms: int) -> int:
    """Return the play by which each item of the placement needs its first, so that a loop of *loop_ms* has them all."""
    if placement.listed:
        return UNBOUNDED
    longest = max(i.duration_ms for p in placements for i in p.items)
    longest_of_placement = max(i.duration_ms for i in placement.items)
    due = loop_ms * placement.share // sum(p.share for p in placements)
    weights = reduce_weights(tuple(i.weight for i in placement.items))
    return max(
        compute_earliest_first_play_deadline(weights), min((due - longest) // longest_of_placement, sum(weights))
    )
