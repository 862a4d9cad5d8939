"""What holds on the wire alone: cut bodies, stalled bodies, slow readers, old clients."""

import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from tests.web.granian import run_granian
from tests.web.support import TOKEN, FakeInstallation

DATA = bytes(range(256)) * 60_000
PLAYS = f"POST /s/{TOKEN}/plays HTTP/1.1\r\nHost: x\r\n".encode()


@pytest.fixture(scope="module")
def blob(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("blobs")
    return root / FakeInstallation(root).add_blob(DATA)


@pytest.fixture(scope="module")
def port(blob: Path) -> Iterator[int]:
    with run_granian("tests.web.wire_app:app", WIRE_BLOBS=str(blob.parent)) as found:
        yield found


def send(port: int, data: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), 8)
    connection.sendall(data)
    return connection


def status(connection: socket.socket) -> int:
    """The status of the answer; 0 where the connection was closed without one."""
    head = connection.recv(64)
    return int(head.split()[1]) if head else 0


def ask(port: int, method: str, path: str, body: bytes | None = None) -> HTTPResponse:
    connection = HTTPConnection("127.0.0.1", port, timeout=8)
    connection.request(method, path, body)
    return connection.getresponse()


def test_polls_carry_the_date_and_304_has_no_body(port: int) -> None:
    answer = ask(port, "GET", f"/s/{TOKEN}/playlist.json")
    assert answer.getheader("Date") and answer.getheader("Content-Length") == str(len(answer.read()))
    head = ask(port, "HEAD", f"/s/{TOKEN}/playlist.json")
    assert (head.getheader("Content-Length"), head.read()) == (answer.getheader("Content-Length"), b"")


def test_a_body_that_is_cut_is_not_acknowledged(port: int) -> None:
    connection = send(port, PLAYS + b'Content-Length: 100\r\n\r\n{"plays":[]}')
    connection.shutdown(socket.SHUT_WR)
    assert status(connection) == 400


def test_bodies_that_stall_are_given_up_and_never_hold_a_poll(port: int) -> None:
    stalled = [send(port, PLAYS + b'Content-Length: 100\r\n\r\n{"pl') for _ in range(20)]
    begun = time.monotonic()
    while time.monotonic() < begun + 2.5:
        assert ask(port, "GET", f"/s/{TOKEN}/playlist.json").status == 200
        time.sleep(0.2)
    answers = [status(connection) for connection in stalled]
    assert answers.count(503) == 16
    assert answers.count(0) == 4
    assert ask(port, "POST", f"/s/{TOKEN}/plays", b'{"plays":[]}').status == 200


def test_readers_that_have_gone_leave_their_place(port: int, blob: Path) -> None:
    path = f"/media/{blob.name}.mp4"
    slow = [send(port, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()) for _ in range(4)]
    assert [status(connection) for connection in slow] == [200] * 4
    assert ask(port, "GET", path).status == 503
    assert ask(port, "GET", f"/s/{TOKEN}/playlist.json").status == 200
    for connection in slow:
        connection.close()
    until = time.monotonic() + 5
    while ask(port, "HEAD", path).status == 503 and time.monotonic() < until:
        time.sleep(0.05)
    assert ask(port, "GET", path).read() == DATA


def test_those_that_speak_http_1_0_without_a_host_are_served(port: int) -> None:
    connection = send(port, f"GET /s/{TOKEN}/playlist.m3u8 HTTP/1.0\r\n\r\n".encode())
    answer = b""
    while piece := connection.recv(65536):
        answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b" 200 " in head and b"chunked" not in head.lower()
    assert f"content-length: {len(body)}".encode() in head.lower()
    assert f"\nhttp://127.0.0.1:{port}/media/".encode() in body


def test_a_body_may_be_chunked_or_announced(port: int) -> None:
    body = b'c\r\n{"plays":[]}\r\n0\r\n\r\n'
    assert status(send(port, PLAYS + b"Transfer-Encoding: chunked\r\n\r\n" + body)) == 200
    assert status(send(port, PLAYS + b"Content-Length: 2000000\r\n\r\n")) == 413
    connection = send(port, PLAYS + b"Expect: 100-continue\r\nContent-Length: 12\r\n\r\n")
    assert status(connection) == 100
    connection.sendall(b'{"plays":[]}')
    assert status(connection) == 200
