"""For those who run the server: ``/healthz`` (it answers), ``/readyz`` (it can do its work), ``/metrics``."""

from collections.abc import Callable, Iterable, Mapping

from flask import Flask, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from signage.web.http.problems import problem
from signage.web.request_context import answer, language, services

TEXT = "text/plain; version=0.0.4; charset=utf-8"


class PollCounts(Collector):
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
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)
    app.add_url_rule("/metrics", "metrics", lambda: metrics(registry))


def healthz() -> Response:
    """The process answers."""
    return answer({"status": "ok"})


def readyz() -> Response:
    """The process can do its work, or what keeps it from it."""
    faults = services().ready()
    if faults:
        return problem(503, "web-not-ready", language=language(), faults=faults, headers=[("Retry-After", "2")])
    return answer({"status": "ready"})


def metrics(registry: CollectorRegistry) -> Response:
    """The process in figures, for Prometheus."""
    response = Response(generate_latest(registry), content_type=TEXT)
    response.headers["Cache-Control"] = "no-store"
    return response
