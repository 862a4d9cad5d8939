"""Media by range, as RFC 9110, section 14, has it."""

import hashlib
import os
from email.parser import BytesParser

import pytest
from werkzeug.test import Client, TestResponse

from tests.web.support import FakeInstallation

DATA = bytes(i * 31 % 251 for i in range(1000))
SHA = hashlib.sha256(DATA).hexdigest()
ETAG = f'"{SHA}"'
PATH = f"/media/{SHA}.mp4"


@pytest.fixture
def client(server: FakeInstallation) -> Client:
    server.add_blob(DATA)
    return server.create_client()


def ask(client: Client, header: str | None, method: str = "GET", **more: str) -> TestResponse:
    headers = {name.replace("_", "-"): value for name, value in more.items()}
    return client.open(PATH, method=method, headers=headers | ({"Range": header} if header is not None else {}))


def test_the_whole_is_kept_for_ever_and_never_sniffed(client: Client) -> None:
    answer = ask(client, None)
    assert (answer.status_code, answer.data) == (200, DATA)
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Content-Length"] == "1000"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["ETag"] == ETAG
    assert "Last-Modified" in answer.headers


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=-100", 900, 999),
        ("bytes=-999999999", 0, 999),
        ("bytes=500-", 500, 999),
        ("bytes=0-5000", 0, 999),
        ("bytes=999-999", 999, 999),
        ("BYTES=0-0", 0, 0),
        ("bytes= 0-0 ", 0, 0),
        ("bytes=0-" + "9" * 90, 0, 999),
    ],
)
def test_one_range_is_206(client: Client, header: str, first: int, last: int) -> None:
    answer = ask(client, header)
    assert (answer.status_code, answer.data) == (206, DATA[first : last + 1])
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/1000"
    assert answer.headers["Content-Length"] == str(last + 1 - first)
    assert answer.headers["Content-Type"] == "video/mp4"


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=2000-3000", "bytes=-0", "BYTES = -00 "])
def test_what_cannot_be_given_is_416_with_the_size(client: Client, header: str) -> None:
    answer = ask(client, header)
    assert (answer.status_code, answer.content_type) == (416, "application/problem+json")
    assert answer.headers["Content-Range"] == "bytes */1000"


@pytest.mark.parametrize(
    "header",
    ["items=0-3", "bytes=abc-def", "bytes=99-0", "bytes", "bytes=", "bytes=-", "bytes=0-9;20-29", "bytes=0-9,x", "",
     "bytes=٠-٩", "bytes=--5", "bytes=" + "9" * 5000 + "-", "bytes=" + ",".join(f"{i}-{i}" for i in range(0, 200, 2))],
)  # fmt: skip
def test_what_is_no_range_is_ignored(client: Client, header: str) -> None:
    answer = ask(client, header)
    assert (answer.status_code, answer.data) == (200, DATA)


def parse_parts(response: TestResponse) -> list[tuple[str | None, bytes]]:
    head = f"Content-Type: {response.headers['Content-Type']}\r\n\r\n".encode()
    parts = BytesParser().parsebytes(head + response.data).get_payload()
    assert isinstance(parts, list)
    return [(part["Content-Range"], part.get_payload(decode=True)) for part in parts]  # type: ignore[union-attr, misc]


@pytest.mark.parametrize(
    ("header", "spans"),
    [
        ("bytes=0-9,20-29", [(0, 9), (20, 29)]),
        ("bytes=0-0, -1", [(0, 0), (999, 999)]),
        ("bytes=0-0,10-10,990-5000", [(0, 0), (10, 10), (990, 999)]),
    ],
)
def test_several_ranges_are_multipart(client: Client, header: str, spans: list[tuple[int, int]]) -> None:
    response = ask(client, header)
    assert response.status_code == 206 and "Content-Range" not in response.headers
    assert response.headers["Content-Type"].startswith("multipart/byteranges; boundary=")
    assert response.headers["Content-Length"] == str(len(response.data))
    assert parse_parts(response) == [(f"bytes {a}-{b}/1000", DATA[a : b + 1]) for a, b in spans]


