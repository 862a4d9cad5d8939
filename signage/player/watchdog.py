"""Watchdog: ends a player whose playback hangs, so that its service restarts it.

Under systemd it sends the keep-alive (``sd_notify``) only while the playback thread is alive.
"""

import os
import socket
import threading
from collections.abc import Callable

EXIT_STUCK = 70
CHECK_INTERVAL_S = 5.0


def notify_service_manager(message: str, address: str | None = None) -> bool:
    """Send *state* to the service manager, if there is one."""
    address = address if address is not None else os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    name = "\0" + address[1:] if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify_socket:
            notify_socket.sendto(message.encode(), name)
    except OSError:
        return False
    return True


class Watchdog:
    """Checks a heartbeat periodically. *stuck* is called when it has not changed for *limit_s*."""

    def __init__(
        self, beat: Callable[[], float], steady: Callable[[], float], limit_s: float, stuck: Callable[[], None]
    ) -> None:
        self._last_round_s, self._steady, self._limit_s, self._on_stuck = beat, steady, limit_s, stuck

    def check(self) -> bool:
        """Check once; return True if playback is alive."""
        if self._steady() - self._last_round_s() > self._limit_s:
            self._on_stuck()
            return False
        notify_service_manager("WATCHDOG=1")
        return True

    def run(self, stop: threading.Event) -> None:
        """Check until *stop* is set or playback hangs."""
        while not stop.wait(CHECK_INTERVAL_S):
            if not self.check():
                return


def exit_immediately() -> None:
    """End the process at once: hanging threads are not joined."""
    os._exit(EXIT_STUCK)
