"""The thread that brings media: what is needed first comes first, and each arrival may let a new document show."""

import threading

from signage.player.clock import PlayerClock
from signage.player.health import Board, NoRoom, Trouble
from signage.player.network.downloads import Download
from signage.player.network.http_client import Connection
from signage.player.storage.cache import Cache
from signage.protocol.playlist import PlaylistMedia

IDLE_S = 5.0
PAUSES_S = (2.0, 5.0, 15.0, 30.0, 60.0)
FULL_PAUSE_S = 60.0
LOOK_AGAIN_S = 5.0


class Gather:
    """Downloads for one cache. *wake* is set when a new document came."""

    def __init__(self, cache: Cache, connection: Connection, clock: PlayerClock, board: Board) -> None:
        self._cache, self._clock, self._board = cache, clock, board
        self._download = Download(cache, connection, lambda m: cache.is_wanted(m, clock.reading().at))
        self._not_before: dict[str, tuple[float, int]] = {}
        self.wake = threading.Event()

    def once(self) -> float:
        """Bring the next medium that may be tried; the seconds until there may be more to do."""
        at = self._clock.reading().at
        if self._cache.switch(at):
            self._cache.tidy(at)
        wanted = self._cache.wanted(at)
        self._board.keep_only("media ", frozenset(f"media {m.sha256}" for m in wanted))
        steady = self._clock.steady()
        media = next((m for m in wanted if self._not_before.get(m.sha256, (0.0, 0))[0] <= steady), None)
        if media is None:
            waits = [self._not_before[m.sha256][0] - steady for m in wanted if m.sha256 in self._not_before]
            return max(0.05, min([IDLE_S, *waits]))
        try:
            self._download.fetch(media, at)
        except Trouble as trouble:
            self._put_off(media, trouble)
            return 0.0
        self._not_before.pop(media.sha256, None)
        self._board.clear(f"media {media.sha256}", f"show {media.sha256}")
        return 0.0

    def _put_off(self, media: PlaylistMedia, trouble: Trouble) -> None:
        if trouble.code == "media-unwanted":
            return
        self._board.put(f"media {media.sha256}", Trouble(trouble.code, self._name(media)))
        failures = self._not_before.get(media.sha256, (0.0, 0))[1] + 1
        pause = PAUSES_S[min(failures, len(PAUSES_S)) - 1]
        if isinstance(trouble, NoRoom):
            pause = LOOK_AGAIN_S
        elif trouble.code in ("no-room", "media-differs"):
            pause = FULL_PAUSE_S
        self._not_before[media.sha256] = (self._clock.steady() + pause, failures)

    def _name(self, media: PlaylistMedia) -> str:
        """The item that needs *media*, for the reader of the status."""
        for h in (self._cache.coming, self._cache.current):
            for name, item in h.playlist.items.items() if h else ():
                if any(m.sha256 == media.sha256 for m in item.media):
                    return name
        return media.sha256[:12]
