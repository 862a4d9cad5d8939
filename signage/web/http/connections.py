"""Shuts down connections that hold resources without need; looks at all of this process once a second.

The server library bounds the time of a request's head. It has no limit for a body, none per address, and shows no
connection to a request; reading a body cannot be interrupted but by its connection's end. So the connections are taken
from ``/proc/self/fd`` and judged by the kernel's statistics (``TCP_INFO``); elsewhere a proxy has to do this.

1. A connection on which no byte ever came is shut down after *silent_s*.
2. An address has at most *per_address* connections; the silent ones beyond are shut down first, then those on which
   nothing came for the longest time. Trusted proxies are excepted: all their clients have their address.
3. While a body of an address takes longer than its timeout (``body_places``), each of that address's connections on
   which a request is unanswered and came more slowly than ``BodyRate`` is shut down. That may hit another request of
   the same address whose answer takes long; its client repeats it.
"""

import logging
import os
import socket
import struct
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from signage.loops import start_loop
from signage.web.http.body_places import BodyRate

_log = logging.getLogger(__name__)
_FD_FOLDER = "/proc/self/fd"
_TCP_INFO = getattr(socket, "TCP_INFO", None)
_TCP_INFO_BYTES = 136
_STATISTICS = struct.Struct("=44xI4xI72xQ")
"""Of ``struct tcp_info``: ``tcpi_last_data_sent``, ``tcpi_last_data_recv`` (ms) and ``tcpi_bytes_received``."""
_SENT_TOLERANCE_S = 0.5
RESERVED_DESCRIPTORS = 2048
"""Descriptors of a worker that are no connections: files being served, the database, uploads."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """*per_address*: connections of one address; *silent_s*: wait for the first byte; *exempt*: trusted addresses."""

    per_address: int
    silent_s: float
    exempt: Callable[[str], bool]


@dataclass(slots=True)
class Connection:
    """A connection as seen so far. *answered_s*: when an answer was sent last; *answered_bytes*: received by then."""

    fd: int
    address: str
    port: int
    is_served: bool
    seen_s: float
    answered_s: float
    answered_bytes: int = 0
    received_bytes: int = 0
    received_s: float = 0.0

    def update(self, statistics: bytes, now: float) -> None:
        """Take over the statistics of the kernel."""
        sent_ms, received_ms, self.received_bytes = _STATISTICS.unpack(statistics)
        self.received_s = now - received_ms / 1000
        if now - sent_ms / 1000 > self.answered_s + _SENT_TOLERANCE_S:
            self.answered_s, self.answered_bytes = now - sent_ms / 1000, self.received_bytes

    def is_slow(self, rate: BodyRate, now: float) -> bool:
        """Whether a request is unanswered on it and came more slowly than *rate* (rule 3)."""
        received = self.received_bytes - self.answered_bytes
        return received > 0 and now - max(self.answered_s, self.seen_s) > rate.get_allowed_s(received)


class ConnectionGuard:
    """Applies the rules. *list_slow_addresses*: the addresses of bodies beyond their timeout (rule 3)."""

    def __init__(self, limits: ConnectionLimits, rate: BodyRate, list_slow_addresses: Callable[[], set[str]]) -> None:
        self._limits, self._rate = limits, rate
        self._list_slow_addresses = list_slow_addresses
        self._connections: dict[int, Connection] = {}
        self._listening_ports: set[int] = set()

    @staticmethod
    def is_supported() -> bool:
        """Whether this system shows the connections of a process."""
        return _TCP_INFO is not None and os.path.isdir(_FD_FOLDER)  # noqa: PTH112

    def start(self) -> None:
        """Look once a second, in a thread."""
        if self.is_supported():
            interval_s = min(1.0, self._limits.silent_s / 2, self._rate.timeout_s / 2)
            start_loop("connections", lambda: self.check(time.monotonic()), interval_s)

    def check(self, now: float) -> None:
        """Look at all connections and shut down those that break a rule."""
        self._find_connections(now)
        connections = [connection for connection in self._connections.values() if connection.is_served]
        slow_addresses = self._list_slow_addresses()
        for connection in connections:
            is_silent = connection.received_bytes == 0 and now - connection.seen_s > self._limits.silent_s
            is_slow = connection.address in slow_addresses and connection.is_slow(self._rate, now)
            if is_silent or is_slow:
                self._shut_down(connection)
        for connection in self._list_excess(connections):
            self._shut_down(connection)

    def _list_excess(self, connections: Iterable[Connection]) -> list[Connection]:
        by_address: defaultdict[str, list[Connection]] = defaultdict(list)
        for connection in connections:
            by_address[connection.address].append(connection)
        excess: list[Connection] = []
        for address, of_address in by_address.items():
            over = len(of_address) - self._limits.per_address
            if over > 0 and not self._limits.exempt(address):
                of_address.sort(key=lambda connection: (connection.received_bytes > 0, connection.received_s))
                excess += of_address[:over]
        return excess

    def _find_connections(self, now: float) -> None:
        connections: dict[int, Connection] = {}
        for name in os.listdir(_FD_FOLDER):  # noqa: PTH208
            fd = int(name)
            try:
                connection = self._look_at(fd, now)
            except (OSError, ValueError):  # no internet socket, or closed by now
                continue
            if connection is not None:
                connections[fd] = connection
        self._connections = connections

    def _look_at(self, fd: int, now: float) -> Connection | None:
        assert _TCP_INFO is not None
        with _borrow_socket(fd) as borrowed:
            if borrowed.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                self._listening_ports.add(borrowed.getsockname()[1])
                return None
            address, port, *_ = borrowed.getpeername()
            connection = self._connections.get(fd)
            if connection is None or (connection.address, connection.port) != (address, port):
                is_served = borrowed.getsockname()[1] in self._listening_ports
                connection = Connection(fd, address, port, is_served, now, now)
            if connection.is_served:
                connection.update(borrowed.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _TCP_INFO_BYTES), now)
            return connection

    def _shut_down(self, connection: Connection) -> None:
        """Shut *connection* down, unless its descriptor belongs to another by now."""
        try:
            with socket.socket(socket.AF_INET, fileno=os.dup(connection.fd)) as copy:
                if copy.getpeername()[:2] == (connection.address, connection.port):
                    copy.shutdown(socket.SHUT_RDWR)
        except OSError:
            _log.debug("a connection from %s has closed by itself", connection.address)


class _borrow_socket:  # noqa: N801 (used like a function)
    """A socket object over a descriptor that stays open; no system call to find out the family."""

    def __init__(self, fd: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, fileno=fd)

    def __enter__(self) -> socket.socket:
        return self._socket

    def __exit__(self, *_: object) -> None:
        self._socket.detach()


def get_connection_limit(wanted: int) -> int:
    """Raise this process's limit of descriptors to what *wanted* connections need; return how many it allows."""
    if sys.platform == "win32":
        return wanted
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + RESERVED_DESCRIPTORS
    possible = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    if soft != resource.RLIM_INFINITY and soft < possible:
        resource.setrlimit(resource.RLIMIT_NOFILE, (possible, hard))
    return max(64, possible - RESERVED_DESCRIPTORS)
