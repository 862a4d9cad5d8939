"""The loop under limits: blocked items are skipped, the others share the time by the same rules (contract, rules 2–5).

A placement whose items are all blocked is skipped too and returns without arrears. Where nothing may play, the still
fills exactly until something may. The loop is built again, longer or shorter, until its seam satisfies the limits and
every item is in it.

Each step chooses as ``order_search`` does: among the plays that keep all active placements within rules 2 and 3, one
that does not follow itself, in WF²Q's order. Where there is none, the last few steps are tried in another way; only if
that fails an item follows itself. The work is counted in steps: it is bounded, and equal on every machine.
"""

from dataclasses import dataclass

from signage.schedule.live_content import (
    LivePlacement,
    Rotation,
    RotationNote,
    find_self_follow_note,
    format_still_ref,
    get_durations,
)
from signage.schedule.rotation.limited_item_order import ItemOrder, ItemOrderState
from signage.schedule.rotation.limits import HOUR_MS, ItemLimits, compute_min_loop_ms, satisfies_limit, satisfies_limits
from signage.schedule.rotation.virtual_time import VirtualTimeClock
from signage.schedule.rotation.weights import UNBOUNDED, compute_first_play_deadline

PlayStep = tuple[int, int]
ReadyItems = list[list[int]]
_MAX_EXTENSIONS = 3
_MAX_STILL_MS = 60_000
_MAX_BACKTRACK_STEPS = 12
_MAX_BACKTRACK_TRIES = 60
_MAX_TRIES = 3_000


def build_limited_loop(
    placements: tuple[LivePlacement, ...], limits: ItemLimits, max_loop_ms: int, ceiling_ms: int
) -> Rotation:
    """Return the loop under *limits*, cut as late as *max_loop_ms* allows, later where a limit or an item needs it."""
    durations = get_durations(placements)
    goal_ms = min(ceiling_ms, max(max_loop_ms, compute_min_loop_ms(limits, durations)))
    best: Rotation | None = None
    while True:
        rotation = _close_loop(placements, limits, goal_ms, ceiling_ms)
        if best is None or len(set(rotation.entries)) > len(set(best.entries)):
            best = rotation
        if goal_ms >= ceiling_ms or set(durations) <= set(best.entries):
            return best
        goal_ms = min(ceiling_ms, 2 * goal_ms)


