"""When each screen's loop of now last became another one.

``Last-Modified`` has steps of one second: it rises by one or more at each change, however close two changes are, since
those that never send a tag must not miss the second. After a start of the server everything counts as changed once.
"""

from datetime import datetime


class LoopDates:
    """The dates of the feeds, in memory."""

    def __init__(self, started_at: datetime) -> None:
        self._started = int(started_at.timestamp())
        self._dates: dict[str, tuple[str, int]] = {}

    def get_last_modified(self, screen_id: str, key: str, floor: int) -> int:
        """The date, in epoch s, of the loop *key*, which cannot be older than *floor*."""
        before = self._dates.get(screen_id)
        if before is not None and before[0] == key:
            return before[1]
        date = max(floor, self._started if before is None else before[1] + 1)
        self._dates[screen_id] = (key, date)
        return date
