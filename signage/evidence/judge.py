"""Judges plays against the playlist that their screen had, never against the current rules.

1. ``not-shown``: the player reports the item as skipped, failed or preempted.
2. ``not-judged``: no playlist of that serial was published for that screen.
3. ``not-planned``: the item is not in the playlist, or not in the program of that time.
4. ``not-approved``: the item is in the playlist, but with other bytes than those shown.
5. ``cut``: in its slot, but ended before the slot (where the playlist cuts the item, that is its end).
6. ``late``: in its slot, but started after its start or ended after its end.
7. ``extra``: in its program, but outside its slots.
8. ``as-planned``: in its slot from start to end.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from signage.protocol.playback import NowShowing, PlaylistTimeline
from signage.protocol.playlist import Playlist
from signage.protocol.plays import SHOWN_RESULTS

Verdict = Literal["as-planned", "late", "cut", "extra", "not-planned", "not-approved", "not-shown", "not-judged"]
VERDICTS: tuple[Verdict, ...] = (
    "as-planned",
    "late",
    "cut",
    "extra",
    "not-planned",
    "not-approved",
    "not-shown",
    "not-judged",
)
TOLERANCE_MS = 2_000
PlaylistLookup = Callable[[str, int], Playlist | None]
"""Returns the playlist published for a screen under a serial; None where there is none."""


class PlayJudge:
    """Judges plays against published playlists, with a cache of the playlists used last."""

    def __init__(self, find_playlist: PlaylistLookup, cache_size: int = 64) -> None:
        self._find_playlist = find_playlist
        self._cache_size = cache_size
        self._timelines: OrderedDict[tuple[str, int], PlaylistTimeline | None] = OrderedDict()

    def get_timeline(self, screen: str, serial: int) -> PlaylistTimeline | None:
        """Return the timeline of the playlist of that screen and serial; None where there is none."""
        key = (screen, serial)
        if key in self._timelines:
            self._timelines.move_to_end(key)
            return self._timelines[key]
        playlist = self._find_playlist(screen, serial)
        timeline = None if playlist is None else PlaylistTimeline(playlist)
        self._timelines[key] = timeline
        if len(self._timelines) > self._cache_size:
            self._timelines.popitem(last=False)
        return timeline

    def get_verdict(
        self, screen: str, serial: int, item: str, sha256: str, at: datetime, duration_ms: int, result: str
    ) -> Verdict:
        """Return the verdict on a play that began at *at* (aware, corrected)."""
        return judge_play(self.get_timeline(screen, serial), item, sha256, at, duration_ms, result)

    def get_flags(self, screen: str, serial: int, item: str, sha256: str, at: datetime) -> tuple[str, ...]:
        """Return the flags of a play other than those of its clock."""
        timeline = self.get_timeline(screen, serial)
        if timeline is None:
            return ("unknown-serial",)
        playlist = timeline.playlist
        flags: list[str] = []
        if item not in playlist.items:
            flags.append("unknown-item")
        elif not _is_approved(playlist, item, sha256):
            flags.append("other-bytes")
        if at < playlist.issued_at - timedelta(milliseconds=TOLERANCE_MS):
            flags.append("before-issue")
        return tuple(flags)


def judge_play(
    timeline: PlaylistTimeline | None, item: str, sha256: str, at: datetime, duration_ms: int, result: str
) -> Verdict:
    """Return the verdict on a play by the timeline of its playlist (None: no such playlist)."""
    if result not in SHOWN_RESULTS:
        return "not-shown"
    if timeline is None:
        return "not-judged"
    playlist = timeline.playlist
    if item not in playlist.items:
        return "not-planned"
    if not _is_approved(playlist, item, sha256):
        return "not-approved"
    now = timeline.get_now_showing(at)
    if now.kind == "fallback":
        return _judge_in_fallback(playlist, item, duration_ms)
    early = timeline.get_now_showing(at + timedelta(milliseconds=TOLERANCE_MS))
    if early.item == item and early.kind == "program" and early.elapsed_ms <= TOLERANCE_MS:
        return _judge_in_slot(early, TOLERANCE_MS - early.elapsed_ms, duration_ms)
    if now.item == item:
        return _judge_in_slot(now, -now.elapsed_ms, duration_ms)
    program = now.program
    if program is not None and program.loop is not None and item in playlist.loops[program.loop].items:
        return "extra"
    return "not-planned"


def _judge_in_slot(slot: NowShowing, early_ms: int, duration_ms: int) -> Verdict:
    """*early_ms*: how long before the start of its slot the play began (negative: after)."""
    left_ms = slot.elapsed_ms + slot.remaining_ms + early_ms
    if duration_ms < left_ms - TOLERANCE_MS - max(early_ms, 0):
        return "cut"
    if early_ms < -TOLERANCE_MS or duration_ms > left_ms + TOLERANCE_MS:
        return "late"
    return "as-planned"


def _judge_in_fallback(playlist: Playlist, item: str, duration_ms: int) -> Verdict:
    if item not in playlist.fallback:
        return "not-planned"
    return "cut" if duration_ms < playlist.items[item].duration_ms - TOLERANCE_MS else "as-planned"


def _is_approved(playlist: Playlist, item: str, sha256: str) -> bool:
    media = playlist.items[item].media
    return not media or any(medium.sha256 == sha256 for medium in media)
