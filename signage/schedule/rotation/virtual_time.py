"""Who has had how much of what is due, while some stand aside (contract, rules 2, 3 and 5).

Time by share among placements and plays by weight inside one follow the same law: a fluid system serves all who take
part at once, each by its share, and nobody is to be far from it. Its clock reads what each unit of share is due. It
is not counted up but worked out from what was given, so nothing drifts: at every moment all that was given is all that
is due. Who stands aside takes no part and comes back without arrears; what it had too much it works off first.
Whole numbers throughout.
"""

from collections.abc import Sequence
from math import lcm

_RESOLUTION = 1 << 32


class VirtualTimeClock:
    """What each taker has had, in clock time: given, divided by its share."""

    def __init__(self, shares: Sequence[int]) -> None:
        self.shares = tuple(shares)
        self.unit = lcm(*self.shares) * _RESOLUTION
        self.cost_per_unit = tuple(self.unit // s for s in self.shares)
        self.received = [0] * len(self.shares)

    def copy(self) -> "VirtualTimeClock":
        """One of the same shares that has had the same."""
        other = VirtualTimeClock.__new__(VirtualTimeClock)
        other.shares, other.unit, other.cost_per_unit, other.received = (
            self.shares,
            self.unit,
            self.cost_per_unit,
            self.received[:],
        )
        return other

    def read_clock(self, ready: Sequence[int], more: int = 0) -> tuple[int, int]:
        """The clock as a fraction, once one of *ready* (not empty) has been given *more*.

        Who stands aside counts for as long as it has had more than is due.
        """
        shares, had = self.shares, self.received
        weight = sum([shares[n] for n in ready])
        time = more * self.unit + sum([shares[n] * had[n] for n in ready])
        if len(ready) < len(shares):
            taking = set(ready)
            for most, share in sorted([(had[n], s) for n, s in enumerate(shares) if n not in taking], reverse=True):
                if most * weight <= time:
                    break
                time += share * most
                weight += share
        return time, weight

    def get_finish_time(self, taker: int, more: int) -> int:
        """What *taker* will have had with *more*, in clock time."""
        return self.received[taker] + more * self.cost_per_unit[taker]

    def record_service(self, taker: int, more: int, ready: Sequence[int]) -> None:
        """Book *more* for *taker*, one of *ready*; whoever is not in *ready* drops its arrears."""
        self.received[taker] += more * self.cost_per_unit[taker]
        if len(ready) < len(self.shares):
            time, weight = self.read_clock(ready)
            taking = set(ready)
            for n, had in enumerate(self.received):
                if n not in taking and had * weight < time:
                    self.received[n] = time // weight

    def is_within_bound(self, taker: int, more: int, ready: Sequence[int], bound: int) -> bool:
        """Whether everybody of *ready* is within *bound* of its due once *taker* has been given *more*."""
        time, weight = self.read_clock(ready, more)
        far = bound * self.unit * weight
        if (self.get_finish_time(taker, more) * weight - time) * self.shares[taker] > far:
            return False
        return all((time - self.received[n] * weight) * self.shares[n] <= far for n in ready if n != taker)
