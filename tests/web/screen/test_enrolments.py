"""Enrolment of new screens by code."""

import pytest
from werkzeug.test import Client

from signage.services.screens.enrolments import CODE_ALPHABET
from tests.web.support import TOKEN, FakeInstallation

ROOT = f"/s/{TOKEN}"


@pytest.fixture
def client(server: FakeInstallation) -> Client:
    return server.create_client()


def is_problem(answer: object, status: int) -> bool:
    return (answer.status_code, answer.content_type) == (status, "application/problem+json")  # type: ignore[attr-defined]


ASK = {"hardware": "roof box 7", "panel": {"width": 192, "height": 64}}


def test_a_screen_is_let_in_by_a_code_that_a_person_types(server: FakeInstallation, client: Client) -> None:
    from signage.protocol.status import EnrolmentGrant

    begun = client.post("/screen/v1/enrolments", json=ASK)
    assert begun.status_code == 201
    assert begun.json is not None and set(begun.json) == {"id", "code", "poll_seconds"}
    code = begun.json["code"]
    assert len(code) == 9 and code[4] == "-" and set(code) <= set(CODE_ALPHABET + "-")
    path = f"/screen/v1/enrolments/{begun.json['id']}"
    assert client.get(path).status_code == 202

    found = server.enrolments.find_pending(code.lower().replace("-", " "))
    assert found is not None and found.request.hardware == "roof box 7"
    assert server.enrolments.complete(found.id, EnrolmentGrant("taxi-0001", TOKEN, "k0123456789abcdef"))
    assert not server.enrolments.complete(found.id, EnrolmentGrant("taxi-0002", "other", "k0123456789abcdef"))
    assert server.enrolments.find_pending(code) is None

    given = {"screen": "taxi-0001", "token": TOKEN, "key": "k0123456789abcdef"}
    for _ in range(2):
        answer = client.get(path)
        assert (answer.status_code, answer.json) == (200, given)
        assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(f"{ROOT}/playlist.json").status_code == 200
    assert is_problem(client.get(path), 410)


def test_a_code_runs_out(server: FakeInstallation, client: Client) -> None:
    begun = client.post("/screen/v1/enrolments", json=ASK).json
    assert begun is not None
    server.clock.move(31 * 60)
    assert is_problem(client.get(f"/screen/v1/enrolments/{begun['id']}"), 404)
    assert server.enrolments.find_pending(begun["code"]) is None


def test_enrolments_are_throttled(server: FakeInstallation, client: Client) -> None:
    for _ in range(10):
        assert client.post("/screen/v1/enrolments", json=ASK).status_code == 201
    answer = client.post("/screen/v1/enrolments", json=ASK)
    assert is_problem(answer, 429)
    server.clock.move(int(answer.headers["Retry-After"]))
    assert client.post("/screen/v1/enrolments", json=ASK).status_code == 201


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b'{"hardware":"","panel":{"width":1,"height":1}}',
     b'{"hardware":"x","panel":{"width":0,"height":1}}',
     b'{"hardware":"x","panel":{"width":true,"height":1}}'],
)  # fmt: skip
def test_an_enrolment_that_cannot_be_read_is_400(client: Client, data: bytes) -> None:
    assert is_problem(client.post("/screen/v1/enrolments", data=data), 400)
