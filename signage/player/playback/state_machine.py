"""Playback state machine: computes what shows now and the plays that have ended, from playlists and instants only.

1. The playlist alone decides what shows (``protocol.playback``); the state machine follows it.
2. One play per slot: an image that follows itself is a new play; a slot that continues in a newer playlist is one play.
3. ``completed``: shown completely, within 250 ms or an eighth of its duration. ``cut``: started late or ended early by
   the program's end, a new playlist, a clock step or the player's end; its duration is the time actually shown.
   ``skipped``: its time passed without it. ``failed``: tried, but could not be shown.
4. Starts and ends within 50 ms of their due instant, a few frames, are recorded as due.
5. If an item cannot be shown, the playlist's fallback fills its slot: black only where the playlist says so.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from signage.player.clock import ClockReading
from signage.player.storage.play_log import FinishedPlay
from signage.protocol.epoch import MS, from_ms
from signage.protocol.playback import NowShowing, PlaylistTimeline
from signage.protocol.plays import PlayResult

ON_TIME_TOLERANCE_MS = 50
COMPLETE_TOLERANCE_MS = 250
MAX_STALL_S = 600.0
MAX_SKIPPED = 200
Availability = Literal["ready", "missing", "broken"]


class LocalRendition(Struct, frozen=True):
    """Local state of an item: the sha256 of the rendition to show, and whether it can be shown."""

    sha256: str
    availability: Availability


class PlaySlot(Struct, frozen=True):
    """One slot of one item. *began*: due start of the item; *start*: when it started to show; *end*: its due end."""

    kind: str
    item: str
    sha256: str
    serial: int
    began: datetime
    start: datetime
    end: datetime
    item_duration_ms: int
    """Full duration of the item; a shorter slot is cut by its program."""

    def is_same_turn(self, other: "PlaySlot | None") -> bool:
        return (
            other is not None
            and (self.kind, self.item, self.sha256) == (other.kind, other.item, other.sha256)
            and abs(self.began - other.began) < MS
        )


class DisplayCommand(Struct, frozen=True):
    """What to show: *slot* at *elapsed_ms*, for *remaining_ms* more. Slot None: dark by schedule, or nothing."""

    slot: PlaySlot | None
    elapsed_ms: int
    remaining_ms: int
    dark: bool = False


class StepResult(Struct, frozen=True):
    command: DisplayCommand
    ended_plays: tuple[FinishedPlay, ...]


class _RunningPlay(Struct):
    slot: PlaySlot
    started_at: datetime
    started_s: float
    on_time: bool
    failed: bool = False


class PlaybackStateMachine:
    """Follows a playlist over time. *find_rendition* returns the local rendition of an item."""

    def __init__(self, medium: Callable[[PlaylistTimeline, str], LocalRendition]) -> None:
        self._find_rendition = medium
        self._running: _RunningPlay | None = None
        self._reported: PlaySlot | None = None
        self._last_step: tuple[PlaylistTimeline, ClockReading] | None = None

    def step(self, shows: PlaylistTimeline, now: ClockReading) -> StepResult:
        """Return what shows at *now*, and the plays that have ended."""
        clock_set = now.is_synced or now.at >= shows.playlist.issued_at
        turn = shows.get_now_showing(now.at, clock_set=clock_set)
        ended: list[FinishedPlay] = []
        if turn.item is None:
            ended += self._end_play(now)
            self._last_step = (shows, now)
            return StepResult(DisplayCommand(None, 0, turn.remaining_ms, dark=True), tuple(ended))
        due = _build_slot(shows, turn, now.at)
        medium = self._find_rendition(shows, due.item)
        due = replace(due, sha256=medium.sha256)
        slot: PlaySlot | None = due
        ready = medium.availability == "ready" and not due.is_same_turn(self._reported)
        if not ready:
            slot, told = self._find_fallback(shows, due, medium)
            ended += told
        if slot is None:
            ended = [*self._end_play(now), *ended]
        elif self._running is not None and slot.is_same_turn(self._running.slot):
            self._running.slot = replace(self._running.slot, end=slot.end)
        else:
            ended = [*self._end_play(now), *self._list_skipped(shows, slot, now), *ended]
            self._begin_play(slot, now)
        self._last_step = (shows, now)
        elapsed = turn.elapsed_ms if ready else (now.at - due.start) // MS
        return StepResult(DisplayCommand(slot, max(0, elapsed), turn.remaining_ms), tuple(ended))

    def mark_failed(self) -> None:
        """Record that the current slot could not be rendered."""
        if self._running:
            self._running.failed = True

    def stop(self, now: ClockReading) -> tuple[FinishedPlay, ...]:
        """End the current play because the player stops."""
        return tuple(self._end_play(now))

    def find_next_slot(self, shows: PlaylistTimeline, cue: DisplayCommand, now: ClockReading) -> PlaySlot | None:
        """Return the slot after *cue*, to be prepared ahead."""
        clock_set = now.is_synced or now.at >= shows.playlist.issued_at
        at = now.at + max(1, cue.remaining_ms) * MS
        turn = shows.get_now_showing(at, clock_set=clock_set)
        if turn.item is None:
            return None
        slot = _build_slot(shows, turn, at)
        return replace(slot, sha256=self._find_rendition(shows, slot.item).sha256)

    def _begin_play(self, slot: PlaySlot, now: ClockReading) -> None:
        late = (now.at - slot.start) // MS
        on_time = late <= ON_TIME_TOLERANCE_MS
        started_at = slot.start if on_time else now.at
        started = now.steady - late / 1000 if on_time else now.steady
        self._running = _RunningPlay(slot, started_at, started, on_time)

    def _end_play(self, now: ClockReading) -> list[FinishedPlay]:
        run, self._running = self._running, None
        if run is None:
            return []
        slot = run.slot
        shown = max(0, round((now.steady - run.started_s) * 1000))
        due = max(0, (slot.end - run.started_at) // MS)
        if abs(shown - due) <= ON_TIME_TOLERANCE_MS:
            shown = due
        if run.failed:
            return [_build_play(slot, run.started_at, 0, "failed")]
        if shown <= 0:
            return []
        least = slot.item_duration_ms - max(
            ON_TIME_TOLERANCE_MS, min(COMPLETE_TOLERANCE_MS, slot.item_duration_ms // 8)
        )
        whole = slot.start == slot.began and shown >= least
        return [_build_play(slot, run.started_at, shown, "completed" if whole else "cut")]

    def _find_fallback(
        self, shows: PlaylistTimeline, slot: PlaySlot, medium: LocalRendition
    ) -> tuple[PlaySlot | None, list[FinishedPlay]]:
        """Return the fallback's slot in place of one that cannot be shown, and, once, the failed play."""
        told: list[FinishedPlay] = []
        if not slot.is_same_turn(self._reported):
            self._reported = slot
            told = [_build_play(slot, slot.start, 0, "skipped" if medium.availability == "missing" else "failed")]
            if self._running and self._running.slot.is_same_turn(slot):
                self._running = None  # it broke while it ran: one record is enough
        for name in shows.playlist.fallback:
            other = self._find_rendition(shows, name)
            if name != slot.item and other.availability == "ready":
                whole = (slot.end - slot.start) // MS
                filler = PlaySlot("instead", name, other.sha256, slot.serial, slot.start, slot.start, slot.end, whole)
                return filler, told
        return None, told

    def _list_skipped(self, shows: PlaylistTimeline, slot: PlaySlot, now: ClockReading) -> list[FinishedPlay]:
        """List slots that passed entirely between two steps of one playlist and one continuous clock."""
        if self._last_step is None or self._last_step[0] is not shows or slot.kind != "program":
            return []
        before = self._last_step[1]
        gone = now.steady - before.steady
        jump = abs((now.at - before.at).total_seconds() - gone)
        if gone > MAX_STALL_S or jump > 1.0:
            return []
        found: list[FinishedPlay] = []
        turn = shows.get_now_showing(before.at)
        at = before.at + turn.remaining_ms * MS
        while at < slot.start and len(found) < MAX_SKIPPED:
            turn = shows.get_now_showing(at)
            if turn.item is not None and turn.kind == "program":
                passed = _build_slot(shows, turn, at)
                sha256 = self._find_rendition(shows, passed.item).sha256
                found.append(_build_play(replace(passed, sha256=sha256), passed.start, 0, "skipped"))
            at += max(1, turn.remaining_ms) * MS
        return found


def _build_slot(shows: PlaylistTimeline, turn: NowShowing, at: datetime) -> PlaySlot:
    assert turn.item is not None
    playlist = shows.playlist
    if turn.program is None:
        began = start = from_ms(turn.began_ms)
    else:
        began = turn.program.from_ + turn.began_ms * MS
        start = max(began, turn.program.from_)
    whole = playlist.items[turn.item].duration_ms
    end = began + whole * MS
    if turn.program is not None:
        end = min(end, turn.program.until)
    return PlaySlot(turn.kind, turn.item, "", playlist.serial, began, start, end, whole)


def _build_play(slot: PlaySlot, started_at: datetime, duration_ms: int, result: PlayResult) -> FinishedPlay:
    return FinishedPlay(slot.item, slot.sha256, slot.serial, started_at, duration_ms, result)
