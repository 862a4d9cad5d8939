"""Bodies that stall or trickle, to take every place for a body: plays of known screens get through (H2, H4)."""

import socket
import threading

import pytest

from tests.attacks.wire import is_closed, request, send, wait_for
from tests.web.support import TOKEN

PLAYS = f"/s/{TOKEN}/plays"
STRANGER = b"POST /screen/v1/enrolments HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n"
SCREEN = f"POST {PLAYS} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n".encode()


def trickle(connections: list[socket.socket], stop: threading.Event) -> None:
    """Send one byte on each connection, again and again."""
    while not stop.wait(0.2):
        for connection in connections:
            try:
                connection.sendall(b" ")
            except OSError:
                continue


@pytest.mark.parametrize("head", [STRANGER, SCREEN], ids=["strangers", "a known screen"])
def test_trickling_bodies_end_at_their_deadline(wire_port, head):
    connections = [send(wire_port, head) for _ in range(3)]
    stop = threading.Event()
    sender = threading.Thread(target=trickle, args=(connections, stop))
    sender.start()
    try:
        wait_for(lambda: all(is_closed(one) for one in connections), "the trickling connections are closed")
    finally:
        stop.set()
        sender.join()
    assert request(wire_port, "POST", PLAYS, b'{"plays":[]}').status == 200


def test_strangers_never_take_the_places_of_screens(wire_port):
    """The server has 8 places; strangers get 2, so that screens keep theirs however many ask."""
    connections = [send(wire_port, STRANGER) for _ in range(30)]
    for _ in range(5):
        assert request(wire_port, "POST", PLAYS, b'{"plays":[]}').status == 200
    for connection in connections:
        connection.close()


def test_a_body_that_comes_slowly_but_steadily_is_read(wire_port):
    body = b'{"plays":[]}' + b" " * 30_000
    connection = send(wire_port, f"POST {PLAYS} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode())
    pause = threading.Event()
    for start in range(0, len(body), 1500):
        connection.sendall(body[start : start + 1500])
        pause.wait(0.1)
    assert b" 200 " in connection.recv(64)
