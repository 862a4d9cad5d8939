"""Virtual screen: polls at its phase of the interval, accepts playlists, sends the plays of its loop."""

import asyncio
import gzip
import random
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from signage.bench.load_test.connection import AsyncHttpConnection, LoadTestResponse, RequestError
from signage.bench.load_test.metrics import LoadMetrics
from signage.player.health import PlayerError
from signage.player.network import poll_timing as pace
from signage.player.storage.document_trust import parse_playlist
from signage.protocol.epoch import MS
from signage.protocol.playback import PlaylistTimeline
from signage.protocol.playlist import Playlist
from signage.protocol.plays import MAX_BATCH_PLAYS, Play, PlayBatchMessage
from signage.protocol.signing import SIGNATURE_HEADER, find_verifying_key

_SIGNATURE_HEADER = SIGNATURE_HEADER.lower()


class VirtualScreen:
    """State of a screen between polls, kept small: the playlist itself is stored only while plays are made from it."""

    def __init__(
        self, server: str, name: str, token: str, tally: LoadMetrics, pinned: Mapping[str, bytes], plays: bool
    ) -> None:
        self.name, self._metrics, self._pinned_keys, self._sends_plays = name, tally, pinned, plays
        self.connection = AsyncHttpConnection(server, token)
        self._random = random.Random(name)
        self._etag, self._serial, self._interval = "", -1, 30
        self._timeline: PlaylistTimeline | None = None
        self._run_id, self._seq = f"fleet-{time.time_ns():x}", 0
        self._played_until = datetime.now(UTC)
        self._unsent: list[Play] = []
        self.awaits_new_playlist = False
        self.failures = 0

    def get_first_delay_s(self, interval: int) -> float:
        """Return the delay of the first poll: the screen's phase, so that the load is steady from the start."""
        return pace.get_next_poll_delay_s(self.name, interval, time.time()) % interval

    async def poll(self, start: float) -> float:
        """Poll once and send what is due; return the seconds until the next poll."""
        more = f"If-None-Match: {self._etag}\r\n" if self._etag else ""
        try:
            reply = await self.connection.request("GET", "/screen/v1/playlist.json", more)
        except RequestError as failed:
            return self._handle_failure(start, failed.kind)
        now = asyncio.get_running_loop().time() - start
        if reply.status not in (200, 304):
            self._metrics.record_response(now, reply.took_s, "error", reply.size)
            return self._handle_failure(start, f"status {reply.status}", reply)
        self._metrics.record_response(now, reply.took_s, "unchanged" if reply.status == 304 else "document", reply.size)
        if reply.status == 200 and not self._accept_playlist(reply, now):
            return self._handle_failure(start, "refused")
        self.failures = 0
        if self._sends_plays:
            await self._send_plays(start)
        return pace.get_next_poll_delay_s(self.name, self._interval, time.time())

    def _accept_playlist(self, reply: LoadTestResponse, now_s: float) -> bool:
        if (
            self._pinned_keys
            and find_verifying_key(reply.body, reply.headers.get(_SIGNATURE_HEADER, ""), self._pinned_keys) is None
        ):
            return False
        try:
            playlist = parse_playlist(reply.body)
        except PlayerError:
            return False
        if playlist.screen != self.name or playlist.serial < self._serial:
            return False
        changed = playlist.serial > self._serial >= 0
        self._etag, self._serial = reply.headers.get("etag", ""), playlist.serial
        self._interval = max(1, playlist.poll_seconds)
        self._timeline = PlaylistTimeline(_keep_current_programs(playlist)) if self._sends_plays else None
        if changed and self.awaits_new_playlist and self._metrics.action_at_s is not None:
            self._metrics.staleness_s.append(now_s - self._metrics.action_at_s)
            self.awaits_new_playlist = False
        return True

    async def _send_plays(self, start: float) -> None:
        self._make_plays(datetime.now(UTC))
        if not self._unsent:
            return
        body = msgspec.json.encode(PlayBatchMessage(tuple(self._unsent[:MAX_BATCH_PLAYS]), self._run_id))
        more = "Content-Type: application/json\r\n"
        if len(body) > 600:
            body, more = gzip.compress(body, 6), more + "Content-Encoding: gzip\r\n"
        try:
            reply = await self.connection.request("POST", "/screen/v1/plays", more, body)
        except RequestError as failed:
            self._metrics.record_failure(asyncio.get_running_loop().time() - start, failed.kind)
            return
        now = asyncio.get_running_loop().time() - start
        if reply.status != 200:
            self._metrics.record_response(now, reply.took_s, "error", reply.size)
            self._metrics.errors[f"plays {reply.status}"] += 1
            return
        self._metrics.record_response(now, reply.took_s, "plays", reply.size)
        self._metrics.counts["plays sent"] += len(self._unsent[:MAX_BATCH_PLAYS])
        del self._unsent[:MAX_BATCH_PLAYS]

    def _make_plays(self, until: datetime) -> None:
        """Build the plays that ended since the last poll, as a player with a correct clock would have recorded them."""
        shows = self._timeline
        while shows is not None and self._played_until < until and len(self._unsent) < MAX_BATCH_PLAYS:
            turn = shows.get_now_showing(self._played_until)
            end = self._played_until + max(1, turn.remaining_ms) * MS
            if end > until:
                return
            if turn.item is not None:
                item = shows.playlist.items[turn.item]
                begun = self._played_until - min(turn.elapsed_ms, 10_000_000) * MS
                whole = turn.elapsed_ms + turn.remaining_ms >= item.duration_ms
                self._seq += 1
                sha256 = item.media[0].sha256 if item.media else ""
                self._unsent.append(
                    Play(
                        self._seq, turn.item, sha256, self._serial, begun.isoformat(timespec="milliseconds"),
                        turn.elapsed_ms + turn.remaining_ms, "completed" if whole else "cut",
                    )
                )  # fmt: skip
            self._played_until = end

    def _handle_failure(self, start: float, kind: str, reply: LoadTestResponse | None = None) -> float:
        self.failures += 1
        if reply is None:
            self._metrics.record_failure(asyncio.get_running_loop().time() - start, kind)
        else:
            self._metrics.errors[kind] += 1
        wait = pace.get_backoff_s(self.failures, self._interval, self._random)
        asked = pace.parse_retry_after_s(reply.headers.get("retry-after"), datetime.now(UTC)) if reply else None
        return max(wait, asked or 0.0)


def _keep_current_programs(playlist: Playlist) -> Playlist:
    """Keep the programs within the run: seven days of thousands of screens would exhaust the memory."""
    now = datetime.now(UTC)
    near = tuple(p for p in playlist.programs if p.until > now - timedelta(hours=1))[:4]
    loops = {p.loop: playlist.loops[p.loop] for p in near if p.loop is not None}
    names = {name for loop in loops.values() for name in loop.items} | set(playlist.fallback)
    items = {name: playlist.items[name] for name in names}
    return msgspec.structs.replace(playlist, programs=near, loops=loops, items=items)
