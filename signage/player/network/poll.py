"""Poll once: request the playlist, verify the response, stage it beside the current one.

A refused playlist changes nothing on the panel: the status reports it, and further polls back off.
"""

import random
from datetime import UTC, datetime

from msgspec import Struct

from signage.player.clock import PlayerClock
from signage.player.health import FaultBoard, PlayerError
from signage.player.network import poll_timing as pace
from signage.player.network.http_client import HttpResponse, ServerConnection
from signage.player.storage.cache import Envelope, PlayerCache, VerifiedPlaylist, create_verified_playlist
from signage.player.storage.document_trust import DocumentTrust
from signage.player.storage.identity import ScreenIdentity
from signage.player.storage.play_log import PlayLog
from signage.protocol.signing import SIGNATURE_HEADER

PLAYLIST_PATH = "/screen/v1/playlist.json"
KEYS_PATH = "/screen/v1/keys.json"
DEFAULT_POLL_S = 30
_FAULT_CAUSE = "poll"


class PollResult(Struct, frozen=True):
    """Result of a poll: whether the server accepted the request, and the seconds until the next poll."""

    server_reached: bool
    next_poll_s: float
    has_new_playlist: bool = False


class PlaylistPoller:
    """Polls the playlist of one screen."""

    def __init__(
        self,
        connection: ServerConnection,
        cache: PlayerCache,
        trust: DocumentTrust,
        identity: ScreenIdentity,
        clock: PlayerClock,
        plays: PlayLog,
        board: FaultBoard,
        max_bytes: int,
        random_source: random.Random,
    ) -> None:
        self._connection, self._cache, self._trust, self._identity = connection, cache, trust, identity
        self._clock, self._plays, self._board, self._max_bytes, self._random = (
            clock,
            plays,
            board,
            max_bytes,
            random_source,
        )
        self._failures = 0

    def get_first_delay_s(self, uptime_s: float) -> float:
        """Return the seconds before the first poll."""
        newest = self._cache.newest
        return pace.get_first_poll_delay_s(newest.playlist.screen if newest else None, self._get_interval_s(), uptime_s)

    def poll_once(self) -> PollResult:
        """Poll now."""
        answer: HttpResponse | None = None
        try:
            newest = self._cache.newest
            headers = {"If-None-Match": newest.envelope.etag} if newest and newest.envelope.etag else {}
            answer = self._connection.get(PLAYLIST_PATH, headers, max_bytes=self._max_bytes, deadline_s=120.0)
            has_new_playlist = self._accept_response(answer, newest)
        except PlayerError as error:
            return self._handle_failure(error, answer)
        self._failures = 0
        self._board.clear(_FAULT_CAUSE)
        return PollResult(True, self._get_next_delay_s(), has_new_playlist)

    def _accept_response(self, answer: HttpResponse, newest: VerifiedPlaylist | None) -> bool:
        if answer.status == 304 and newest is not None:
            self._sync_clock(answer)
            return False
        if answer.status == 401:
            raise PlayerError("token-refused")
        if answer.status == 403:
            raise PlayerError("screen-revoked")
        if answer.status != 200:
            raise PlayerError("server-error", str(answer.status))
        header = answer.headers.get(SIGNATURE_HEADER.lower(), "")
        self._update_keys(header)
        known = self._identity.is_confirmed
        least_serial = newest.playlist.serial if newest and known else 0
        playlist = self._trust.verify_playlist(
            answer.body, header, self._identity.screen if known else None, least_serial
        )
        if not known and self._identity.screen not in (None, playlist.screen):
            self._cache.drop_playlists()
            self._plays.start_new_run()
            newest = None
        self._identity.confirm(playlist.screen)
        self._sync_clock(answer)
        key = self._trust.get_signing_key(answer.body, header)
        envelope = Envelope(header, answer.headers.get("etag", ""), key)
        if newest is not None and newest.document == answer.body:
            return False
        self._cache.stage(create_verified_playlist(answer.body, envelope, playlist))
        return True

    def _update_keys(self, header: str) -> None:
        """Fetch ``keys.json`` if the signature names an unknown key; if that fails the pinned keys count."""
        if not self._trust.needs_keys(header):
            return
        try:
            answer = self._connection.get(KEYS_PATH)
            if answer.status != 200:
                raise PlayerError("server-error", str(answer.status))
            self._trust.update_keys(answer.body, answer.headers.get(SIGNATURE_HEADER.lower(), ""), header)
        except PlayerError:
            if not self._trust.pinned_keys:
                raise
        except OSError as error:
            raise PlayerError("no-room", "keys") from error

    def _sync_clock(self, answer: HttpResponse) -> None:
        date = answer.get_date()
        if date is not None:
            self._clock.observe_server_date(date, answer.sent_s, answer.received_s)

    def _handle_failure(self, error: PlayerError, answer: HttpResponse | None) -> PollResult:
        self._failures += 1
        self._board.set_fault(_FAULT_CAUSE, error)
        wait = pace.get_backoff_s(self._failures, self._get_interval_s(), self._random)
        retry_after_s = (
            pace.parse_retry_after_s(answer.headers.get("retry-after"), _get_server_time(answer)) if answer else None
        )
        if retry_after_s is not None:
            wait = max(wait, retry_after_s) + self._random.uniform(0.0, min(10.0, retry_after_s / 10))
        return PollResult(answer is not None and answer.status in (200, 304), wait)

    def _get_interval_s(self) -> int:
        newest = self._cache.newest
        return max(1, newest.playlist.poll_seconds) if newest else DEFAULT_POLL_S

    def _get_next_delay_s(self) -> float:
        newest = self._cache.newest
        screen = newest.playlist.screen if newest else ""
        return pace.get_next_poll_delay_s(screen, self._get_interval_s(), self._clock.read().at.timestamp())


def _get_server_time(answer: HttpResponse) -> datetime:
    return answer.get_date() or datetime.now(UTC)
