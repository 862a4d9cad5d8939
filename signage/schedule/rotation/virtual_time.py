"""Virtual-time accounting of service among flows, some of which may be blocked (contract, rules 2, 3 and 5).

Screen time by share among placements and plays by weight inside a placement follow the same law: a fluid system serves
all active flows at once, each by its share, and no flow may be far from it. The virtual time is the service due for
each unit of share. It is computed from the service received, not accumulated, so it does not drift. A blocked flow is
not served and returns without arrears; service that it received in advance is deducted first. Integers throughout.
"""

from collections.abc import Sequence
from math import lcm

_RESOLUTION = 1 << 32


class VirtualTimeClock:
    """The service received by each flow in units of virtual time: service divided by share."""

    def __init__(self, shares: Sequence[int]) -> None:
        self.shares = tuple(shares)
        self.unit = lcm(*self.shares) * _RESOLUTION
        self.cost_per_unit = tuple(self.unit // s for s in self.shares)
        self.received = [0] * len(self.shares)

    def copy(self) -> "VirtualTimeClock":
        """Return an independent clock in the same state."""
        other = VirtualTimeClock.__new__(VirtualTimeClock)
        other.shares, other.unit, other.cost_per_unit = self.shares, self.unit, self.cost_per_unit
        other.received = self.received[:]
        return other

    def read_clock(self, active: Sequence[int], more: int = 0) -> tuple[int, int]:
        """Return the virtual time as a fraction, after *more* service to one of the *active* flows (not empty).

        A blocked flow counts as long as it has received more than its due.
        """
        shares, received = self.shares, self.received
        weight = sum([shares[n] for n in active])
        time = more * self.unit + sum([shares[n] * received[n] for n in active])
        if len(active) < len(shares):
            active_set = set(active)
            blocked = [(received[n], share) for n, share in enumerate(shares) if n not in active_set]
            for blocked_time, share in sorted(blocked, reverse=True):
                if blocked_time * weight <= time:
                    break
                time += share * blocked_time
                weight += share
        return time, weight

    def get_finish_time(self, flow: int, more: int) -> int:
        """Return the virtual time of *flow* after *more* service."""
        return self.received[flow] + more * self.cost_per_unit[flow]

    def record_service(self, flow: int, more: int, active: Sequence[int]) -> None:
        """Add *more* service to *flow*, one of *active*; flows that are not active lose their arrears."""
        self.received[flow] += more * self.cost_per_unit[flow]
        if len(active) < len(self.shares):
            time, weight = self.read_clock(active)
            active_set = set(active)
            for n, received in enumerate(self.received):
                if n not in active_set and received * weight < time:
                    self.received[n] = time // weight

    def is_within_bound(self, flow: int, more: int, active: Sequence[int], bound: int) -> bool:
        """Return whether every active flow is within *bound* of its due after *more* service to *flow*."""
        time, weight = self.read_clock(active, more)
        limit = bound * self.unit * weight
        if (self.get_finish_time(flow, more) * weight - time) * self.shares[flow] > limit:
            return False
        return all((time - self.received[n] * weight) * self.shares[n] <= limit for n in active if n != flow)
