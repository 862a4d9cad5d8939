"""Protocols that nobody asked for: HTTP/2 in clear text, whose broken streams once held every place for a body (H2)."""

from tests.attacks.wire import get_status, request, send

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = bytes.fromhex("000000040000000000")
UPGRADE = (
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n"
    b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
)


def test_http_2_is_not_spoken(running):
    connection = send(running.port, PREFACE + SETTINGS)
    answer = connection.recv(64)
    assert answer == b"" or answer.startswith(b"HTTP/1.")
    assert get_status(send(running.port, UPGRADE)) == 200


def test_broken_h2_connections_leave_every_place_free(running):
    broken = [send(running.port, PREFACE + SETTINGS) for _ in range(60)]
    for connection in broken:
        connection.close()
    answer = request(
        running.port, "POST", "/screen/v1/plays", b'{"plays":[]}', {"Authorization": f"Bearer {running.token}"}
    )
    assert answer.status == 200
    assert running.is_ready()
