"""The poll of the playlist, as the contract and RFC 9110 have it."""

import logging
from datetime import UTC, datetime

import pytest

from signage.protocol import signing
from signage.web.http.conditional import format_http_date
from tests.web.support import TOKEN, FakeInstallation, create_playlist

POLL = "/screen/v1/playlist.json"
BY_ADDRESS = f"/s/{TOKEN}/playlist.json"


def bearer(token: str = TOKEN, scheme: str = "Bearer") -> dict[str, str]:
    return {"Authorization": f"{scheme} {token}"}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_token_lets_in_whatever_the_case_of_its_scheme(server: FakeInstallation, scheme: str) -> None:
    answer = server.create_client().get(POLL, headers=bearer(scheme=scheme))
    assert answer.status_code == 200
    shelved = server.shelf.tokens[TOKEN]
    assert answer.data == shelved.get_document()
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert answer.headers["ETag"] == shelved.etag
    assert answer.headers["Last-Modified"] == shelved.last_modified
    assert answer.headers["Cache-Control"] == "no-cache"
    public = server.key.public_key().public_bytes_raw()
    pinned = {signing.compute_key_id(public): public}
    assert signing.find_verifying_key(answer.data, answer.headers["Playlist-Signature"], pinned)


def test_the_address_with_the_token_gives_the_same(server: FakeInstallation) -> None:
    client = server.create_client()
    assert client.get(BY_ADDRESS).data == client.get(POLL, headers=bearer()).data


def test_head_says_what_get_says_without_the_bytes(server: FakeInstallation) -> None:
    client = server.create_client()
    whole, head = client.get(BY_ADDRESS), client.head(BY_ADDRESS)
    assert (head.status_code, head.data) == (200, b"")
    assert dict(head.headers) == dict(whole.headers)


@pytest.mark.parametrize(
    "path", [POLL, "/s/BAD/playlist.json", "/s/BAD/", "/s/BAD", "/s/BAD/nothing", "/s/", "/screen/v1/nothing"]
)
def test_without_a_good_token_it_is_401_with_the_way_to_prove_oneself(server: FakeInstallation, path: str) -> None:
    answer = server.create_client().get(path)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None and answer.json["status"] == 401


@pytest.mark.parametrize("header", ["Bearer BAD", "Bearer", "Bearer  ", "Basic dG9rOg==", TOKEN, ""])
def test_a_header_without_a_good_token_is_401(server: FakeInstallation, header: str) -> None:
    assert server.create_client().get(POLL, headers={"Authorization": header}).status_code == 401


