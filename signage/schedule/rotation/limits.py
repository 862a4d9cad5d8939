"""Limits on the plays of an item on one screen, over all its placements (contract, rule 5).

``max_per_hour``: starts in any 3,600 s (starts at t and at t + 3,600 s are not in the same hour). ``min_gap_s``: time
from the end of an item to its next start. Both apply to the endlessly repeated loop, its seam included.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from signage.schedule.live_content import LivePlacement, Rotation, parse_still_length

HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class ItemLimit:
    """The strictest limits of one item. *max_per_hour* None: no such limit."""

    max_per_hour: int | None
    min_gap_ms: int


ItemLimits = Mapping[str, ItemLimit]


def collect_limits(placements: tuple[LivePlacement, ...]) -> dict[str, ItemLimit]:
    """Return the strictest limits of each item over its live placements, without items that have none."""
    limits: dict[str, ItemLimit] = {}
    for placement in placements:
        if placement.max_per_hour is None and placement.min_gap_ms is None:
            continue
        for item in placement.items:
            other = limits.get(item.name, ItemLimit(None, 0))
            counts = [c for c in (other.max_per_hour, placement.max_per_hour) if c is not None]
            gap = max(other.min_gap_ms, placement.min_gap_ms or 0)
            limits[item.name] = ItemLimit(min(counts, default=None), gap)
    return limits


def satisfies_limits(rotation: Rotation, limits: ItemLimits, durations: Mapping[str, int]) -> bool:
    """Return whether the endlessly repeated loop satisfies all *limits*."""
    starts: dict[str, list[int]] = {name: [] for name in limits}
    at = 0
    for name in rotation.entries:
        if name in starts:
            starts[name].append(at)
        at += durations.get(name) or parse_still_length(name) or 0
    return all(
        satisfies_limit(starts[n], limit, durations[n], rotation.loop_ms) for n, limit in limits.items() if starts[n]
    )


def satisfies_limit(starts: list[int], limit: ItemLimit, duration_ms: int, loop_ms: int) -> bool:
    """Return whether an item that starts at *starts* (in ms, not empty) of each loop satisfies *limit*."""
    following = [*starts[1:], starts[0] + loop_ms]
    if any(b - a < duration_ms + limit.min_gap_ms for a, b in zip(starts, following, strict=True)):
        return False
    if limit.max_per_hour is None:
        return True
    for index, start in enumerate(starts):
        rounds, position = divmod(index + limit.max_per_hour, len(starts))
        if starts[position] + rounds * loop_ms - start < HOUR_MS:
            return False
    return True


def compute_min_loop_ms(limits: ItemLimits, durations: Mapping[str, int]) -> int:
    """Return the length of the shortest loop in which each limited item can play once."""
    min_loop_ms = 0
    for name, limit in limits.items():
        min_loop_ms = max(min_loop_ms, durations[name] + limit.min_gap_ms)
        if limit.max_per_hour is not None:
            min_loop_ms = max(min_loop_ms, -(-HOUR_MS // limit.max_per_hour))
    return min_loop_ms
