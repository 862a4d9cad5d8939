"""The loop where limits bind (contract, rule 5).

A blocked item is passed over, and a placement of which all items are blocked stands aside while the others share the
time by the same rules (it comes back without arrears); where nothing may play, the still fills exactly until something
may. The loop is laid out anew, longer or shorter, until its seam keeps the limits and every item is in it.
"""

from signage.schedule.live_content import LivePlacement, Rotation, RotationNote, find_self_follow_note
from signage.schedule.rotation.limited_fill import LimitedLoopBuilder
from signage.schedule.rotation.limits import ItemLimits, compute_min_loop_ms, satisfies_limits
from signage.schedule.rotation.weights import UNBOUNDED

_MAX_EXTENSIONS = 3


def build_limited_loop(
    placements: tuple[LivePlacement, ...], limits: ItemLimits, max_loop_ms: int, ceiling_ms: int
) -> Rotation:
    """The loop under *limits*: as late a cut as *max_loop_ms* allows, later where a limit or an item needs it."""
    durations = {i.name: i.duration_ms for p in placements for i in p.items}
    least_ms = compute_min_loop_ms(limits, durations)
    goal = min(ceiling_ms, max(max_loop_ms, least_ms))
    best: Rotation | None = None
    while True:
        found = _close_loop(placements, limits, goal, least_ms, ceiling_ms)
        if best is None or len(set(found.entries)) > len(set(best.entries)):
            best = found
        if goal >= ceiling_ms or set(durations) <= set(best.entries):
            return best
        goal = min(ceiling_ms, 2 * goal)


def _close_loop(
    placements: tuple[LivePlacement, ...], limits: ItemLimits, goal: int, least_ms: int, ceiling_ms: int
) -> Rotation:
    """The loop of *goal* ms, or as little shorter, else longer, as keeps *limits* at its seam; else with the still."""
    durations = {i.name: i.duration_ms for p in placements for i in p.items}
    least_ms = max(least_ms, goal * 9 // 10)
    for longer in range(_MAX_EXTENSIONS):
        asked, loop_ms = UNBOUNDED, goal + longer * max(durations.values())
        while least_ms <= loop_ms < min(asked, ceiling_ms + 1):
            asked = loop_ms
            entries, loop_ms = LimitedLoopBuilder(placements, limits, asked).build()
            rotation = _build_rotation(entries, loop_ms, set(durations), limits)
            if satisfies_limits(rotation, limits, durations):
                return rotation
    return _build_rotation(*LimitedLoopBuilder(placements, limits, goal, full=True).build(), set(durations), limits)


def _build_rotation(entries: list[str], loop_ms: int, names: set[str], limits: ItemLimits) -> Rotation:
    notes = [RotationNote("limits-bind", (("items", ", ".join(sorted(limits))),))]
    again = find_self_follow_note(entries)
    notes += [again] if again else []
    starved = sorted(names - set(entries))
    if starved:
        notes.append(RotationNote("item-starved", (("items", ", ".join(starved)),)))
    return Rotation(tuple(entries), loop_ms, whole=False, notes=tuple(notes))
