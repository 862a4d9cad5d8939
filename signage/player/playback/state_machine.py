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

    def __init__(self, find_rendition: Callable[[PlaylistTimeline, str], LocalRendition]) -> None:
        self._find_rendition = find_rendition
        self._running: _RunningPlay | None = None
        self._reported: PlaySlot | None = None
        self._last_step: tuple[PlaylistTimeline, ClockReading] | None = None

    def step(self, timeline: PlaylistTimeline, now: ClockReading) -> StepResult:
        """Return what shows at *now*, and the plays that have ended."""
        clock_set = now.is_synced or now.at >= timeline.playlist.issued_at
        now_showing = timeline.get_now_showing(now.at, clock_set=clock_set)
        ended: list[FinishedPlay] = []
        if now_showing.item is None:
            ended += self._end_play(now)
            self._last_step = (timeline, now)
            return StepResult(DisplayCommand(None, 0, now_showing.remaining_ms, dark=True), tuple(ended))
        due = _build_slot(timeline, now_showing, now.at)
        rendition = self._find_rendition(timeline, due.item)
        due = replace(due, sha256=rendition.sha256)
        slot: PlaySlot | None = due
        is_ready = rendition.availability == "ready" and not due.is_same_turn(self._reported)
        if not is_ready:
            slot, failed_play = self._find_fallback(timeline, due, rendition)
            ended += failed_play
        if slot is None:
            ended = [*self._end_play(now), *ended]
        elif self._running is not None and slot.is_same_turn(self._running.slot):
            self._running.slot = replace(self._running.slot, end=slot.end)
        else:
            ended = [*self._end_play(now), *self._list_skipped(timeline, slot, now), *ended]
            self._begin_play(slot, now)
        self._last_step = (timeline, now)
        elapsed = now_showing.elapsed_ms if is_ready else (now.at - due.start) // MS
        return StepResult(DisplayCommand(slot, max(0, elapsed), now_showing.remaining_ms), tuple(ended))

    def mark_failed(self) -> None:
        """Record that the current slot could not be rendered."""
        if self._running:
            self._running.failed = True

    def stop(self, now: ClockReading) -> tuple[FinishedPlay, ...]:
        """End the current play because the player stops."""
        return tuple(self._end_play(now))

    def find_next_slot(self, timeline: PlaylistTimeline, command: DisplayCommand, now: ClockReading) -> PlaySlot | None:
        """Return the slot after *command*, to be prepared ahead."""
        clock_set = now.is_synced or now.at >= timeline.playlist.issued_at
        at = now.at + max(1, command.remaining_ms) * MS
        now_showing = timeline.get_now_showing(at, clock_set=clock_set)
        if now_showing.item is None:
            return None
        slot = _build_slot(timeline, now_showing, at)
        return replace(slot, sha256=self._find_rendition(timeline, slot.item).sha256)

    def _begin_play(self, slot: PlaySlot, now: ClockReading) -> None:
        late = (now.at - slot.start) // MS
        on_time = late <= ON_TIME_TOLERANCE_MS
        started_at = slot.start if on_time else now.at
        started_s = now.steady - late / 1000 if on_time else now.steady
        self._running = _RunningPlay(slot, started_at, started_s, on_time)

    def _end_play(self, now: ClockReading) -> list[FinishedPlay]:
        running, self._running = self._running, None
        if running is None:
            return []
        slot = running.slot
        shown_ms = max(0, round((now.steady - running.started_s) * 1000))
        due = max(0, (slot.end - running.started_at) // MS)
        if abs(shown_ms - due) <= ON_TIME_TOLERANCE_MS:
            shown_ms = due
        if running.failed:
            return [_build_play(slot, running.started_at, 0, "failed")]
        if shown_ms <= 0:
            return []
        min_complete_ms = slot.item_duration_ms - max(
            ON_TIME_TOLERANCE_MS, min(COMPLETE_TOLERANCE_MS, slot.item_duration_ms // 8)
        )
        is_complete = slot.start == slot.began and shown_ms >= min_complete_ms
        return [_build_play(slot, running.started_at, shown_ms, "completed" if is_complete else "cut")]

    def _find_fallback(
        self, timeline: PlaylistTimeline, slot: PlaySlot, rendition: LocalRendition
    ) -> tuple[PlaySlot | None, list[FinishedPlay]]:
        """Return the fallback's slot in place of one that cannot be shown, and, once, the failed play."""
        failed_play: list[FinishedPlay] = []
        if not slot.is_same_turn(self._reported):
            self._reported = slot
            failed_play = [
                _build_play(slot, slot.start, 0, "skipped" if rendition.availability == "missing" else "failed")
            ]
            if self._running and self._running.slot.is_same_turn(slot):
                self._running = None  # it broke while it ran: one record is enough
        for name in timeline.playlist.fallback:
            fallback_rendition = self._find_rendition(timeline, name)
            if name != slot.item and fallback_rendition.availability == "ready":
                duration_ms = (slot.end - slot.start) // MS
                filler_slot = PlaySlot(
                    "instead",
                    name,
                    fallback_rendition.sha256,
                    slot.serial,
                    slot.start,
                    slot.start,
                    slot.end,
                    duration_ms,
                )
                return filler_slot, failed_play
        return None, failed_play

    def _list_skipped(self, timeline: PlaylistTimeline, slot: PlaySlot, now: ClockReading) -> list[FinishedPlay]:
        """List slots that passed entirely between two steps of one playlist and one continuous clock."""
        if self._last_step is None or self._last_step[0] is not timeline or slot.kind != "program":
            return []
        before = self._last_step[1]
        elapsed_s = now.steady - before.steady
        clock_step_s = abs((now.at - before.at).total_seconds() - elapsed_s)
        if elapsed_s > MAX_STALL_S or clock_step_s > 1.0:
            return []
        skipped_plays: list[FinishedPlay] = []
        now_showing = timeline.get_now_showing(before.at)
        at = before.at + now_showing.remaining_ms * MS
        while at < slot.start and len(skipped_plays) < MAX_SKIPPED:
            now_showing = timeline.get_now_showing(at)
            if now_showing.item is not None and now_showing.kind == "program":
                skipped_slot = _build_slot(timeline, now_showing, at)
                sha256 = self._find_rendition(timeline, skipped_slot.item).sha256
                skipped_plays.append(
                    _build_play(replace(skipped_slot, sha256=sha256), skipped_slot.start, 0, "skipped")
                )
            at += max(1, now_showing.remaining_ms) * MS
        return skipped_plays


def _build_slot(timeline: PlaylistTimeline, now_showing: NowShowing, at: datetime) -> PlaySlot:
    assert now_showing.item is not None
    playlist = timeline.playlist
    if now_showing.program is None:
        began = start = from_ms(now_showing.began_ms)
    else:
        began = now_showing.program.from_ + now_showing.began_ms * MS
        start = max(began, now_showing.program.from_)
    duration_ms = playlist.items[now_showing.item].duration_ms
    end = began + duration_ms * MS
    if now_showing.program is not None:
        end = min(end, now_showing.program.until)
    return PlaySlot(now_showing.kind, now_showing.item, "", playlist.serial, began, start, end, duration_ms)


def _build_play(slot: PlaySlot, started_at: datetime, duration_ms: int, result: PlayResult) -> FinishedPlay:
    return FinishedPlay(slot.item, slot.sha256, slot.serial, started_at, duration_ms, result)
