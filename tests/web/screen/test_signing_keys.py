"""The public signing keys."""

import pytest
from werkzeug.test import Client

from signage.protocol import signing
from tests.web.support import TOKEN, FakeInstallation

ROOT = f"/s/{TOKEN}"


@pytest.fixture
def client(server: FakeInstallation) -> Client:
    return server.create_client()


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
