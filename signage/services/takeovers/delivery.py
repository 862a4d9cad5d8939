"""Derives takeover delivery from published playlists, never from timestamps.

1. A playlist shows a takeover where one of its programs is that takeover's.
2. A playlist contains the stop of a takeover where none of its programs shows the takeover beyond the stop.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from signage.model.takeover import Takeover
from signage.store.engine import Connection
from signage.store.playlists import PlaylistRow
from signage.store.takeovers import delivery, takeovers

TAKEOVER_HISTORY = timedelta(days=2)
"""How long after its end a takeover still takes part in publishing: every screen gets a new playlist every day."""

TakeoverEnds = Mapping[str, datetime]
"""Takeover id → until when a playlist shows the takeover."""


def record_published_takeovers(
    connection: Connection, at: datetime, playlists: Sequence[PlaylistRow], takeover_ends: Mapping[str, TakeoverEnds]
) -> None:
    """Record for each screen the first playlist that shows a takeover, and the first that contains its stop.

    *takeover_ends*: the sha256 of a playlist body → what it shows of takeovers.
    """
    recent = takeovers.list_takeovers(connection, at - TAKEOVER_HISTORY)
    if not recent:
        return
    stopped = [takeover for takeover in recent if takeover.ends_at < takeover.until]
    shown: list[tuple[str, str, int]] = []
    stops: list[tuple[str, str, int]] = []
    for playlist in playlists:
        ends = takeover_ends[playlist.body_sha256]
        shown += [(takeover_id, playlist.screen, playlist.serial) for takeover_id in ends]
        stops += [(t.id, playlist.screen, playlist.serial) for t in stopped if _contains_stop(ends, t)]
    delivery.on_takeover_published(connection, shown)
    delivery.on_stop_published(connection, stops)


def _contains_stop(ends: TakeoverEnds, takeover: Takeover) -> bool:
    return takeover.id not in ends or ends[takeover.id] <= takeover.ends_at
