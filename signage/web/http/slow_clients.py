"""Request bodies that stall are given up by closing their connection.

The server has no time-out for a body, and reading it cannot be broken off from within: an answer that is given while
another thread still reads holds every thread of the process until the client goes. So a body is read in its own
request's thread, and one that is overdue has its connection shut down from beside, which ends the reading.

The server does not tell which connection a request came by. Shut down are those from the same address on which for
the whole time nothing came and nothing went: the one that stalls, and perhaps an idle one that its client opens anew.
Connections are found through ``/proc``; where that is not there, a proxy in front has to do it.
"""

import contextlib
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from signage.web.http.wsgi import WSGIEnvironment

_FD_FOLDER = "/proc/self/fd"
_TCP_INFO = getattr(socket, "TCP_INFO", None)
_LAST_SENT, _LAST_RECEIVED = 44, 52


@dataclass(slots=True, eq=False)
class BodyWatch:
    """One body under way: from where, until when (monotonic s) the next piece is due, whether it was given up."""

    address: str
    timeout_s: float
    deadline_s: float = 0.0
    timed_out: bool = False

    def reset_deadline(self) -> None:
        """A piece came: the next has its own time."""
        self.deadline_s = time.monotonic() + self.timeout_s


class SlowBodyReaper:
    """Watches bodies under way and gives up those whose next piece takes longer than *timeout_s*."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._watches: set[BodyWatch] = set()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def watch(self, environ: WSGIEnvironment) -> Iterator[BodyWatch]:
        """While a body of this request is read."""
        watch = BodyWatch(str(environ.get("REMOTE_ADDR", "")), self._timeout_s)
        watch.reset_deadline()
        with self._lock:
            self._watches.add(watch)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="stalled", daemon=True)
                self._thread.start()
        self._wake.set()
        try:
            yield watch
        finally:
            with self._lock:
                self._watches.discard(watch)

    def _run(self) -> None:
        while True:
            self._wake.wait()
            with self._lock:
                if not self._watches:
                    self._wake.clear()
                    continue
            time.sleep(min(1.0, self._timeout_s / 2))
            self._close_overdue(time.monotonic())

    def _close_overdue(self, now: float) -> None:
        with self._lock:
            overdue = [watch for watch in self._watches if watch.deadline_s <= now]
        for watch in overdue:
            watch.timed_out = True
        if overdue:
            shut_down_idle_connections({watch.address for watch in overdue}, int(self._timeout_s * 900))


def shut_down_idle_connections(addresses: set[str], quiet_ms: int) -> None:
    """Shut down this process's connections from *addresses* on which for *quiet_ms* nothing came or went."""
    if _TCP_INFO is None or not os.path.isdir(_FD_FOLDER):  # noqa: PTH112
        return
    for name in os.listdir(_FD_FOLDER):  # noqa: PTH208
        with contextlib.suppress(OSError, ValueError):
            if os.readlink(f"{_FD_FOLDER}/{name}").startswith("socket:"):  # noqa: PTH115
                _shut_down_if_idle(int(name), addresses, quiet_ms)


def _shut_down_if_idle(fd: int, addresses: set[str], quiet_ms: int) -> None:
    assert _TCP_INFO is not None
    with socket.socket(fileno=os.dup(fd)) as connection:
        if connection.family not in (socket.AF_INET, socket.AF_INET6):
            return
        if connection.getpeername()[0] not in addresses:
            return
        tcp_info = connection.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, 104)
        sent, received = (struct.unpack_from("=I", tcp_info, at)[0] for at in (_LAST_SENT, _LAST_RECEIVED))
        if min(sent, received) >= quiet_ms:
            connection.shutdown(socket.SHUT_RDWR)
