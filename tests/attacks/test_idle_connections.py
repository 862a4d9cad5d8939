"""Connections without requests: silent ones, and more of them than one address should have (H3)."""

from tests.attacks.wire import is_closed, request, send, wait_for
from tests.web.support import TOKEN

POLL = f"/s/{TOKEN}/playlist.json"


def test_a_connection_on_which_nothing_comes_is_closed(wire_port):
    silent = send(wire_port)
    wait_for(lambda: is_closed(silent), "the silent connection is closed")


def test_more_connections_than_an_address_may_have_are_closed_and_polls_go_on(wire_port):
    busy = send(wire_port, f"GET {POLL} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    idle = [send(wire_port, b"GET / HTTP/1.1\r\n") for _ in range(120)]
    assert request(wire_port, "GET", POLL).status == 200
    wait_for(lambda: sum(is_closed(one) for one in idle) >= 80, "those beyond 40 are closed")
    assert request(wire_port, "GET", POLL).status == 200
    busy.close()


def test_thousands_of_idle_connections_do_not_stop_polls(running):
    idle = [send(running.port) for _ in range(4300)]
    assert running.get_playlist(running.token).status_code == 200
    wait_for(lambda: sum(is_closed(one) for one in idle) > 4000, "the silent ones are closed")
    assert running.get_playlist(running.token).status_code == 200
