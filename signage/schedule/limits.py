"""Limits on an item over all its plays on one screen (contract, rule 5).

``max_per_hour``: starts in any 3,600 s (a start at t and one at t + 3,600 s are not in one hour). ``min_gap_s``: from
an item's end to its next start. Both hold over endless repetition of the loop, its seam included. Where they bind, a
blocked item is passed over, and a placement of which all items are blocked stands aside while the others share the
time by the same rules (it comes back without arrears); where nothing may play, the still fills exactly until
something may.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from signage.schedule.live import LiveItem, LivePlacement, Note, Rotation, still_length, still_ref

HOUR_MS = 3_600_000
_STILL_AT_MOST_MS = 60_000
_TRIES = 64


@dataclass(frozen=True, slots=True)
class Limit:
    """The strictest limits of one item; None: none."""

    max_per_hour: int | None
    min_gap_ms: int


Limits = Mapping[str, Limit]


def limits_of(placements: tuple[LivePlacement, ...]) -> dict[str, Limit]:
    """The strictest limits of the live placements that carry each item; items without any are left out."""
    found: dict[str, Limit] = {}
    for placement in placements:
        if placement.max_per_hour is None and placement.min_gap_ms is None:
            continue
        for item in placement.items:
            old = found.get(item.name, Limit(None, 0))
            counts = [c for c in (old.max_per_hour, placement.max_per_hour) if c is not None]
            gap = max(old.min_gap_ms, placement.min_gap_ms or 0)
            found[item.name] = Limit(min(counts, default=None), gap)
    return found


def keeps_limits(rotation: Rotation, limits: Limits, durations: Mapping[str, int]) -> bool:
    """Whether endless repetition of the loop keeps all *limits*."""
    starts: dict[str, list[int]] = {name: [] for name in limits}
    at = 0
    for name in rotation.entries:
        if name in starts:
            starts[name].append(at)
        at += durations.get(name) or still_length(name) or 0
    return all(_keeps(starts[n], limit, durations[n], rotation.loop_ms) for n, limit in limits.items() if starts[n])


def _keeps(starts: list[int], limit: Limit, duration_ms: int, loop_ms: int) -> bool:
    following = [*starts[1:], starts[0] + loop_ms]
    if any(b - a < duration_ms + limit.min_gap_ms for a, b in zip(starts, following, strict=True)):
        return False
    if limit.max_per_hour is None:
        return True
    count = len(starts)
    for index, start in enumerate(starts):
        rounds, place = divmod(index + limit.max_per_hour, count)
        if starts[place] + rounds * loop_ms - start < HOUR_MS:
            return False
    return True


def _least_loop_ms(limits: Limits, durations: Mapping[str, int]) -> int:
    """The shortest loop in which each limited item can come once."""
    least = 0
    for name, limit in limits.items():
        least = max(least, durations[name] + limit.min_gap_ms)
        if limit.max_per_hour is not None:
            least = max(least, -(-HOUR_MS // limit.max_per_hour))
    return least


def limited_loop(
    placements: tuple[LivePlacement, ...], limits: Limits, max_loop_ms: int, ceiling_ms: int, still: LiveItem
) -> Rotation:
    """The loop under *limits*: as late a cut as *max_loop_ms* allows, later where a limit or an item needs it."""
    durations = {i.name: i.duration_ms for p in placements for i in p.items}
    names = set(durations)
    goal = min(ceiling_ms, max(max_loop_ms, _least_loop_ms(limits, durations)))
    best: Rotation | None = None
    for _ in range(_TRIES):
        entries, loop_ms = _Run(placements, limits, goal, still).entries()
        rotation = _named(entries, loop_ms, names, limits)
        if keeps_limits(rotation, limits, durations):
            best = rotation
            if names <= set(entries) or goal >= ceiling_ms:
                return rotation
            goal = min(ceiling_ms, goal * 2)
        elif 0 < loop_ms < goal:
            goal = loop_ms
        else:
            break
    return best or Rotation((still.name,), still.duration_ms, whole=False, notes=(Note("limits-leave-nothing"),))


def _named(entries: list[str], loop_ms: int, names: set[str], limits: Limits) -> Rotation:
    notes = [Note("limits-bind", (("items", ", ".join(sorted(limits))),))]
    starved = sorted(names - set(entries))
    if starved:
        notes.append(Note("item-starved", (("items", ", ".join(starved)),)))
    return Rotation(tuple(entries), loop_ms, whole=False, notes=tuple(notes))


class _Run:
    """One pass over a loop of *goal* ms, greedy, knowing that the loop's beginning follows its end."""

    def __init__(self, placements: tuple[LivePlacement, ...], limits: Limits, goal: int, still: LiveItem) -> None:
        self.placements = placements
        self.limits = limits
        self.goal = goal
        self.still = still
        self.now = 0
        self.starts: dict[str, list[int]] = {name: [] for name in limits}
        self.out: list[str] = []
        self.names = {i.name: i.duration_ms for p in placements for i in p.items}
        self.unseen = dict(self.names)
        self.clock = 0.0
        self.finished = [0.0] * len(placements)
        self.turns = [_Turns(p) for p in placements]

    def entries(self) -> tuple[list[str], int]:
        """The names in order, and their length in ms."""
        while self.now < self.goal:
            ready = [self._ready(p) for p in range(len(self.placements))]
            if any(ready):
                step = self._choose(ready)
                if step is None:
                    break
                self._play(*step, ready)
            elif self._blocked_by_the_seam_alone():
                break
            else:
                self._wait()
        return self.out, self.now

    def _ready(self, placement: int) -> list[int]:
        items = self.placements[placement].items
        allowed = [k for k, item in enumerate(items) if self._free_at(item.name) <= self.now and self._seam(item.name)]
        late = self._late()
        return [k for k in allowed if items[k].name in self.unseen] if late else allowed

    def _late(self) -> bool:
        waiting = [n for n in self.unseen if self._free_at(n) <= self.now and self._seam(n)]
        return bool(waiting) and self.goal - self.now <= sum(self.unseen.values()) + max(self.names.values())

    def _free_at(self, name: str) -> int:
        """The instant from which past plays no longer forbid *name*."""
        limit, starts = self.limits.get(name), self.starts.get(name)
        if limit is None or not starts:
            return 0
        free = starts[-1] + self.names[name] + limit.min_gap_ms
        if limit.max_per_hour is not None and len(starts) >= limit.max_per_hour:
            free = max(free, starts[-limit.max_per_hour] + HOUR_MS)
        return free

    def _seam(self, name: str) -> bool:
        """Whether a play of *name* now leaves its next round, at the loop's beginning, as it is."""
        limit = self.limits.get(name)
        if limit is None:
            return True
        starts = [*self.starts[name], self.now]
        if starts[0] + self.goal - self.now < self.names[name] + limit.min_gap_ms:
            return False
        return limit.max_per_hour is None or _keeps(starts, Limit(limit.max_per_hour, 0), 0, self.goal)

    def _blocked_by_the_seam_alone(self) -> bool:
        if self.unseen or not any(self._free_at(n) <= self.now for n in self.names):
            return False
        durations = self.names
        return all(_keeps(s, self.limits[n], durations[n], self.now) for n, s in self.starts.items() if s)

    def _wait(self) -> None:
        """The still, exactly until something may play again."""
        later = [self._free_at(n) for n in self.names if self._free_at(n) > self.now]
        until = min([*later, self.goal])
        while self.now < until:
            length = min(until - self.now, _STILL_AT_MOST_MS)
            self.out.append(still_ref(length))
            self.now += length

    def _choose(self, ready: list[list[int]]) -> tuple[int, int] | None:
        last = self.out[-1] if self.out else ""
        first = self.out[0] if self.out else ""
        found = []
        for placement, allowed in enumerate(ready):
            for rank, item in enumerate(self.turns[placement].ranked(allowed)):
                live = self.placements[placement].items[item]
                if self.now + live.duration_ms > self.goal:
                    continue
                begin = max(self.finished[placement], 0.0)
                end = begin + live.duration_ms / self.placements[placement].share
                again = live.name == last or (live.name == first and self._ends_loop(live.duration_ms))
                found.append((again, begin > self.clock + 1e-9, rank, end, placement, item))
        return (found and min(found)[-2:]) or None

    def _ends_loop(self, duration_ms: int) -> bool:
        return self.goal - self.now - duration_ms < min(self.names.values())

    def _play(self, placement: int, item: int, ready: list[list[int]]) -> None:
        live = self.placements[placement].items[item]
        active = [p for p, allowed in enumerate(ready) if allowed]
        share = self.placements[placement].share
        self.finished[placement] = max(self.finished[placement], 0.0) + live.duration_ms / share
        self.clock += live.duration_ms / sum(self.placements[p].share for p in active)
        for p, allowed in enumerate(ready):
            if not allowed:
                self.finished[p] = max(self.finished[p], self.clock)
        self.turns[placement].play(item, ready[placement])
        if live.name in self.starts:
            self.starts[live.name].append(self.now)
        self.out.append(live.name)
        self.unseen.pop(live.name, None)
        self.now += live.duration_ms


class _Turns:
    """Whose turn it is inside one placement, blocked items standing aside."""

    def __init__(self, placement: LivePlacement) -> None:
        self.placement = placement
        self.clock = 0.0
        self.played = [0.0] * len(placement.items)
        self.next = 0

    def ranked(self, allowed: list[int]) -> list[int]:
        """The allowed items, the one whose turn it is first."""
        count = len(self.placement.items)
        if self.placement.listed:
            return sorted(allowed, key=lambda k: (k - self.next) % count)[:1]
        ends = {k: self.played[k] + 1 / self.placement.items[k].weight for k in allowed}
        return sorted(allowed, key=lambda k: (self.played[k] > self.clock + 1e-9, ends[k], k))

    def play(self, item: int, allowed: list[int]) -> None:
        if self.placement.listed:
            self.next = item + 1
            return
        items = self.placement.items
        self.played[item] += 1 / items[item].weight
        self.clock += 1 / sum(items[k].weight for k in allowed)
        for k in range(len(items)):
            if k not in allowed:
                self.played[k] = max(self.played[k], self.clock)
