"""Screen time by share among the live placements (contract, rule 2).

At every moment of a program the time given to each placement differs from its due by at most the length of the longest
item. Source: J. C. R. Bennett and H. Zhang, "WF²Q: worst-case fair weighted fair queueing", INFOCOM 1996: of the
placements whose next play would have begun in the fluid system, choose the one whose play would end there first. All
arithmetic is in integers: given time times the sum of shares, compared with share times elapsed time.

``virtual_time`` computes the same for placements that may be blocked; this ledger checks the bound in constant time.
"""

from collections.abc import Sequence
from math import gcd, lcm

_NEVER = 1 << 200


def compute_common_cycle_ms(cycles_ms: Sequence[int], shares: Sequence[int]) -> int:
    """Return the shortest length in which every placement plays whole cycles and gets exactly its share.

    A placement with cycle D and share s of S needs a multiple of S·D/s; the least common multiple of fractions is
    lcm(numerators) / gcd(denominators).
    """
    total = sum(shares)
    numerators, denominators = [], []
    for cycle, share in zip(cycles_ms, shares, strict=True):
        divisor = gcd(total * cycle, share)
        numerators.append(total * cycle // divisor)
        denominators.append(share // divisor)
    return lcm(*numerators) // gcd(*denominators)


class ShareLedger:
    """The time given to each placement so far, with the bound of rule 2. *longest_ms*: length of the longest item."""

    def __init__(self, shares: Sequence[int], longest_ms: int) -> None:
        self.shares = tuple(shares)
        self.total_share = sum(shares)
        self.bound = self.total_share * longest_ms
        self.given_ms = [0] * len(self.shares)
        self.elapsed_ms = 0
        self._earliest_ms = [0] * len(self.shares)
        self._latest_ms = [0] * len(self.shares)
        self._extremes: tuple[int, int, int, int, int, int] | None = None
        for index in range(len(self.shares)):
            self._update_limits(index)
        common = lcm(*self.shares)
        self._per_share = tuple(common // s for s in self.shares)

    def get_finish_time(self, placement: int, length_ms: int) -> int:
        """Return when a play of *length_ms* would end in the fluid system (in a unit common to all placements)."""
        return (self.given_ms[placement] + length_ms) * self._per_share[placement]

    def is_eligible(self, placement: int) -> bool:
        """Return whether the placement's next play would have begun by now in the fluid system."""
        return self.total_share * self.given_ms[placement] <= self.shares[placement] * self.elapsed_ms

    def is_within_bound_after(self, placement: int, length_ms: int) -> bool:
        """Return whether every placement is within the bound after this one plays *length_ms*."""
        after = self.elapsed_ms + length_ms
        if self._extremes is None:
            self._extremes = (
                *_find_two_smallest([-at for at in self._earliest_ms]),
                *_find_two_smallest(self._latest_ms),
            )
        first, of_first, second, last, of_last, later = self._extremes
        others_from = -(second if of_first == placement else first)
        others_until = later if of_last == placement else last
        if not others_from <= after <= others_until:
            return False
        error = self.total_share * (self.given_ms[placement] + length_ms) - self.shares[placement] * after
        return -self.bound <= error <= self.bound

    def record_play(self, placement: int, length_ms: int) -> None:
        """Add a play of *length_ms*; a negative length undoes one."""
        self.given_ms[placement] += length_ms
        self.elapsed_ms += length_ms
        self._update_limits(placement)

    def _update_limits(self, placement: int) -> None:
        """Update the elapsed times between which the placement is within the bound with its given time."""
        share, due = self.shares[placement], self.total_share * self.given_ms[placement]
        self._earliest_ms[placement] = -((self.bound - due) // share)
        self._latest_ms[placement] = (due + self.bound) // share
        self._extremes = None


def _find_two_smallest(values: list[int]) -> tuple[int, int, int]:
    """Return the smallest value, its index, and the smallest of the other values."""
    index = min(range(len(values)), key=values.__getitem__)
    smallest, others = values[index], [*values[:index], *values[index + 1 :]]
    return smallest, index, min(others, default=_NEVER)
