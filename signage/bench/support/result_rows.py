"""Rows of a benchmark: a figure, and its ratio to a yardstick measured in the same run."""

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
    """One row. *goal* is for the ratio where there is a yardstick, else for the value; at most it, or at least."""
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
    """Seconds of the quickest of several runs of *work*."""
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        found.append(time.perf_counter() - begin)
    return min(found)


def get_peak_memory_mb() -> float:
    """The most memory that this process ever held, in MB (10⁶ bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
