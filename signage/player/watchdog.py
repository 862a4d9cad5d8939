"""The watchdog: a player whose picture stands still is ended, so that its service starts it again.

Under systemd it says that it lives (``sd_notify``), but only while the thread that shows does.
"""

import os
import socket
import threading
from collections.abc import Callable

EXIT_STUCK = 70
CHECK_INTERVAL_S = 5.0


def notify_service_manager(message: str, address: str | None = None) -> bool:
    """Tell the service manager, where there is one."""
    address = address if address is not None else os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    name = "\0" + address[1:] if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.sendto(message.encode(), name)
    except OSError:
        return False
    return True


class Watchdog:
    """Looks at a beat now and then. *stuck* is called once it has stood still for *limit_s*."""

    def __init__(
        self, beat: Callable[[], float], steady: Callable[[], float], limit_s: float, stuck: Callable[[], None]
    ) -> None:
        self._last_round_s, self._steady, self._limit_s, self._on_stuck = beat, steady, limit_s, stuck

    def check(self) -> bool:
        """One look; True where the picture lives."""
        if self._steady() - self._last_round_s() > self._limit_s:
            self._on_stuck()
            return False
        notify_service_manager("WATCHDOG=1")
        return True

    def run(self, stop: threading.Event) -> None:
        """Look until *stop* is set or the picture is stuck."""
        while not stop.wait(CHECK_INTERVAL_S):
            if not self.check():
                return


def exit_immediately() -> None:
    """End the process as it stands: threads that hang are not waited for."""
    os._exit(EXIT_STUCK)
