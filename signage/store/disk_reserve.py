"""The free disk space below which nothing more is taken in, so that what was taken in can still be worked on."""

import shutil
from pathlib import Path

from signage.clock import Clock

_CHECK_INTERVAL_S = 1.0


class DiskReserve:
    """Free space of *folder* that intake leaves; looked at once a second at most."""

    def __init__(self, folder: Path, reserve_bytes: int, clock: Clock) -> None:
        self._folder, self._reserve_bytes, self._clock = folder, reserve_bytes, clock
        self._checked_s: float | None = None
        self._free_bytes = 0

    @property
    def reserve_mb(self) -> int:
        """The reserve in MB, for messages."""
        return self._reserve_bytes >> 20

    def has_room(self) -> bool:
        """Whether more is free than the reserve."""
        now = self._clock.monotonic()
        if self._checked_s is None or now - self._checked_s >= _CHECK_INTERVAL_S:
            self._checked_s, self._free_bytes = now, shutil.disk_usage(self._folder).free
        return self._free_bytes > self._reserve_bytes
