"""For those who run the server: ``/healthz`` (it answers), ``/readyz`` (it can do its work), ``/metrics``."""

from collections.abc import Callable, Iterable, Mapping

from flask import Flask, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from signage.web.http.problems import respond_problem
from signage.web.request_context import get_dependencies, get_language, respond_json

METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class PollMetricsCollector(Collector):
    """The polls of this process by their outcome."""

    def __init__(self, read: Callable[[], Mapping[str, int]]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        polls = CounterMetricFamily("signage_polls", "Polls of playlist.json by outcome", labels=["outcome"])
        for outcome, number in self._read().items():
            polls.add_metric([outcome], number)
        yield polls


def register(app: Flask, registry: CollectorRegistry) -> None:
    """Put the three addresses into *app*."""
    app.add_url_rule("/healthz", "healthz", serve_healthz)
    app.add_url_rule("/readyz", "readyz", serve_readyz)
    app.add_url_rule("/metrics", "metrics", lambda: serve_metrics(registry))


def serve_healthz() -> Response:
    """The process answers."""
    return respond_json({"status": "ok"})


def serve_readyz() -> Response:
    """The process can do its work, or what keeps it from it."""
    faults = get_dependencies().list_readiness_faults()
    if faults:
        return respond_problem(
            503, "web-not-ready", language=get_language(), faults=faults, headers=[("Retry-After", "2")]
        )
    return respond_json({"status": "ready"})


def serve_metrics(registry: CollectorRegistry) -> Response:
    """The process in figures, for Prometheus."""
    response = Response(generate_latest(registry), content_type=METRICS_CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response
