"""The addresses of screens."""

import pytest
from werkzeug.test import Client

from tests.web.support import TOKEN, FakeInstallation


@pytest.fixture
def client(server: FakeInstallation) -> Client:
    return server.create_client()


def is_problem(answer: object, status: int) -> bool:
    return (answer.status_code, answer.content_type) == (status, "application/problem+json")  # type: ignore[attr-defined]


def test_every_address_takes_its_own_method_only(client: Client) -> None:
    for path in ("plays", "status", "screenshot", "enrolments"):
        answer = client.get("/screen/v1/" + path, headers={"Authorization": f"Bearer {TOKEN}"})
        assert is_problem(answer, 405), path
        assert answer.headers["Allow"]
