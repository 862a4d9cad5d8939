"""One pass over a loop under limits: who is blocked is passed over, the others share by the same rules (rules 2–5).

Each step takes what ``search`` would: of the plays that keep everybody who is not passed over within rules 2 and 3,
one that does not follow itself, by WF²Q's order. Where none is left, the last few steps are tried otherwise; only
where that does not help either does an item follow itself. The work is counted in steps, so it is bounded and the
same everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from signage.schedule.live_content import LivePlacement, still_ref
from signage.schedule.rotation.item_order import Mark, Turns
from signage.schedule.rotation.limits import HOUR_MS, Limits, keeps
from signage.schedule.rotation.virtual_time import Fluid
from signage.schedule.rotation.weights import first_by

Step = tuple[int, int]
Ready = list[list[int]]
_STILL_AT_MOST_MS = 60_000
_BACK = 12
_TRIES_BACK = 60
_TRIES = 3_000


@dataclass(slots=True)
class _Frame:
    """A play, what was before it, and what else might have been played without following itself."""

    step: Step
    had: tuple[int, ...]
    mark: Mark
    unseen: int | None
    rest: list[Step]


class Pass:
    """Fills a loop of *goal* ms, knowing that the loop's beginning follows its end.

    Where nothing whose turn it is fits in any more, the loop ends; *full*: what does fit is taken, then the still.
    """

    def __init__(self, placements: tuple[LivePlacement, ...], limits: Limits, goal: int, *, full: bool = False) -> None:
        self.placements = placements
        self.limits = limits
        self.goal = goal
        self.full = full
        self.now = 0
        self.out: list[str] = []
        self.starts: dict[str, list[int]] = {name: [] for name in limits}
        self.lengths: Mapping[str, int] = {i.name: i.duration_ms for p in placements for i in p.items}
        self.longest = max(self.lengths.values())
        self.shortest = min(self.lengths.values())
        self.unseen = dict(self.lengths)
        self.fluid = Fluid([p.share for p in placements])
        self.turns = [Turns(p, first_by(p, placements, goal)) for p in placements]
        self.frames: list[_Frame] = []
        self.tries = _TRIES

    def entries(self) -> tuple[list[str], int]:
        """The names in order, and their length in ms."""
        while self.now < self.goal:
            ready = self._ready()
            if any(ready):
                if not self._go_on(ready):
                    break
            elif not self.full and self._may_end():
                break
            else:
                self._wait()
        return self.out, self.now

    # -- what is blocked --

    def _ready(self) -> Ready:
        blocked = {n for n in self.limits if self._free_at(n) > self.now or not self._seam(n)}
        return [[k for k, item in enumerate(p.items) if item.name not in blocked] for p in self.placements]

    def _free_at(self, name: str) -> int:
        """The instant from which past plays no longer forbid *name*."""
        limit, starts = self.limits[name], self.starts[name]
        if not starts:
            return 0
        free = starts[-1] + self.lengths[name] + limit.min_gap_ms
        if limit.max_per_hour is not None and len(starts) >= limit.max_per_hour:
            free = max(free, starts[-limit.max_per_hour] + HOUR_MS)
        return free

    def _seam(self, name: str) -> bool:
        """Whether a play of *name* now leaves its next round, at the loop's beginning, as it is."""
        limit, starts = self.limits[name], self.starts[name]
        again = (starts[0] if starts else self.now) + self.goal - self.now
        if again >= max(HOUR_MS, self.lengths[name] + limit.min_gap_ms):
            return True
        return keeps([*starts, self.now], limit, self.lengths[name], self.goal)

    def _may_end(self) -> bool:
        """Whether the loop may end here although *goal* is not reached: all is in it, and the limits are kept."""
        if self.unseen or not self.now:
            return False
        if all(self._free_at(n) > self.now for n in self.limits) and len(self.limits) == len(self.lengths):
            return False
        return all(keeps(s, self.limits[n], self.lengths[n], self.now) for n, s in self.starts.items() if s)

    def _wait(self) -> None:
        """The still, exactly until something may play again."""
        self.frames.clear()
        later = [free for free in map(self._free_at, self.limits) if free > self.now]
        self._still(min([*later, self.goal]))

    def _still(self, until: int) -> None:
        while self.now < until:
            length = min(until - self.now, _STILL_AT_MOST_MS)
            self.out.append(still_ref(length))
            self.now += length

    # -- what is played --

    def _go_on(self, ready: Ready) -> bool:
        """Play something; False where the loop ends here, because nothing that fits in is left."""
        clean, rest = self._options(ready)
        if self.full and not clean and not rest:
            ready = [[k for k in allowed if self._fits_in(p, k)] for p, allowed in enumerate(ready)]
            if not any(ready):
                self._wait()
                return True
            clean, rest = self._options(ready)
        if clean:
            self._play(clean[0], ready, clean[1:])
            del self.frames[:-_BACK]
        elif not rest:
            return False
        elif not self._try_otherwise():
            self._play(rest[0], ready, [])
            self.frames.clear()
        return True

    def _options(self, ready: Ready) -> tuple[list[Step], list[Step]]:
        """What may be played next without following itself within rules 2 and 3, best first; and what else."""
        active = [p for p, allowed in enumerate(ready) if allowed]
        turns = self._sorted([(p, self.turns[p].due(ready[p])) for p in active], active)
        clean, follow, beyond = self._judged(turns, active)
        if not clean:
            others = [(p, k) for p, _ in turns for k in self.turns[p].others(ready[p])]
            clean, again, _ = self._judged(others, active)
            follow += again
        ends = not self.full and self.goal - self.now <= self.longest
        return clean, follow or ([] if clean or ends else beyond)

    def _sorted(self, steps: list[Step], active: list[int]) -> list[Step]:
        """As WF²Q ranks them; near the loop's end, items that have not been in it go first."""
        time, weight = self.fluid.clock(active)
        late = bool(self.unseen) and self.goal - self.now <= sum(self.unseen.values()) + self.longest

        def rank(step: Step) -> tuple[bool, bool, int, Step]:
            item = self.placements[step[0]].items[step[1]]
            early = self.fluid.had[step[0]] * weight > time
            awaited = late and item.name in self.unseen
            return not awaited, early, self.fluid.after(step[0], item.duration_ms), step

        return sorted(steps, key=rank)

    def _judged(self, steps: list[Step], active: list[int]) -> tuple[list[Step], list[Step], list[Step]]:
        """Those of *steps* that fit in: without a follow, as a follow, and beyond rule 2."""
        clean: list[Step] = []
        follow: list[Step] = []
        beyond: list[Step] = []
        for p, k in steps:
            item = self.placements[p].items[k]
            if not self._fits_in(p, k):
                continue
            if not self.fluid.within(p, item.duration_ms, active, self.longest):
                beyond.append((p, k))
            elif self._follows(item.name, item.duration_ms):
                follow.append((p, k))
            else:
                clean.append((p, k))
        return clean, follow, beyond

    def _fits_in(self, p: int, k: int) -> bool:
        return self.now + self.placements[p].items[k].duration_ms <= self.goal

    def _follows(self, name: str, duration_ms: int) -> bool:
        if not self.out:
            return False
        return name == self.out[-1] or (
            name == self.out[0] and self.goal - self.now - duration_ms < self.shortest and len(self.lengths) > 1
        )

    def _try_otherwise(self) -> bool:
        """Get beyond here without a follow by playing the last steps otherwise; as it was where that fails."""
        here, before = self.now, [frame.step for frame in self.frames]
        tries = min(self.tries, _TRIES_BACK)
        self.tries -= tries
        while self.frames:
            frame = self.frames.pop()
            self._take_back(frame)
            if not frame.rest or not tries:
                continue
            self._play(frame.rest[0], self._ready(), frame.rest[1:])
            found, tries = self._advance(here, tries - 1)
            if found:
                self.tries += tries
                return True
        self.tries += tries
        for step in before:
            self._play(step, self._ready(), [])
        return False

    def _advance(self, here: int, tries: int) -> tuple[bool, int]:
        """Go on until beyond *here* with more to come, or stuck; and the tries that are left."""
        while True:
            ready = self._ready()
            clean, rest = self._options(ready) if any(ready) and self.now < self.goal else ([], [])
            if self.now > here:
                return bool(clean) or not rest, tries
            if not clean or not tries:
                return False, tries
            self._play(clean[0], ready, clean[1:])
            tries -= 1

    def _play(self, step: Step, ready: Ready, rest: list[Step]) -> None:
        p, k = step
        item = self.placements[p].items[k]
        active = [n for n, allowed in enumerate(ready) if allowed]
        unseen = self.unseen.pop(item.name, None)
        self.frames.append(_Frame(step, tuple(self.fluid.had), self.turns[p].mark(), unseen, rest))
        self.fluid.give(p, item.duration_ms, active)
        self.turns[p].play(k, ready[p])
        if item.name in self.starts:
            self.starts[item.name].append(self.now)
        self.out.append(item.name)
        self.now += item.duration_ms

    def _take_back(self, frame: _Frame) -> None:
        p, k = frame.step
        item = self.placements[p].items[k]
        self.now -= item.duration_ms
        self.out.pop()
        if item.name in self.starts:
            self.starts[item.name].pop()
        self.turns[p].back(frame.mark)
        self.fluid.had[:] = frame.had
        if frame.unseen is not None:
            self.unseen[item.name] = frame.unseen
