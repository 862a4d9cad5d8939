"""Authentication of screens by token."""

import logging

import pytest

from signage.protocol import signing
from tests.web.support import TOKEN, FakeInstallation

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
