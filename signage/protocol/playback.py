"""Playback rule: what a playlist shows at an instant, decided by the playlist alone.

The rule (contract, "The playlist document"): in a program the position is
``(t - from + phase_ms) mod loop_ms``; at ``until`` the running item is cut. Before the first program, after
``expires_at``, and with a clock that is not set, ``fallback`` shows in a loop.
"""

from bisect import bisect_right
from datetime import datetime
from itertools import accumulate
from typing import Literal

from msgspec import Struct

from signage.protocol.epoch import MS, to_ms
from signage.protocol.playlist import Playlist, Program

NowShowingKind = Literal["program", "dark", "fallback"]


class NowShowing(Struct, frozen=True):
    """What shows: *item* (None when dark) at *entry* of its loop, *elapsed_ms* after its start.

    *began_ms* is the item's start in ms from *program*'s ``from`` (negative if a phase puts it before; for fallback
    counted from the Unix epoch). *remaining_ms* is how long it still shows, cut at the program's end.
    """

    kind: NowShowingKind
    item: str | None
    program: Program | None
    entry: int
    position_ms: int
    elapsed_ms: int
    remaining_ms: int
    began_ms: int


class PlaylistTimeline:
    """Index of a playlist for repeated look-ups: bisection over programs and over each loop's entries."""

    def __init__(self, playlist: Playlist) -> None:
        self.playlist = playlist
        self._program_starts = [p.from_ for p in playlist.programs]
        self._entry_ends = {
            name: list(accumulate(playlist.items[i].duration_ms for i in loop.items))
            for name, loop in playlist.loops.items()
        }
        self._fallback_ends = list(accumulate(playlist.items[i].duration_ms for i in playlist.fallback))

    def get_now_showing(self, at: datetime, *, clock_set: bool = True) -> NowShowing:
        """Return what shows at the instant *at* (aware)."""
        playlist = self.playlist
        index = bisect_right(self._program_starts, at) - 1
        if not clock_set or index < 0 or at >= playlist.programs[index].until:
            return self._get_fallback(at)
        program = playlist.programs[index]
        since = (at - program.from_) // MS
        remaining_ms = -((at - program.until) // MS)
        if program.loop is None:
            return NowShowing("dark", None, program, 0, 0, since, remaining_ms, 0)
        loop = playlist.loops[program.loop]
        position = (since + program.phase_ms) % loop.loop_ms
        entry, elapsed, remaining = _find_entry(self._entry_ends[program.loop], position)
        return NowShowing(
            "program",
            loop.items[entry],
            program,
            entry,
            position,
            elapsed,
            min(remaining, remaining_ms),
            since - elapsed,
        )

    def _get_fallback(self, at: datetime) -> NowShowing:
        since = to_ms(at)
        ends = self._fallback_ends
        position = since % ends[-1]
        entry, elapsed, remaining = _find_entry(ends, position)
        item = self.playlist.fallback[entry]
        return NowShowing("fallback", item, None, entry, position, elapsed, remaining, since - elapsed)


def _find_entry(ends: list[int], position: int) -> tuple[int, int, int]:
    entry = bisect_right(ends, position)
    begin = ends[entry - 1] if entry else 0
    return entry, position - begin, ends[entry] - position


def get_now_showing(playlist: Playlist, at: datetime, *, clock_set: bool = True) -> NowShowing:
    """Return what *playlist* shows at *at* (``PlaylistTimeline`` for repeated look-ups)."""
    return PlaylistTimeline(playlist).get_now_showing(at, clock_set=clock_set)
