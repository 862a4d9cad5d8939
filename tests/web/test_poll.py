"""Polls of a playlist."""

import pytest

from tests.web.support import TOKEN, FakeInstallation, create_playlist

POLL = "/screen/v1/playlist.json"
BY_ADDRESS = f"/s/{TOKEN}/playlist.json"


def test_head_says_what_get_says_without_the_bytes(server: FakeInstallation) -> None:
    client = server.create_client()
    whole, head = client.get(BY_ADDRESS), client.head(BY_ADDRESS)
    assert (head.status_code, head.data) == (200, b"")
    assert dict(head.headers) == dict(whole.headers)


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
