"""Screen time by share among the live placements (contract, rule 2).

At every moment of a program the time given to each placement differs from its due by at most the longest item's
length. Source: J. C. R. Bennett and H. Zhang, "WF²Q: worst-case fair weighted fair queueing", INFOCOM 1996: of the
placements whose next play would have begun in the fluid system, the one whose play would end there first. All
arithmetic is in whole numbers: time given times the sum of shares, against share times time passed.
"""

from collections.abc import Sequence
from math import gcd, lcm


def compute_common_cycle_ms(cycles_ms: Sequence[int], shares: Sequence[int]) -> int:
    """The least length in which every placement plays whole cycles and gets exactly its share.

    A placement with cycle D and share s of S needs a multiple of S·D/s; the least common multiple of fractions is
    lcm(numerators) / gcd(denominators).
    """
    total = sum(shares)
    numerators, denominators = [], []
    for cycle, share in zip(cycles_ms, shares, strict=True):
        over = gcd(total * cycle, share)
        numerators.append(total * cycle // over)
        denominators.append(share // over)
    return lcm(*numerators) // gcd(*denominators)


class ShareLedger:
    """Time given to each placement so far, with the bound of rule 2. *longest_ms* is the longest live item."""

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
        """When a play of *length_ms* would end in the fluid system (in a unit common to all placements)."""
        return (self.given_ms[placement] + length_ms) * self._per_share[placement]

    def is_eligible(self, placement: int) -> bool:
        """Whether the placement's next play would have begun by now in the fluid system."""
        return self.total_share * self.given_ms[placement] <= self.shares[placement] * self.elapsed_ms

    def is_within_bound_after(self, placement: int, length_ms: int) -> bool:
        """Whether every placement is within the bound once this one has played *length_ms*."""
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
        """Book a play (a negative length takes it back)."""
        self.given_ms[placement] += length_ms
        self.elapsed_ms += length_ms
        self._update_limits(placement)

    def _update_limits(self, placement: int) -> None:
        """Keep from when until when the placement is within the bound with what it was given."""
        share, due = self.shares[placement], self.total_share * self.given_ms[placement]
        self._earliest_ms[placement] = -((self.bound - due) // share)
        self._latest_ms[placement] = (due + self.bound) // share
        self._extremes = None

    def is_settled(self) -> bool:
        """Whether every placement has exactly its due."""
        return all(self.total_share * g == s * self.elapsed_ms for g, s in zip(self.given_ms, self.shares, strict=True))

    def list_errors_ms(self) -> tuple[int, ...]:
        """How far each placement's time is from its due, in ms (rounded towards zero)."""
        return tuple(
            int((self.total_share * g - s * self.elapsed_ms) / self.total_share)
            for g, s in zip(self.given_ms, self.shares, strict=True)
        )


_NEVER = 1 << 200


def _find_two_smallest(values: list[int]) -> tuple[int, int, int]:
    """The least value, its place, and the least of the others."""
    place = min(range(len(values)), key=values.__getitem__)
    least, values = values[place], [*values[:place], *values[place + 1 :]]
    return least, place, min(values, default=_NEVER)
