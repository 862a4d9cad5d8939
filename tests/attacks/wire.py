"""Raw connections, for clients that do not keep to the protocol."""

import socket
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse


def send(port: int, data: bytes = b"") -> socket.socket:
    """Connect and send *data*."""
    connection = socket.create_connection(("127.0.0.1", port), 10)
    if data:
        connection.sendall(data)
    return connection


def get_status(connection: socket.socket) -> int:
    """Return the status of the answer; 0 where the connection was closed without one."""
    try:
        head = connection.recv(64)
    except ConnectionError:
        return 0
    return int(head.split()[1]) if head else 0


def is_closed(connection: socket.socket) -> bool:
    """Whether the server has closed a connection on which nothing was answered."""
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def request(
    port: int, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> HTTPResponse:
    """Send a proper request on a connection of its own."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body, headers or {})
    return connection.getresponse()


def wait_for(true: Callable[[], bool], what: str) -> None:
    """Wait until *true()*; fail after 30 s."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.05)
