"""Health and readiness."""

import pytest
from werkzeug.test import Client

from tests.web.support import FakeInstallation


@pytest.fixture
def client(server: FakeInstallation) -> Client:
    return server.create_client()


def is_problem(answer: object, status: int) -> bool:
    return (answer.status_code, answer.content_type) == (status, "application/problem+json")  # type: ignore[attr-defined]


def test_health_and_readiness(server: FakeInstallation, client: Client) -> None:
    from signage.faults import Fault

    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200
    server.faults.append(Fault("error", "web-not-ready"))
    assert is_problem(client.get("/readyz"), 503)
    assert client.get("/healthz").status_code == 200
