"""Health endpoints: ``/healthz`` (alive), ``/readyz`` (ready to serve), ``/metrics`` (Prometheus)."""

from collections.abc import Callable, Iterable, Mapping

from flask import Flask, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from signage.faults import Fault
from signage.web.http.problems import respond_problem
from signage.web.request_context import get_dependencies, get_language, get_runtime, respond_json

METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class PollMetricsCollector(Collector):
    """Counts the playlist polls of this process by outcome."""

    def __init__(self, read: Callable[[], Mapping[str, int]]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        polls = CounterMetricFamily("signage_polls", "Polls of playlist.json by outcome", labels=["outcome"])
        for outcome, number in self._read().items():
            polls.add_metric([outcome], number)
        yield polls


def register(app: Flask, registry: CollectorRegistry) -> None:
    """Add the three addresses to *app*."""
    app.add_url_rule("/healthz", "healthz", serve_healthz)
    app.add_url_rule("/readyz", "readyz", serve_readyz)
    app.add_url_rule("/metrics", "metrics", lambda: serve_metrics(registry))


def serve_healthz() -> Response:
    """Answer that the process is alive."""
    return respond_json({"status": "ok"})


def serve_readyz() -> Response:
    """Answer whether the process is ready, with the reasons why not."""
    faults = list(get_dependencies().list_readiness_faults())
    if not get_runtime().body_reader.places.has_place_for_screens():
        faults.append(Fault("error", "web-busy"))
    if faults:
        return respond_problem(
            503, "web-not-ready", language=get_language(), faults=faults, headers=[("Retry-After", "2")]
        )
    return respond_json({"status": "ready"})


def serve_metrics(registry: CollectorRegistry) -> Response:
    """Answer with the metrics of this process."""
    response = Response(generate_latest(registry), content_type=METRICS_CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response
