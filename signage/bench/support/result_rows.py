"""Rows of benchmark results: a value, and its ratio to a yardstick measured in the same run."""

import resource
import sys
import time
from collections.abc import Callable
from typing import Any


def create_row(
    bench: str,
    what: str,
    value: float,
    unit: str,
    *,
    yardstick: float | None = None,
    goal: float | None = None,
    at_most: bool = True,
) -> dict[str, Any]:
    """Build one row. *goal* applies to the ratio if there is a yardstick, else to the value; as maximum or minimum."""
    ratio = value / yardstick if yardstick else None
    judged = ratio if ratio is not None else value
    reached = None if goal is None else judged <= goal if at_most else judged >= goal
    return {
        "bench": bench,
        "what": what,
        "value": value,
        "unit": unit,
        "yardstick": yardstick,
        "ratio": ratio,
        "goal": goal,
        "reached": reached,
    }


def measure_best_s(times: int, work: Callable[[], object]) -> float:
    """Return the seconds of the fastest of several runs of *work*."""
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        found.append(time.perf_counter() - begin)
    return min(found)


def get_peak_memory_mb() -> float:
    """Return the peak memory of this process in MB (10⁶ bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
