"""One screen of a fleet: polls at its own place in the interval, takes documents, sends the plays of its loop."""

import asyncio
import gzip
import random
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from signage.bench.load_test.connection import Failed, Line, Reply
from signage.bench.load_test.metrics import Tally
from signage.player.health import Trouble
from signage.player.network import poll_timing as pace
from signage.player.storage.document_trust import read
from signage.protocol.epoch import MS
from signage.protocol.playback import PlaylistTimeline
from signage.protocol.playlist import Playlist
from signage.protocol.plays import MAX_BATCH_PLAYS, Play, PlayBatchMessage
from signage.protocol.signing import SIGNATURE_HEADER, find_verifying_key

_SIGNATURE = SIGNATURE_HEADER.lower()


class Screen:
    """A screen's state between polls, kept small: the document itself only while plays are made from it."""

    def __init__(
        self, server: str, name: str, token: str, tally: Tally, pinned: Mapping[str, bytes], plays: bool
    ) -> None:
        self.name, self._tally, self._pinned, self._plays = name, tally, pinned, plays
        self.line = Line(server, token)
        self._chance = random.Random(name)
        self._etag, self._serial, self._interval = "", -1, 30
        self._shows: PlaylistTimeline | None = None
        self._run, self._seq = f"fleet-{time.time_ns():x}", 0
        self._played_to = datetime.now(UTC)
        self._unsent: list[Play] = []
        self.waits_for_new = False
        self.failures = 0

    def first_s(self, interval: int) -> float:
        """When in the first interval it comes: at its own place, so that the run is steady from its beginning."""
        return pace.next_poll_s(self.name, interval, time.time()) % interval

    async def poll(self, start: float) -> float:
        """One poll and what belongs to it; the seconds to the next."""
        more = f"If-None-Match: {self._etag}\r\n" if self._etag else ""
        try:
            reply = await self.line.ask("GET", "/screen/v1/playlist.json", more)
        except Failed as failed:
            return self._failed(start, failed.kind)
        now = asyncio.get_running_loop().time() - start
        if reply.status not in (200, 304):
            self._tally.answered(now, reply.took_s, "error", reply.size)
            return self._failed(start, f"status {reply.status}", reply)
        self._tally.answered(now, reply.took_s, "unchanged" if reply.status == 304 else "document", reply.size)
        if reply.status == 200 and not self._take(reply, now):
            return self._failed(start, "refused")
        self.failures = 0
        if self._plays:
            await self._send_plays(start)
        return pace.next_poll_s(self.name, self._interval, time.time())

    def _take(self, reply: Reply, now_s: float) -> bool:
        if self._pinned and find_verifying_key(reply.body, reply.headers.get(_SIGNATURE, ""), self._pinned) is None:
            return False
        try:
            playlist = read(reply.body)
        except Trouble:
            return False
        if playlist.screen != self.name or playlist.serial < self._serial:
            return False
        changed = playlist.serial > self._serial >= 0
        self._etag, self._serial = reply.headers.get("etag", ""), playlist.serial
        self._interval = max(1, playlist.poll_seconds)
        self._shows = PlaylistTimeline(_only_today(playlist)) if self._plays else None
        if changed and self.waits_for_new and self._tally.act_at_s is not None:
            self._tally.staleness_s.append(now_s - self._tally.act_at_s)
            self.waits_for_new = False
        return True

    async def _send_plays(self, start: float) -> None:
        self._make_plays(datetime.now(UTC))
        if not self._unsent:
            return
        body = msgspec.json.encode(PlayBatchMessage(tuple(self._unsent[:MAX_BATCH_PLAYS]), self._run))
        more = "Content-Type: application/json\r\n"
        if len(body) > 600:
            body, more = gzip.compress(body, 6), more + "Content-Encoding: gzip\r\n"
        try:
            reply = await self.line.ask("POST", "/screen/v1/plays", more, body)
        except Failed as failed:
            self._tally.failed(asyncio.get_running_loop().time() - start, failed.kind)
            return
        now = asyncio.get_running_loop().time() - start
        if reply.status != 200:
            self._tally.answered(now, reply.took_s, "error", reply.size)
            self._tally.errors[f"plays {reply.status}"] += 1
            return
        self._tally.answered(now, reply.took_s, "plays", reply.size)
        self._tally.counts["plays sent"] += len(self._unsent[:MAX_BATCH_PLAYS])
        del self._unsent[:MAX_BATCH_PLAYS]

    def _make_plays(self, until: datetime) -> None:
        """The turns that ended since the last time, as a player with a right clock would have recorded them."""
        shows = self._shows
        while shows is not None and self._played_to < until and len(self._unsent) < MAX_BATCH_PLAYS:
            turn = shows.get_now_showing(self._played_to)
            end = self._played_to + max(1, turn.remaining_ms) * MS
            if end > until:
                return
            if turn.item is not None:
                item = shows.playlist.items[turn.item]
                begun = self._played_to - min(turn.elapsed_ms, 10_000_000) * MS
                whole = turn.elapsed_ms + turn.remaining_ms >= item.duration_ms
                self._seq += 1
                sha256 = item.media[0].sha256 if item.media else ""
                self._unsent.append(
                    Play(
                        self._seq, turn.item, sha256, self._serial, begun.isoformat(timespec="milliseconds"),
                        turn.elapsed_ms + turn.remaining_ms, "completed" if whole else "cut",
                    )
                )  # fmt: skip
            self._played_to = end

    def _failed(self, start: float, kind: str, reply: Reply | None = None) -> float:
        self.failures += 1
        if reply is None:
            self._tally.failed(asyncio.get_running_loop().time() - start, kind)
        else:
            self._tally.errors[kind] += 1
        wait = pace.back_off_s(self.failures, self._interval, self._chance)
        asked = pace.retry_after_s(reply.headers.get("retry-after"), datetime.now(UTC)) if reply else None
        return max(wait, asked or 0.0)


def _only_today(playlist: Playlist) -> Playlist:
    """The programs that a run of the fleet can meet: seven days of thousands of screens would fill the memory."""
    now = datetime.now(UTC)
    near = tuple(p for p in playlist.programs if p.until > now - timedelta(hours=1))[:4]
    loops = {p.loop: playlist.loops[p.loop] for p in near if p.loop is not None}
    names = {name for loop in loops.values() for name in loop.items} | set(playlist.fallback)
    items = {name: playlist.items[name] for name in names}
    return msgspec.structs.replace(playlist, programs=near, loops=loops, items=items)
