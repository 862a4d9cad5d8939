"""Aborts request bodies that stall, by shutting down their connections.

The server has no timeout for a body, and reading it cannot be interrupted: an answer while another thread still reads
blocks every thread of the process until the client disconnects. So a body is read in its request's thread, and the
connection of an overdue one is shut down from another thread, which ends the read.

The server does not expose the connection of a request. All connections from the same address that were idle in both
directions for the whole time are shut down: the stalled one, and perhaps an idle one, which its client opens again.
Connections are found through ``/proc``; on systems without it a proxy has to enforce the timeout.
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
    """One body being read: its address, the deadline of the next chunk (monotonic s), and whether it timed out."""

    address: str
    timeout_s: float
    deadline_s: float = 0.0
    timed_out: bool = False

    def reset_deadline(self) -> None:
        """Restart the deadline after a chunk."""
        self.deadline_s = time.monotonic() + self.timeout_s


class SlowBodyReaper:
    """Watches bodies being read and aborts those whose next chunk takes longer than *timeout_s*."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._watches: set[BodyWatch] = set()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def watch(self, environ: WSGIEnvironment) -> Iterator[BodyWatch]:
        """Watch the body of this request while it is read."""
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
    """Shut down this process's connections from *addresses* that were idle for *quiet_ms*."""
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