def test_one_range_that_remains_of_several_is_sent_alone(client: Client) -> None:
    response = ask(client, "bytes=10-19,5000-")
    assert (response.status_code, response.data) == (206, DATA[10:20])


@pytest.mark.parametrize(
    "header",
    ["bytes=20-29, 0-9, -1", "bytes=0-9,5-20", "bytes=0-,0-", "bytes=0-500,-600", "bytes=" + "0-," * 200 + "0-",
     "bytes=,,5-6,"],
)  # fmt: skip
def test_ranges_that_overlap_or_are_too_many_are_answered_with_the_whole_file(client: Client, header: str) -> None:
    response = ask(client, header)
    assert (response.status_code, response.data) == (200, DATA)
    assert response.headers["Content-Length"] == "1000"
    assert "Content-Range" not in response.headers


@pytest.mark.parametrize(
    ("tag", "status"),
    [(ETAG, 206), ('"nope"', 200), ("W/" + ETAG, 200), ("Mon, 15 Mar 2021 00:00:00 GMT", 200), ("", 200)],
)
def test_if_range_compares_strongly(client: Client, tag: str, status: int) -> None:
    assert ask(client, "bytes=0-9", If_Range=tag).status_code == status


def test_if_none_match_goes_before_the_range(client: Client) -> None:
    for header in ("bytes=0-9", "bytes=5000-"):
        answer = ask(client, header, If_None_Match="W/" + ETAG)
        assert (answer.status_code, answer.data) == (304, b"")


def test_those_that_know_only_dates_are_served(client: Client) -> None:
    given = ask(client, None).headers["Last-Modified"]
    os.utime(client.application._files._find_blob(SHA), (1600000000, 1600000000))  # type: ignore[union-attr]
    assert ask(client, None, If_Modified_Since="Sun, 13 Sep 2020 12:26:40 GMT").status_code == 304
    assert ask(client, None, If_Modified_Since="Sun, 13 Sep 2020 12:26:39 GMT").status_code == 200
    assert given.endswith("GMT")


def test_head_ignores_the_range(client: Client) -> None:
    for header in ("bytes=0-9", "bytes=5000-"):
        answer = ask(client, header, method="HEAD")
        assert (answer.status_code, answer.data) == (200, b"")
        assert answer.headers["Content-Length"] == "1000"


@pytest.mark.parametrize("method", ["DELETE", "POST", "PUT", "OPTIONS"])
def test_another_method_is_405(client: Client, method: str) -> None:
    answer = ask(client, None, method=method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "name",
    [SHA, SHA + ".html", SHA + ".svg", SHA.upper() + ".mp4", SHA[:-1] + ".mp4", "0" * 64 + ".mp4", "../" + SHA + ".mp4",
     SHA + ".mp4/", SHA + ".mp4%0A", "", "%2e%2e/x.mp4", SHA + ".mp4.mp4"],
)  # fmt: skip
def test_only_the_name_of_a_rendition_opens_a_file(client: Client, name: str) -> None:
    answer = client.get("/media/" + name)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_a_link_or_folder_among_the_blobs_is_nothing(server: FakeInstallation) -> None:
    (server.root / "secret").write_text("no")
    (server.root / ("a" * 64)).symlink_to(server.root / "secret")
    (server.root / ("b" * 64)).mkdir()
    client = server.create_client()
    assert client.get(f"/media/{'a' * 64}.png").status_code == 404
    assert client.get(f"/media/{'b' * 64}.png").status_code == 404


def test_more_transfers_than_there_is_room_for_are_told_to_come_back(server: FakeInstallation) -> None:
    from signage.web.settings import WebConfig

    server.config = WebConfig(media_at_once=1)
    server.add_blob(DATA)
    client = server.create_client()
    under_way = client.get(PATH, buffered=False)
    answer = client.get(PATH)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    under_way.close()
    for _ in range(3):
        assert client.get(PATH).status_code == 200
        assert client.head(PATH).status_code == 200
        assert ask(client, "bytes=5000-").status_code == 416
        assert ask(client, None, If_None_Match="*").status_code == 304
