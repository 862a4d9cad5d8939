"""Limits on an item over all its plays on one screen (contract, rule 5).

``max_per_hour``: starts in any 3,600 s (a start at t and one at t + 3,600 s are not in one hour). ``min_gap_s``: from
an item's end to its next start. Both hold over endless repetition of the loop, its seam included.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from signage.schedule.live_content import LivePlacement, Rotation, parse_still_length

HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class ItemLimit:
    """The strictest limits of one item; None: none."""

    max_per_hour: int | None
    min_gap_ms: int


ItemLimits = Mapping[str, ItemLimit]


def collect_limits(placements: tuple[LivePlacement, ...]) -> dict[str, ItemLimit]:
    """The strictest limits of the live placements that carry each item; items without any are left out."""
    found: dict[str, ItemLimit] = {}
    for placement in placements:
        if placement.max_per_hour is None and placement.min_gap_ms is None:
            continue
        for item in placement.items:
            old = found.get(item.name, ItemLimit(None, 0))
            counts = [c for c in (old.max_per_hour, placement.max_per_hour) if c is not None]
            gap = max(old.min_gap_ms, placement.min_gap_ms or 0)
            found[item.name] = ItemLimit(min(counts, default=None), gap)
    return found


def satisfies_limits(rotation: Rotation, limits: ItemLimits, durations: Mapping[str, int]) -> bool:
    """Whether endless repetition of the loop keeps all *limits*."""
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


def compute_min_loop_ms(limits: ItemLimits, durations: Mapping[str, int]) -> int:
    """The shortest loop in which each limited item can come once."""
    least = 0
    for name, limit in limits.items():
        least = max(least, durations[name] + limit.min_gap_ms)
        if limit.max_per_hour is not None:
            least = max(least, -(-HOUR_MS // limit.max_per_hour))
    return least