def _close_loop(placements: tuple[LivePlacement, ...], limits: ItemLimits, goal_ms: int, ceiling_ms: int) -> Rotation:
    """Return a loop near *goal_ms* whose seam satisfies *limits*: a bit shorter, else longer, else with the still."""
    durations = get_durations(placements)
    least_ms = max(compute_min_loop_ms(limits, durations), goal_ms * 9 // 10)
    for extension in range(_MAX_EXTENSIONS):
        built_ms, loop_ms = UNBOUNDED, goal_ms + extension * max(durations.values())
        while least_ms <= loop_ms < min(built_ms, ceiling_ms + 1):
            built_ms = loop_ms
            rotation = LimitedLoopBuilder(placements, limits, built_ms).build()
            loop_ms = rotation.loop_ms
            if satisfies_limits(rotation, limits, durations):
                return rotation
    return LimitedLoopBuilder(placements, limits, goal_ms, full=True).build()


@dataclass(slots=True)
class _BacktrackFrame:
    """A play, the state before it, and the alternatives that would not have followed themselves."""

    step: PlayStep
    received: tuple[int, ...]
    order_state: ItemOrderState
    unplayed_ms: int | None
    alternatives: list[PlayStep]


class LimitedLoopBuilder:
    """Fills a loop of *goal_ms*; limits are checked across the seam.

    The loop ends where no due item fits any more. *full*: other items that fit are used, then the still.
    """

    def __init__(
        self, placements: tuple[LivePlacement, ...], limits: ItemLimits, goal_ms: int, *, full: bool = False
    ) -> None:
        self.placements = placements
        self.limits = limits
        self.goal_ms = goal_ms
        self.full = full
        self.now_ms = 0
        self.entries: list[str] = []
        self.starts: dict[str, list[int]] = {name: [] for name in limits}
        self.durations = get_durations(placements)
        self.longest_ms = max(self.durations.values())
        self.shortest_ms = min(self.durations.values())
        self.unplayed = dict(self.durations)
        self.clock = VirtualTimeClock([p.share for p in placements])
        self.item_orders = [ItemOrder(p, compute_first_play_deadline(p, placements, goal_ms)) for p in placements]
        self.frames: list[_BacktrackFrame] = []
        self.tries_left = _MAX_TRIES

    def build(self) -> Rotation:
        """Return the loop, with notes on the limits and on items that follow themselves or do not play."""
        while self.now_ms < self.goal_ms:
            ready = self._list_ready_items()
            if any(ready):
                if not self._play_next(ready):
                    break
            elif self._may_end():
                break
            else:
                self._fill_with_still()
        notes = [RotationNote("limits-bind", (("items", ", ".join(sorted(self.limits))),))]
        self_follow = find_self_follow_note(self.entries)
        notes += [self_follow] if self_follow else []
        starved = sorted(set(self.durations) - set(self.entries))
        notes += [RotationNote("item-starved", (("items", ", ".join(starved)),))] if starved else []
        return Rotation(tuple(self.entries), self.now_ms, whole=False, notes=tuple(notes))

    # -- blocked items --

    def _list_ready_items(self) -> ReadyItems:
        blocked = {n for n in self.limits if self._get_next_allowed_ms(n) > self.now_ms or not self._is_seam_safe(n)}
        return [[k for k, item in enumerate(p.items) if item.name not in blocked] for p in self.placements]

    def _get_next_allowed_ms(self, name: str) -> int:
        """Return the time from which earlier plays no longer block *name*."""
        limit, starts = self.limits[name], self.starts[name]
        if not starts:
            return 0
        allowed_ms = starts[-1] + self.durations[name] + limit.min_gap_ms
        if limit.max_per_hour is not None and len(starts) >= limit.max_per_hour:
            allowed_ms = max(allowed_ms, starts[-limit.max_per_hour] + HOUR_MS)
        return allowed_ms

    def _is_seam_safe(self, name: str) -> bool:
        """Return whether a play of *name* now leaves its plays at the beginning of the next round allowed."""
        limit, starts = self.limits[name], self.starts[name]
        distance = (starts[0] if starts else self.now_ms) + self.goal_ms - self.now_ms
        if distance >= max(HOUR_MS, self.durations[name] + limit.min_gap_ms):
            return True
        return satisfies_limit([*starts, self.now_ms], limit, self.durations[name], self.goal_ms)

    def _may_end(self) -> bool:
        """Return whether the loop may end before the goal: every item has played and the limits are satisfied."""
        if self.full or self.unplayed or not self.now_ms:
            return False
        if len(self.limits) == len(self.durations) and min(map(self._get_next_allowed_ms, self.limits)) > self.now_ms:
            return False
        return all(
            satisfies_limit(s, self.limits[n], self.durations[n], self.now_ms) for n, s in self.starts.items() if s
        )

    def _fill_with_still(self) -> None:
        """Append the still, exactly until an item may play again."""
        self.frames.clear()
        later = [at for at in map(self._get_next_allowed_ms, self.limits) if at > self.now_ms]
        until = min([*later, self.goal_ms])
        while self.now_ms < until:
            length = min(until - self.now_ms, _MAX_STILL_MS)
            self.entries.append(format_still_ref(length))
            self.now_ms += length

    # -- plays --

    def _play_next(self, ready: ReadyItems) -> bool:
        """Play an item. Returns False where the loop ends because no item fits."""
        clean, others = self._list_options(ready)
        if self.full and not clean and not others:
            ready = [[k for k in allowed if self._fits_in_loop(p, k)] for p, allowed in enumerate(ready)]
            if not any(ready):
                self._fill_with_still()
                return True
            clean, others = self._list_options(ready)
        if clean:
            self._play(clean[0], ready, clean[1:])
            del self.frames[:-_MAX_BACKTRACK_STEPS]
        elif not others:
            return False
        elif not self._backtrack():
            self._play(others[0], ready, [])
            self.frames.clear()
        return True

    def _list_options(self, ready: ReadyItems) -> tuple[list[PlayStep], list[PlayStep]]:
        """Return the next plays within rules 2 and 3 that do not follow themselves, best first, and the others."""
        active = [p for p, allowed in enumerate(ready) if allowed]
        due = self._rank_steps([(p, self.item_orders[p].get_due_item(ready[p])) for p in active], active)
        clean, follows, beyond = self._classify_steps(due, active)
        if not clean:
            alternatives = [(p, k) for p, _ in due for k in self.item_orders[p].list_alternatives(ready[p])]
            clean, more_follows, _ = self._classify_steps(alternatives, active)
            follows += more_follows
        ends = not self.full and self.goal_ms - self.now_ms <= self.longest_ms
        return clean, follows or ([] if clean or ends else beyond)

    def _rank_steps(self, steps: list[PlayStep], active: list[int]) -> list[PlayStep]:
        """Sort *steps* by WF²Q; near the end of the loop, unplayed items go first."""
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
        """Return those of *steps* that fit: without a self-follow, with one, and beyond the bound of rule 2."""
        clean: list[PlayStep] = []
        follows: list[PlayStep] = []
        beyond: list[PlayStep] = []
        for p, k in steps:
            item = self.placements[p].items[k]
            if not self._fits_in_loop(p, k):
                continue
            if not self.clock.is_within_bound(p, item.duration_ms, active, self.longest_ms):
                beyond.append((p, k))
            elif self._is_self_follow(item.name, item.duration_ms):
                follows.append((p, k))
            else:
                clean.append((p, k))
        return clean, follows, beyond

    def _fits_in_loop(self, p: int, k: int) -> bool:
        return self.now_ms + self.placements[p].items[k].duration_ms <= self.goal_ms

    def _is_self_follow(self, name: str, duration_ms: int) -> bool:
        if not self.entries:
            return False
        at_seam = self.goal_ms - self.now_ms - duration_ms < self.shortest_ms and len(self.durations) > 1
        return name == self.entries[-1] or (at_seam and name == self.entries[0])

    def _backtrack(self) -> bool:
        """Replace the last steps so that the loop goes on without a self-follow; undo the changes if that fails."""
        stuck_at, steps = self.now_ms, [frame.step for frame in self.frames]
        tries = min(self.tries_left, _MAX_BACKTRACK_TRIES)
        self.tries_left -= tries
        while self.frames:
            frame = self.frames.pop()
            self._undo_play(frame)
            if not frame.alternatives or not tries:
                continue
            self._play(frame.alternatives[0], self._list_ready_items(), frame.alternatives[1:])
            advanced, tries = self._advance(stuck_at, tries - 1)
            if advanced:
                self.tries_left += tries
                return True
        self.tries_left += tries
        for step in steps:
            self._play(step, self._list_ready_items(), [])
        return False

    def _advance(self, stuck_at: int, tries: int) -> tuple[bool, int]:
        """Play until after *stuck_at* with more options, or until none is left; return success and the tries left."""
        while True:
            ready = self._list_ready_items()
            clean, others = self._list_options(ready) if any(ready) and self.now_ms < self.goal_ms else ([], [])
            if self.now_ms > stuck_at:
                return bool(clean) or not others, tries
            if not clean or not tries:
                return False, tries
            self._play(clean[0], ready, clean[1:])
            tries -= 1

    def _play(self, step: PlayStep, ready: ReadyItems, alternatives: list[PlayStep]) -> None:
        p, k = step
        item = self.placements[p].items[k]
        active = [n for n, allowed in enumerate(ready) if allowed]
        unplayed_ms = self.unplayed.pop(item.name, None)
        state = self.item_orders[p].save_state()
        self.frames.append(_BacktrackFrame(step, tuple(self.clock.received), state, unplayed_ms, alternatives))
        self.clock.record_service(p, item.duration_ms, active)
        self.item_orders[p].record_play(k, ready[p])
        if item.name in self.starts:
            self.starts[item.name].append(self.now_ms)
        self.entries.append(item.name)
        self.now_ms += item.duration_ms

    def _undo_play(self, frame: _BacktrackFrame) -> None:
        p, k = frame.step
        item = self.placements[p].items[k]
        self.now_ms -= item.duration_ms
        self.entries.pop()
        if item.name in self.starts:
            self.starts[item.name].pop()
        self.item_orders[p].restore_state(frame.order_state)
        self.clock.received[:] = frame.received
        if frame.unplayed_ms is not None:
            self.unplayed[item.name] = frame.unplayed_ms
