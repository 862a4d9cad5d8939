"""The proof of play: stored before it is acknowledged, refused whole."""

import gzip
import json
import zlib

import pytest
from werkzeug.test import Client

from tests.web.support import TOKEN, FakeInstallation

ROOT = f"/s/{TOKEN}"
PLAY = {
    "seq": 1,
    "item": "315-2021/slogan-01",
    "sha256": "a" * 64,
    "serial": 1,
    "started_at": "2021-03-15T08:00:00.000+08:00",
    "duration_ms": 8000,
    "result": "completed",
}


def batch(*seqs: int) -> bytes:
    return json.dumps({"run": "r1", "plays": [PLAY | {"seq": seq} for seq in seqs]}).encode()


@pytest.fixture
def client(server: FakeInstallation) -> Client:
    return server.create_client()


def is_problem(answer: object, status: int) -> bool:
    return (answer.status_code, answer.content_type) == (status, "application/problem+json")  # type: ignore[attr-defined]


def test_plays_are_handed_to_the_intake_and_acknowledged(server: FakeInstallation, client: Client) -> None:
    answer = client.post(f"{ROOT}/plays", data=batch(1, 2))
    assert answer.status_code == 200
    assert answer.json == {"acknowledged_through": 2, "stored": 2, "duplicates": 0, "rejected": []}
    again = client.post("/screen/v1/plays", data=batch(1, 2), headers={"Authorization": f"bearer {TOKEN}"})
    assert again.json is not None and again.json["duplicates"] == 2
    assert server.intake.batches[0] == ("taxi-0001", batch(1, 2))


def test_plays_may_come_as_gzip_in_any_number_of_members(server: FakeInstallation, client: Client) -> None:
    whole = batch(1, 2)
    for data in (gzip.compress(whole), gzip.compress(whole[:30]) + gzip.compress(whole[30:])):
        answer = client.post(f"{ROOT}/plays", data=data, headers={"Content-Encoding": "gzip"})
        assert answer.status_code == 200
    assert [body for _, body in server.intake.batches] == [whole, whole]


@pytest.mark.parametrize(
    ("data", "encoding", "status"),
    [
        (b'{"plays":[', "", 400),
        (b"", "", 400),
        (b"\xff\xfe", "", 400),
        (gzip.compress(batch(1))[:-9], "gzip", 400),
        (b"no gzip", "gzip", 400),
        (batch(1), "br", 415),
        (b'{"plays":[' + b" " * (1 << 20) + b"]}", "", 413),
        (gzip.compress(b'{"plays":[' + b" " * (1 << 20) + b"]}"), "gzip", 413),
        (gzip.compress(b"\0" * (300 << 20), 9), "gzip", 413),
        (batch(*range(1, 1002)), "", 413),
    ],
    ids=["broken", "empty", "no-utf8", "gzip-cut", "no-gzip", "brotli", "large", "large-inside", "bomb", "many"],
)
def test_a_bad_body_is_a_problem_and_stores_nothing(
    server: FakeInstallation, client: Client, data: bytes, encoding: str, status: int
) -> None:
    headers = {"Content-Encoding": encoding} if encoding else {}
    assert is_problem(client.post(f"{ROOT}/plays", data=data, headers=headers), status)
    assert not server.intake.batches


def test_a_batch_may_hold_a_thousand_plays(client: Client) -> None:
    answer = client.post(f"{ROOT}/plays", data=batch(*range(1, 1001)))
    assert answer.json is not None and answer.json["stored"] == 1000


def test_a_body_that_broke_off_is_never_acknowledged(server: FakeInstallation, client: Client) -> None:
    data = batch(1)
    answer = client.post(f"{ROOT}/plays", data=data, environ_overrides={"CONTENT_LENGTH": str(len(data) + 5)})
    assert is_problem(answer, 400)
    assert not server.intake.batches


def test_refusals_list_their_faults_in_the_readers_language(client: Client) -> None:
    answer = client.post(f"{ROOT}/plays", data=b"{", headers={"Accept-Language": "en"})
    assert answer.json is not None
    assert answer.json["faults"][0]["where"] == "body"
    english = client.get("/screen/v1/keys.json", headers={"Accept-Language": "en-GB"}).json
    chinese = client.get("/screen/v1/keys.json").json
    assert english is not None and english["detail"].startswith("This address")
    assert chinese is not None and chinese["detail"].startswith("此地址")


def test_zlib_is_not_taken_for_gzip(server: FakeInstallation, client: Client) -> None:
    answer = client.post(f"{ROOT}/plays", data=zlib.compress(batch(1)), headers={"Content-Encoding": "gzip"})
    assert is_problem(answer, 400)
