"""One poll: ask for the playlist, judge what comes, keep it beside what shows.

A refusal changes nothing that shows: it stands in the status, and the next polls are further apart.
"""

import random
from datetime import UTC, datetime

from msgspec import Struct

from signage.player.clock import PlayerClock
from signage.player.health import Board, Trouble
from signage.player.network import poll_timing as pace
from signage.player.network.http_client import Answer, Connection
from signage.player.storage.cache import Cache, Envelope, Held, held
from signage.player.storage.document_trust import Trust
from signage.player.storage.identity import Identity
from signage.player.storage.play_log import PlayStore
from signage.protocol.signing import SIGNATURE_HEADER

PATH = "/screen/v1/playlist.json"
KEYS = "/screen/v1/keys.json"
DEFAULT_POLL_S = 30
_CAUSE = "poll"


class Polled(Struct, frozen=True):
    """How a poll went: whether the server is there for us, and in how many seconds to ask again."""

    reached: bool
    next_s: float
    new: bool = False


class Poll:
    """Polls for one screen."""

    def __init__(
        self, connection: Connection, cache: Cache, trust: Trust, identity: Identity, clock: PlayerClock,
        plays: PlayStore, board: Board, most_bytes: int, chance: random.Random,
    ) -> None:  # fmt: skip
        self._connection, self._cache, self._trust, self._identity = connection, cache, trust, identity
        self._clock, self._plays, self._board, self._most, self._chance = clock, plays, board, most_bytes, chance
        self._failures = 0

    def first_s(self, uptime_s: float) -> float:
        """Seconds before the first poll."""
        newest = self._cache.newest
        return pace.first_poll_s(newest.playlist.screen if newest else None, self._interval(), uptime_s)

    def once(self) -> Polled:
        """Poll now."""
        answer: Answer | None = None
        try:
            newest = self._cache.newest
            headers = {"If-None-Match": newest.envelope.etag} if newest and newest.envelope.etag else {}
            answer = self._connection.get(PATH, headers, most=self._most, deadline_s=120.0)
            new = self._take(answer, newest)
        except Trouble as trouble:
            return self._failed(trouble, answer)
        self._failures = 0
        self._board.clear(_CAUSE)
        return Polled(True, self._next_s(), new)

    def _take(self, answer: Answer, newest: Held | None) -> bool:
        if answer.status == 304 and newest is not None:
            self._heard(answer)
            return False
        if answer.status == 401:
            raise Trouble("token-refused")
        if answer.status == 403:
            raise Trouble("screen-revoked")
        if answer.status != 200:
            raise Trouble("server-error", str(answer.status))
        header = answer.headers.get(SIGNATURE_HEADER.lower(), "")
        self._learn_keys(header)
        known = self._identity.settled
        least = newest.playlist.serial if newest and known else 0
        playlist = self._trust.judge(answer.body, header, self._identity.screen if known else None, least)
        if not known and self._identity.screen not in (None, playlist.screen):
            self._cache.drop()
            self._plays.begin_anew()
            newest = None
        self._identity.settle(playlist.screen)
        self._heard(answer)
        key = self._trust.key_of(answer.body, header)
        envelope = Envelope(header, answer.headers.get("etag", ""), key)
        if newest is not None and newest.document == answer.body:
            return False
        self._cache.stage(held(answer.body, envelope, playlist))
        return True

    def _learn_keys(self, header: str) -> None:
        """Ask for the keys where this signature names one that is not known; without them the pinned ones count."""
        if not self._trust.needs_keys(header):
            return
        try:
            answer = self._connection.get(KEYS)
            if answer.status != 200:
                raise Trouble("server-error", str(answer.status))
            self._trust.learn(answer.body, answer.headers.get(SIGNATURE_HEADER.lower(), ""), header)
        except Trouble:
            if not self._trust.pinned:
                raise
        except OSError as error:
            raise Trouble("no-room", "keys") from error

    def _heard(self, answer: Answer) -> None:
        date = answer.date()
        if date is not None:
            self._clock.heard(date, answer.sent, answer.received)

    def _failed(self, trouble: Trouble, answer: Answer | None) -> Polled:
        self._failures += 1
        self._board.put(_CAUSE, trouble)
        wait = pace.back_off_s(self._failures, self._interval(), self._chance)
        asked = pace.retry_after_s(answer.headers.get("retry-after"), _now(answer)) if answer else None
        if asked is not None:
            wait = max(wait, asked) + self._chance.uniform(0.0, min(10.0, asked / 10))
        return Polled(answer is not None and answer.status in (200, 304), wait)

    def _interval(self) -> int:
        newest = self._cache.newest
        return max(1, newest.playlist.poll_seconds) if newest else DEFAULT_POLL_S

    def _next_s(self) -> float:
        newest = self._cache.newest
        screen = newest.playlist.screen if newest else ""
        return pace.next_poll_s(screen, self._interval(), self._clock.reading().at.timestamp())


def _now(answer: Answer) -> datetime:
    return answer.date() or datetime.now(UTC)
