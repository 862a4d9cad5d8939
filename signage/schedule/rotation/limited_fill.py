"""One pass over a loop under limits: who is blocked is passed over, the others share by the same rules (rules 2–5).

Each step takes what ``search`` would: of the plays that keep everybody who is not passed over within rules 2 and 3,
one that does not follow itself, by WF²Q's order. Where none is left, the last few steps are tried otherwise; only
where that does not help either does an item follow itself. The work is counted in steps, so it is bounded and the
same everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from signage.schedule.live_content import LivePlacement, format_still_ref
from signage.schedule.rotation.item_order import ItemOrder, ItemOrderState
from signage.schedule.rotation.limits import HOUR_MS, ItemLimits, satisfies_limit
from signage.schedule.rotation.virtual_time import VirtualTimeClock
from signage.schedule.rotation.weights import compute_first_play_deadline

PlayStep = tuple[int, int]
ReadyItems = list[list[int]]
_MAX_STILL_MS = 60_000
_MAX_BACKTRACK_STEPS = 12
_MAX_BACKTRACK_TRIES = 60
_MAX_TRIES = 3_000


@dataclass(slots=True)
class _BacktrackFrame:
    """A play, what was before it, and what else might have been played without following itself."""

    step: PlayStep
    received: tuple[int, ...]
    order_state: ItemOrderState
    unplayed_ms: int | None
    alternatives: list[PlayStep]


class LimitedLoopBuilder:
    """Fills a loop of *goal* ms, knowing that the loop's beginning follows its end.

    Where nothing whose turn it is fits in any more, the loop ends; *full*: what does fit is taken, then the still.
    """

    def __init__(
        self, placements: tuple[LivePlacement, ...], limits: ItemLimits, goal: int, *, full: bool = False
    ) -> None:
        self.placements = placements
        self.limits = limits
        self.goal_ms = goal
        self.full = full
        self.now_ms = 0
        self.played_names: list[str] = []
        self.starts: dict[str, list[int]] = {name: [] for name in limits}
        self.lengths: Mapping[str, int] = {i.name: i.duration_ms for p in placements for i in p.items}
        self.longest_ms = max(self.lengths.values())
        self.shortest_ms = min(self.lengths.values())
        self.unplayed = dict(self.lengths)
        self.clock = VirtualTimeClock([p.share for p in placements])
        self.item_orders = [ItemOrder(p, compute_first_play_deadline(p, placements, goal)) for p in placements]
        self.frames: list[_BacktrackFrame] = []
        self.tries_left = _MAX_TRIES

    def build(self) -> tuple[list[str], int]:
        """The names in order, and their length in ms."""
        while self.now_ms < self.goal_ms:
            ready = self._list_ready_items()
            if any(ready):
                if not self._play_next(ready):
                    break
            elif not self.full and self._may_end():
                break
            else:
                self._fill_with_still()
        return self.played_names, self.now_ms

    # -- what is blocked --

    def _list_ready_items(self) -> ReadyItems:
        blocked = {n for n in self.limits if self._get_next_allowed_ms(n) > self.now_ms or not self._is_seam_safe(n)}
        return [[k for k, item in enumerate(p.items) if item.name not in blocked] for p in self.placements]

    def _get_next_allowed_ms(self, name: str) -> int:
        """The instant from which past plays no longer forbid *name*."""
        limit, starts = self.limits[name], self.starts[name]
        if not starts:
            return 0
        free = starts[-1] + self.lengths[name] + limit.min_gap_ms
        if limit.max_per_hour is not None and len(starts) >= limit.max_per_hour:
            free = max(free, starts[-limit.max_per_hour] + HOUR_MS)
        return free

    def _is_seam_safe(self, name: str) -> bool:
        """Whether a play of *name* now leaves its next round, at the loop's beginning, as it is."""
        limit, starts = self.limits[name], self.starts[name]
        again = (starts[0] if starts else self.now_ms) + self.goal_ms - self.now_ms
        if again >= max(HOUR_MS, self.lengths[name] + limit.min_gap_ms):
            return True
        return satisfies_limit([*starts, self.now_ms], limit, self.lengths[name], self.goal_ms)

    def _may_end(self) -> bool:
        """Whether the loop may end here although *goal* is not reached: all is in it, and the limits are kept."""
        if self.unplayed or not self.now_ms:
            return False
        if all(self._get_next_allowed_ms(n) > self.now_ms for n in self.limits) and len(self.limits) == len(
            self.lengths
        ):
            return False
        return all(
            satisfies_limit(s, self.limits[n], self.lengths[n], self.now_ms) for n, s in self.starts.items() if s
        )

    def _fill_with_still(self) -> None:
        """The still, exactly until something may play again."""
        self.frames.clear()
        later = [free for free in map(self._get_next_allowed_ms, self.limits) if free > self.now_ms]
        self._append_still(min([*later, self.goal_ms]))

    def _append_still(self, until: int) -> None:
        while self.now_ms < until:
            length = min(until - self.now_ms, _MAX_STILL_MS)
            self.played_names.append(format_still_ref(length))
            self.now_ms += length

    # -- what is played --

    def _play_next(self, ready: ReadyItems) -> bool:
        """Play something; False where the loop ends here, because nothing that fits in is left."""
        clean, rest = self._list_options(ready)
        if self.full and not clean and not rest:
            ready = [[k for k in allowed if self._fits_in_loop(p, k)] for p, allowed in enumerate(ready)]
            if not any(ready):
                self._fill_with_still()
                return True
            clean, rest = self._list_options(ready)
        if clean:
            self._play(clean[0], ready, clean[1:])
            del self.frames[:-_MAX_BACKTRACK_STEPS]
        elif not rest:
            return False
        elif not self._backtrack():
            self._play(rest[0], ready, [])
            self.frames.clear()
        return True

    def _list_options(self, ready: ReadyItems) -> tuple[list[PlayStep], list[PlayStep]]:
        """What may be played next without following itself within rules 2 and 3, best first; and what else."""
        active = [p for p, allowed in enumerate(ready) if allowed]
        turns = self._rank_steps([(p, self.item_orders[p].get_due_item(ready[p])) for p in active], active)
        clean, follow, beyond = self._classify_steps(turns, active)
        if not clean:
            others = [(p, k) for p, _ in turns for k in self.item_orders[p].list_alternatives(ready[p])]
            clean, again, _ = self._classify_steps(others, active)
            follow += again
        ends = not self.full and self.goal_ms - self.now_ms <= self.longest_ms
        return clean, follow or ([] if clean or ends else beyond)

    def _rank_steps(self, steps: list[PlayStep], active: list[int]) -> list[PlayStep]:
        """As WF²Q ranks them; near the loop's end, items that have not been in it go first."""
        time, weight = self.clock.read_clock(active)
        late = bool(self.unplayed) and self.goal_ms - self.now_ms <= sum(self.unplayed.values()) + self.longest_ms

        def rank(step: PlayStep) -> tuple[bool, bool, int, PlayStep]:
            item = self.placements[step[0]].items[step[1]]
            early = self.clock.received[step[0]] * weight > time
            awaited = late and item.name in self.unplayed
            return not awaited, early, self.clock.get_finish_time(step[0], item.duration_ms), step

        return sorted(steps, key=rank)

    def _classify_steps(
        self, steps: list[PlayStep], active: list[int]
    ) -> tuple[list[PlayStep], list[PlayStep], list[PlayStep]]:
        """Those of *steps* that fit in: without a follow, as a follow, and beyond rule 2."""
        clean: list[PlayStep] = []
        follow: list[PlayStep] = []
        beyond: list[PlayStep] = []
        for p, k in steps:
            item = self.placements[p].items[k]
            if not self._fits_in_loop(p, k):
                continue
            if not self.clock.is_within_bound(p, item.duration_ms, active, self.longest_ms):
                beyond.append((p, k))
            elif self._is_self_follow(item.name, item.duration_ms):
                follow.append((p, k))
            else:
                clean.append((p, k))
        return clean, follow, beyond

    def _fits_in_loop(self, p: int, k: int) -> bool:
        return self.now_ms + self.placements[p].items[k].duration_ms <= self.goal_ms

    def _is_self_follow(self, name: str, duration_ms: int) -> bool:
        if not self.played_names:
            return False
        return name == self.played_names[-1] or (
            name == self.played_names[0]
            and self.goal_ms - self.now_ms - duration_ms < self.shortest_ms
            and len(self.lengths) > 1
        )

    def _backtrack(self) -> bool:
        """Get beyond here without a follow by playing the last steps otherwise; as it was where that fails."""
        here, before = self.now_ms, [frame.step for frame in self.frames]
        tries = min(self.tries_left, _MAX_BACKTRACK_TRIES)
        self.tries_left -= tries
        while self.frames:
            frame = self.frames.pop()
            self._undo_play(frame)
            if not frame.alternatives or not tries:
                continue
            self._play(frame.alternatives[0], self._list_ready_items(), frame.alternatives[1:])
            found, tries = self._advance(here, tries - 1)
            if found:
                self.tries_left += tries
                return True
        self.tries_left += tries
        for step in before:
            self._play(step, self._list_ready_items(), [])
        return False

    def _advance(self, here: int, tries: int) -> tuple[bool, int]:
        """Go on until beyond *here* with more to come, or stuck; and the tries that are left."""
        while True:
            ready = self._list_ready_items()
            clean, rest = self._list_options(ready) if any(ready) and self.now_ms < self.goal_ms else ([], [])
            if self.now_ms > here:
                return bool(clean) or not rest, tries
            if not clean or not tries:
                return False, tries
            self._play(clean[0], ready, clean[1:])
            tries -= 1

    def _play(self, step: PlayStep, ready: ReadyItems, rest: list[PlayStep]) -> None:
        p, k = step
        item = self.placements[p].items[k]
        active = [n for n, allowed in enumerate(ready) if allowed]
        unseen = self.unplayed.pop(item.name, None)
        self.frames.append(
            _BacktrackFrame(step, tuple(self.clock.received), self.item_orders[p].save_state(), unseen, rest)
        )
        self.clock.record_service(p, item.duration_ms, active)
        self.item_orders[p].record_play(k, ready[p])
        if item.name in self.starts:
            self.starts[item.name].append(self.now_ms)
        self.played_names.append(item.name)
        self.now_ms += item.duration_ms

    def _undo_play(self, frame: _BacktrackFrame) -> None:
        p, k = frame.step
        item = self.placements[p].items[k]
        self.now_ms -= item.duration_ms
        self.played_names.pop()
        if item.name in self.starts:
            self.starts[item.name].pop()
        self.item_orders[p].restore_state(frame.order_state)
        self.clock.received[:] = frame.received
        if frame.unplayed_ms is not None:
            self.unplayed[item.name] = frame.unplayed_ms
