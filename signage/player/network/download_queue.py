"""Download thread: fetches media in order of need; a completed set lets the next playlist take over."""

import threading

from signage.player.clock import PlayerClock
from signage.player.health import FaultBoard, NoSpaceError, PlayerError
from signage.player.network.downloads import MediaDownloader
from signage.player.network.http_client import ServerConnection
from signage.player.storage.cache import PlayerCache
from signage.protocol.playlist import PlaylistMedia

IDLE_S = 5.0
RETRY_DELAYS_S = (2.0, 5.0, 15.0, 30.0, 60.0)
DISK_FULL_DELAY_S = 60.0
SPACE_CHECK_DELAY_S = 5.0


class DownloadQueue:
    """Downloads for one cache. Set *wake_event* when a new playlist has arrived."""

    def __init__(self, cache: PlayerCache, connection: ServerConnection, clock: PlayerClock, board: FaultBoard) -> None:
        self._cache, self._clock, self._board = cache, clock, board
        self._downloader = MediaDownloader(cache, connection, lambda m: cache.is_missing(m, clock.read().at))
        self._not_before: dict[str, tuple[float, int]] = {}
        self.wake_event = threading.Event()

    def run_once(self) -> float:
        """Download the next medium that may be tried; return the seconds until the next attempt."""
        at = self._clock.read().at
        if self._cache.switch_if_ready(at):
            self._cache.clean_up(at)
        missing_media = self._cache.list_missing_media(at)
        self._board.clear_all_except("media ", frozenset(f"media {m.sha256}" for m in missing_media))
        steady = self._clock.steady()
        media = next((m for m in missing_media if self._not_before.get(m.sha256, (0.0, 0))[0] <= steady), None)
        if media is None:
            retry_delays = [
                self._not_before[m.sha256][0] - steady for m in missing_media if m.sha256 in self._not_before
            ]
            return max(0.05, min([IDLE_S, *retry_delays]))
        try:
            self._downloader.fetch(media, at)
        except PlayerError as error:
            self._postpone(media, error)
            return 0.0
        self._not_before.pop(media.sha256, None)
        self._board.clear(f"media {media.sha256}", f"show {media.sha256}")
        return 0.0

    def _postpone(self, media: PlaylistMedia, error: PlayerError) -> None:
        if error.code == "media-unwanted":
            return
        self._board.set_fault(f"media {media.sha256}", PlayerError(error.code, self._find_item_name(media)))
        failures = self._not_before.get(media.sha256, (0.0, 0))[1] + 1
        retry_delay_s = RETRY_DELAYS_S[min(failures, len(RETRY_DELAYS_S)) - 1]
        if isinstance(error, NoSpaceError):
            retry_delay_s = SPACE_CHECK_DELAY_S
        elif error.code in ("no-room", "media-differs"):
            retry_delay_s = DISK_FULL_DELAY_S
        self._not_before[media.sha256] = (self._clock.steady() + retry_delay_s, failures)

    def _find_item_name(self, media: PlaylistMedia) -> str:
        """Return the item that needs *media*, for the status message."""
        for h in (self._cache.pending, self._cache.current):
            for name, item in h.playlist.items.items() if h else ():
                if any(m.sha256 == media.sha256 for m in item.media):
                    return name
        return media.sha256[:12]