def test_a_revoked_screen_is_403_everywhere(server: FakeInstallation) -> None:
    server.shelf.tokens[TOKEN].revoked = True
    client = server.create_client()
    for path in (BY_ADDRESS, f"/s/{TOKEN}/", f"/s/{TOKEN}/playlist.rss", f"/s/{TOKEN}/nothing"):
        answer = client.get(path)
        assert (answer.status_code, answer.content_type) == (403, "application/problem+json")


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("{ETAG}", 304),
        ("W/{ETAG}", 304),
        ('"x", W/{ETAG} ,"y"', 304),
        ('"a,b",{ETAG}', 304),
        ("*", 304),
        ('"other"', 200),
        ("nonsense", 200),
        ("", 200),
    ],
)
def test_if_none_match_compares_weakly_and_takes_lists(server: FakeInstallation, header: str, status: int) -> None:
    etag = server.shelf.tokens[TOKEN].etag
    answer = server.create_client().get(BY_ADDRESS, headers={"If-None-Match": header.replace("{ETAG}", etag)})
    assert answer.status_code == status
    assert answer.headers["ETag"] == etag
    if status == 304:
        assert answer.data == b""
        assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Mon, 15 Mar 2021 00:00:00 GMT", 304),
        ("Mon, 15 Mar 2021 00:00:04 GMT", 304),
        ("Monday, 15-Mar-21 00:00:00 GMT", 304),
        ("Sun, 14 Mar 2021 23:59:59 GMT", 200),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 200),
        ("yesterday", 200),
        ("", 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_if_modified_since_counts_when_it_is_a_date_of_the_past(
    server: FakeInstallation, header: str, status: int, method: str
) -> None:
    answer = server.create_client().open(BY_ADDRESS, method=method, headers={"If-Modified-Since": header})
    assert answer.status_code == status


def test_if_none_match_wins_over_if_modified_since(server: FakeInstallation) -> None:
    late = format_http_date(int(server.clock.now().timestamp()))
    headers = {"If-None-Match": '"other"', "If-Modified-Since": late}
    assert server.create_client().get(BY_ADDRESS, headers=headers).status_code == 200


def test_a_date_that_the_server_just_gave_is_good_though_its_clock_was_set_back(server: FakeInstallation) -> None:
    server.clock.at = datetime(2021, 3, 14, tzinfo=UTC)
    given = server.shelf.tokens[TOKEN].last_modified
    assert server.create_client().get(BY_ADDRESS, headers={"If-Modified-Since": given}).status_code == 304


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_405_and_names_those_that_go(server: FakeInstallation, method: str) -> None:
    answer = server.create_client().open(BY_ADDRESS, method=method)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"
    assert answer.content_type == "application/problem+json"


def test_an_address_that_does_not_exist_is_a_problem(server: FakeInstallation) -> None:
    client = server.create_client()
    for path in (f"/s/{TOKEN}/nothing", f"/s/{TOKEN}/a/playlist.json", f"/s/{TOKEN}//playlist.json", "/nothing"):
        answer = client.get(path)
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json"), path


def test_contacts_are_counted_in_batches(server: FakeInstallation) -> None:
    from signage.web.heartbeat_buffer import HeartbeatBuffer

    contacts = HeartbeatBuffer(server.record_contacts, 60)
    for _ in range(3):
        contacts.record("taxi-0001", server.clock.now())
        server.clock.move(30)
    contacts.flush()
    contacts.flush()
    assert [(c.screen, c.polls) for c in server.contacts] == [("taxi-0001", 3)]
    assert (server.clock.now() - server.contacts[0].at).total_seconds() == 30


def test_polls_are_counted_by_their_outcome(server: FakeInstallation) -> None:
    client = server.create_client()
    client.get(BY_ADDRESS)
    client.get(BY_ADDRESS, headers={"If-None-Match": "*"})
    client.get(POLL)
    text = client.get("/metrics").text
    for outcome in ("unchanged", "served", "denied"):
        assert f'signage_polls_total{{outcome="{outcome}"}} 1.0' in text


def test_what_breaks_is_a_problem_and_its_log_holds_no_token(
    server: FakeInstallation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(token: str) -> None:
        raise RuntimeError(f"no luck with /s/{token}/playlist.json")

    monkeypatch.setattr(server.shelf, "find", broken)
    with caplog.at_level(logging.DEBUG):
        client = server.create_client()
        answers = [
            client.get(BY_ADDRESS),
            client.get(f"/s/{TOKEN}/"),
            client.get("/screen/v1/keys.json", headers=bearer()),
        ]
    for answer in answers:
        assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert "RuntimeError" in caplog.text
    assert TOKEN not in caplog.text


def test_a_changed_document_is_new_to_who_had_the_old(server: FakeInstallation) -> None:
    client = server.create_client()
    old = client.get(BY_ADDRESS).headers["ETag"]
    server.put_playlist(create_playlist(serial=2))
    assert client.get(BY_ADDRESS, headers={"If-None-Match": old}).status_code == 200


def test_a_screen_whose_first_document_is_not_made_yet_is_asked_to_come_back(
    server: FakeInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(self: object) -> str:
        raise LookupError("no document")

    monkeypatch.setattr(type(server.shelf.tokens[TOKEN]), "etag", property(none))
    for name in ("playlist.json", "playlist.rss"):
        answer = server.create_client().get(f"/s/{TOKEN}/{name}")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_only_an_answer_that_gives_the_document_says_that_it_was_served(
    server: FakeInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from signage.web.heartbeat_buffer import HeartbeatBuffer

    noted: list[int | None] = []
    monkeypatch.setattr(HeartbeatBuffer, "record", lambda self, screen, at, served=None: noted.append(served))
    client, shelved = server.create_client(), server.shelf.tokens[TOKEN]
    client.get(BY_ADDRESS)
    client.get(BY_ADDRESS, headers={"If-None-Match": shelved.etag})
    assert noted == [shelved.serial, shelved.serial]
    noted.clear()
    client.head(BY_ADDRESS)
    client.get(BY_ADDRESS, headers={"If-None-Match": "*"})
    client.post(f"/s/{TOKEN}/plays", json={"run": "r", "plays": []})
    client.post(f"/s/{TOKEN}/status", json={})
    client.get(f"/s/{TOKEN}/keys.json")
    assert noted == [None] * 5
