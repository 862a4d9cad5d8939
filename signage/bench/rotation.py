"""How long it takes to work a loop out and to play it, beside plain ``itertools.cycle`` over as many slots."""

from collections import deque
from collections.abc import Sequence
from functools import partial
from itertools import cycle, islice
from typing import Any

from signage.bench.support.play_rows import best_of, peak_mb, row
from signage.schedule.live_content import BUILTIN_STILL, LiveItem, LivePlacement
from signage.schedule.rotation.loop import build_rotation
from signage.schedule.rotation.weights import compute_earliest_first_play_deadline, get_base_order

_STILL = LiveItem(BUILTIN_STILL, 10_000)
_DAY_SLOTS = 8640
_GOAL = 5.0


def run() -> list[dict[str, Any]]:
    """Rows for a day, ten days and a hundred days of slots, and for the loop alone."""
    placements = _placements(campaigns=5, items=10)
    names = [i.name for p in placements for i in p.items]
    loop = list(_loop(placements))
    rows = []
    for factor in (1, 10, 100):
        slots = _DAY_SLOTS * factor
        plain = best_of(5, partial(_plain, names, slots))
        ready = best_of(5, partial(_plain, loop, slots))
        fresh = best_of(5, partial(_fresh, placements, slots))
        rows.append(row("rotation", f"{slots} slots of a loop that is there", ready, "s", yardstick=plain, goal=_GOAL))
        rows.append(
            row("rotation", f"{slots} slots, the loop worked out anew", fresh, "s", yardstick=plain, goal=_GOAL)
        )
    for campaigns, items in ((1, 50), (5, 50), (20, 50)):
        many = _placements(campaigns, items)
        rows.append(row("rotation", f"one loop of {campaigns} × {items} items", best_of(3, partial(_loop, many)), "s"))
    rows.append(row("rotation", "peak memory", peak_mb(), "MB"))
    return rows


def _placements(campaigns: int, items: int) -> tuple[LivePlacement, ...]:
    return tuple(
        LivePlacement(f"c{c}", 1, tuple(LiveItem(f"c{c}/i{i}", 10_000, 1 + i % 3) for i in range(items)), 1 + c % 4)
        for c in range(campaigns)
    )


def _loop(placements: tuple[LivePlacement, ...]) -> tuple[str, ...]:
    build_rotation.cache_clear()
    get_base_order.cache_clear()
    compute_earliest_first_play_deadline.cache_clear()
    return build_rotation(placements, 3_600_000, _STILL).entries


def _fresh(placements: tuple[LivePlacement, ...], slots: int) -> None:
    _plain(_loop(placements), slots)


def _plain(names: Sequence[str], slots: int) -> None:
    deque(islice(cycle(names), slots), maxlen=0)
