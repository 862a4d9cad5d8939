"""Metrics of a load test."""

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct


class Percentiles(Struct, frozen=True):
    """Median, 99th percentile and maximum."""

    p50: float
    p99: float
    max: float
    count: int


class ClientLoad(Struct, frozen=True):
    """Cost of the load test's process: share of one core, and lag of its event loop (included in the latencies)."""

    cpu_share: float
    lag_p99_ms: float
    lag_max_ms: float


class LoadTestResult(Struct, frozen=True):
    """Result of one load test."""

    scenario: str
    screens: int
    seconds: float
    requests: int
    polls: int
    unchanged: int
    documents: int
    plays: int
    polls_per_s: float
    latency_ms: Percentiles
    staleness_s: Percentiles
    """Time from the scenario's change to each screen's new playlist; empty for ``steady``."""
    behind: int
    """Screens without the new playlist at the end."""
    bytes_in: int
    bytes_out: int
    connections: int
    errors: dict[str, int]
    client: ClientLoad


class RequestSample(Struct, frozen=True):
    """One request: its end (s from the start), its duration, its outcome."""

    at_s: float
    took_ms: float
    kind: str


class LoadMetrics:
    """Counters of a running load test."""

    def __init__(self) -> None:
        self.samples: list[RequestSample] = []
        self.errors: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.lags_ms: list[float] = []
        self.staleness_s: list[float] = []
        self.action_at_s: float | None = None

    def record_response(self, at_s: float, took_s: float, kind: str, size: int) -> None:
        self.samples.append(RequestSample(at_s, took_s * 1000, kind))
        self.counts[kind] += 1
        self.counts["bytes"] += size

    def record_failure(self, at_s: float, kind: str) -> None:
        self.samples.append(RequestSample(at_s, 0.0, "error"))
        self.errors[kind] += 1


def compute_percentiles(values: Sequence[float]) -> Percentiles:
    """Return the percentiles of *values*; zeros if there are none."""
    if not values:
        return Percentiles(0.0, 0.0, 0.0, 0)
    ordered = sorted(values)
    last = len(ordered) - 1
    p99 = ordered[min(last, int(len(ordered) * 0.99))]
    return Percentiles(round(ordered[len(ordered) // 2], 3), round(p99, 3), round(ordered[last], 3), len(ordered))
