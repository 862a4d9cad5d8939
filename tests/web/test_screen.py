"""Plays, status, screenshots, keys and enrolments."""

import gzip
import io
import json
import zlib

import msgspec
import pytest
from PIL import Image
from werkzeug.test import Client

from signage.protocol import signing
from signage.services.screens.enrolments import CODE_ALPHABET
from signage.web.settings import WebConfig
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


def picture(form: str, mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, (192, 64)).save(out, form)
    return out.getvalue()


@pytest.mark.parametrize(("form", "kind"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
def test_a_screenshot_is_stored(server: FakeInstallation, client: Client, form: str, kind: str) -> None:
    data = picture(form)
    assert client.put(f"{ROOT}/screenshot", data=data).status_code == 204
    stored = server.screenshots[0]
    assert (stored.screen, stored.type, stored.width, stored.height, stored.data) == ("taxi-0001", kind, 192, 64, data)


@pytest.mark.parametrize(
    "data",
    [b"", b"<html>", picture("GIF", "P"), picture("PNG")[:-3], picture("JPEG")[:-3], picture("JPEG")[:200],
     picture("PNG") + b"<script>", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n" + b"\0" * 40],
)  # fmt: skip
def test_what_is_no_whole_picture_is_no_screenshot(server: FakeInstallation, client: Client, data: bytes) -> None:
    assert is_problem(client.put(f"{ROOT}/screenshot", data=data), 415)
    assert not server.screenshots


def test_a_screenshot_has_a_bound(server: FakeInstallation) -> None:
    server.config = WebConfig(screenshot_max_bytes=100)
    assert is_problem(server.create_client().put(f"{ROOT}/screenshot", data=b"x" * 101), 413)


def test_the_keys_are_signed_by_each_of_them(server: FakeInstallation, client: Client) -> None:
    answer = client.get(f"{ROOT}/keys.json")
    document, signature = server.keys()
    assert answer.data == document
    public = server.key.public_key().public_bytes_raw()
    assert signing.find_verifying_key(
        document, answer.headers["Playlist-Signature"], {signing.compute_key_id(public): public}
    )
    assert signature == answer.headers["Playlist-Signature"]
    again = client.get(f"{ROOT}/keys.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_every_address_takes_its_own_method_only(client: Client) -> None:
    for path in ("plays", "status", "screenshot", "enrolments"):
        answer = client.get("/screen/v1/" + path, headers={"Authorization": f"Bearer {TOKEN}"})
        assert is_problem(answer, 405), path
        assert answer.headers["Allow"]


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


def test_health_and_readiness(server: FakeInstallation, client: Client) -> None:
    from signage.faults import Fault

    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200
    server.faults.append(Fault("error", "web-not-ready"))
    assert is_problem(client.get("/readyz"), 503)
    assert client.get("/healthz").status_code == 200


def test_zlib_is_not_taken_for_gzip(server: FakeInstallation, client: Client) -> None:
    answer = client.post(f"{ROOT}/plays", data=zlib.compress(batch(1)), headers={"Content-Encoding": "gzip"})
    assert is_problem(answer, 400)
