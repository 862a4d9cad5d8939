"""Benchmark: compute a loop and play it, beside ``itertools.cycle`` over as many slots."""

from collections import deque
from collections.abc import Sequence
from functools import partial
from itertools import cycle, islice
from typing import Any

from signage.bench.support.result_rows import create_row, get_peak_memory_mb, measure_best_s
from signage.schedule.live_content import BUILTIN_STILL, LiveItem, LivePlacement
from signage.schedule.rotation.loop import build_rotation
from signage.schedule.rotation.weights import compute_earliest_first_play_deadline, get_base_order

_STILL = LiveItem(BUILTIN_STILL, 10_000)
_DAY_SLOTS = 8640
_GOAL = 5.0


def run() -> list[dict[str, Any]]:
    """Return rows for a day, ten days and a hundred days of slots, and for the loop alone."""
    placements = _build_placements(campaigns=5, items=10)
    names = [i.name for p in placements for i in p.items]
    loop = list(_build_loop(placements))
    rows = []
    for factor in (1, 10, 100):
        slots = _DAY_SLOTS * factor
        plain = measure_best_s(5, partial(_play_cycle, names, slots))
        playback_s = measure_best_s(5, partial(_play_cycle, loop, slots))
        fresh = measure_best_s(5, partial(_play_fresh_loop, placements, slots))
        rows.append(
            create_row(
                "rotation", f"{slots} slots of a loop that is there", playback_s, "s", yardstick=plain, goal=_GOAL
            )
        )
        rows.append(
            create_row("rotation", f"{slots} slots, the loop worked out anew", fresh, "s", yardstick=plain, goal=_GOAL)
        )
    for campaigns, items in ((1, 50), (5, 50), (20, 50)):
        many = _build_placements(campaigns, items)
        rows.append(
            create_row(
                "rotation",
                f"one loop of {campaigns} × {items} items",
                measure_best_s(3, partial(_build_loop, many)),
                "s",
            )
        )
    rows.append(create_row("rotation", "peak memory", get_peak_memory_mb(), "MB"))
    return rows


def _build_placements(campaigns: int, items: int) -> tuple[LivePlacement, ...]:
    return tuple(
        LivePlacement(f"c{c}", 1, tuple(LiveItem(f"c{c}/i{i}", 10_000, 1 + i % 3) for i in range(items)), 1 + c % 4)
        for c in range(campaigns)
    )


def _build_loop(placements: tuple[LivePlacement, ...]) -> tuple[str, ...]:
    build_rotation.cache_clear()
    get_base_order.cache_clear()
    compute_earliest_first_play_deadline.cache_clear()
    return build_rotation(placements, 3_600_000, _STILL).entries


def _play_fresh_loop(placements: tuple[LivePlacement, ...], slots: int) -> None:
    _play_cycle(_build_loop(placements), slots)


def _play_cycle(names: Sequence[str], slots: int) -> None:
    deque(islice(cycle(names), slots), maxlen=0)
