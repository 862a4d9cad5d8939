"""Modification dates of the feeds: when each screen's current loop last changed.

``Last-Modified`` has a resolution of one second: it rises by at least one second with each change, since clients
without ``ETag`` must notice it. After a server start every loop counts as changed once.
"""

from datetime import datetime


class LoopDates:
    """The modification dates, in memory."""

    def __init__(self, started_at: datetime) -> None:
        self._started = int(started_at.timestamp())
        self._dates: dict[str, tuple[str, int]] = {}

    def get_last_modified(self, screen_id: str, key: str, floor: int) -> int:
        """Return the date (epoch s) of the loop *key*, which is not older than *floor*."""
        before = self._dates.get(screen_id)
        if before is not None and before[0] == key:
            return before[1]
        date = max(floor, self._started if before is None else before[1] + 1)
        self._dates[screen_id] = (key, date)
        return date
