"""The status that a screen reports."""

import msgspec
import pytest
from werkzeug.test import Client

from tests.web.support import TOKEN, FakeInstallation

ROOT = f"/s/{TOKEN}"


@pytest.fixture
def client(server: FakeInstallation) -> Client:
    return server.create_client()


def is_problem(answer: object, status: int) -> bool:
    return (answer.status_code, answer.content_type) == (status, "application/problem+json")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"player": "kiosk", "item": None},
        {"player": None, "serial": None, "free_bytes": None, "position": None, "faults": None},
        {"position": [121.47, 31.23], "temperature_c": 41, "faults": ["x" * 400] * 100, "unknown": {"a": 1}},
    ],
)
def test_a_status_is_recorded_and_bounded(server: FakeInstallation, client: Client, told: dict[str, object]) -> None:
    answer = client.post(f"{ROOT}/status", json=told)
    assert (answer.status_code, answer.data) == (204, b"")
    screen, status = server.statuses[0]
    assert screen == "taxi-0001"
    assert isinstance(status.faults, msgspec.UnsetType) or len(status.faults) == 50


@pytest.mark.parametrize(
    "data", [b"[]", b'{"serial":"x"}', b"{", b'{"position":[200,1]}', b'{"temperature_c":NaN}', b"\xff"]
)
def test_a_status_that_cannot_be_read_is_400(server: FakeInstallation, client: Client, data: bytes) -> None:
    assert is_problem(client.post(f"{ROOT}/status", data=data), 400)
    assert not server.statuses
