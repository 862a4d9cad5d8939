"""Playback loop: takes the current playlist and the clock, drives the panel, and records plays.

Each round reads the clock once, so that decision, display and play record share one instant. A wait ends at the
driver's next frame while something moves, at the end of the slot, and when the playlist changes.
"""

import math
import threading
from collections.abc import Callable
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec.structs import replace

from signage.player.clock import ClockReading, PlayerClock
from signage.player.health import FaultBoard, PlayerError
from signage.player.media.images import Size
from signage.player.media.text_image import draw_text
from signage.player.playback.renderer import Renderer
from signage.player.playback.state_machine import DisplayCommand, PlaybackStateMachine
from signage.player.storage.cache import PlayerCache, VerifiedPlaylist
from signage.player.storage.play_log import FinishedPlay, PlayLog
from signage.protocol.epoch import EPOCH, MS, from_ms, to_ms
from signage.protocol.playlist import Playlist

IDLE_S = 0.5
RETRY_S = 0.02
PLACEHOLDER_DELAY_S = 3.0
PREPARE_AHEAD_MS = 3000


class PlaybackLoop:
    """Decides and renders what the panel shows, round after round, in the caller's thread."""

    def __init__(
        self,
        cache: PlayerCache,
        clock: PlayerClock,
        renderer: Renderer,
        play_log: PlayLog,
        board: FaultBoard,
        size: Size,
    ) -> None:
        self._cache, self._clock, self._renderer, self._plays, self._board = cache, clock, renderer, play_log, board
        self._state_machine = PlaybackStateMachine(renderer.find_rendition)
        self._zone: tuple[str, tzinfo] | None = None
        self._current_playlist: VerifiedPlaylist | None = None
        self._size = size
        self._placeholder_due_s: float | None = None
        self.current_item: str | None = None
        self.last_round_s = clock.steady()

    def run_once(self, frame_ms: float) -> float:
        """Show what is due now; return the seconds until the next round."""
        now = self._clock.read()
        self.last_round_s = now.steady
        current = self._cache.current
        if current is None:
            self._show_placeholder(now)
            return IDLE_S
        if current is not self._current_playlist:
            self._current_playlist = current
            self._zone = (current.playlist.timezone, get_timezone(current.playlist))
        step = self._state_machine.step(current.timeline, now)
        self._record_plays(step.ended_plays)
        self.current_item = step.command.slot.item if step.command.slot else None
        frame = get_frame_instant(step.command, now.at, frame_ms)
        command = replace(step.command, elapsed_ms=max(0, step.command.elapsed_ms - (now.at - frame) // MS))
        try:
            if not self._renderer.render(current.playlist, command, frame.astimezone(self._timezone)):
                self._state_machine.mark_failed()
                return RETRY_S
        except PlayerError as error:
            self._state_machine.mark_failed()
            self._board.set_fault("driver", error)
            return IDLE_S
        self._board.clear("driver")
        self._prepare_next(current, step.command, now)
        return self._get_wait_s(step.command, now, frame_ms)

    def show_text(self, text: str) -> None:
        """Show a line of text on a panel without a playlist."""
        at = self._clock.read().at
        try:
            self._renderer.show_image(draw_text(text, self._size), at.astimezone(self._timezone))
        except PlayerError as error:
            self._board.set_fault("driver", error)

    def _show_placeholder(self, now: ClockReading) -> None:
        """Show a placeholder after a delay, so that a playlist that arrives at once is not preceded by a flicker."""
        if self._placeholder_due_s is None:
            self._placeholder_due_s = now.steady + PLACEHOLDER_DELAY_S
        elif now.steady >= self._placeholder_due_s:
            self._placeholder_due_s = math.inf
            self.show_text("...")

    def stop(self) -> None:
        """End the current play and close the panel."""
        now = self._clock.read()
        self._record_plays(self._state_machine.stop(now))
        self._renderer.close(now.at.astimezone(self._timezone))

    @property
    def _timezone(self) -> tzinfo | None:
        return self._zone[1] if self._zone else None

    def _record_plays(self, ended_plays: tuple[FinishedPlay, ...]) -> None:
        for play in ended_plays:
            local_play = replace(play, started_at=play.started_at.astimezone(self._timezone))
            if self._plays.add_play(local_play):
                self._board.clear("plays-disk")
            else:
                self._board.set_fault("plays-disk", PlayerError("no-room", "plays"))

    def _prepare_next(self, current: VerifiedPlaylist, command: DisplayCommand, now: ClockReading) -> None:
        if command.slot is None or command.remaining_ms > PREPARE_AHEAD_MS:
            return
        next_slot = self._state_machine.find_next_slot(current.timeline, command, now)
        if next_slot is not None:
            self._renderer.prepare(current.playlist, next_slot)

    def _get_wait_s(self, command: DisplayCommand, now: ClockReading, frame_ms: float) -> float:
        elapsed_ms = (self._clock.steady() - now.steady) * 1000
        wait_ms = min(IDLE_S * 1000, float(command.remaining_ms) - elapsed_ms)
        if command.remaining_ms > PREPARE_AHEAD_MS:
            wait_ms = min(wait_ms, command.remaining_ms - PREPARE_AHEAD_MS + 1)
        if self._renderer.is_animated() and not command.dark:
            at_ms = (now.at - EPOCH) / MS + elapsed_ms
            wait_ms = min(wait_ms, math.ceil((int(at_ms / frame_ms) + 1) * frame_ms) - at_ms)
        return max(0.0, wait_ms / 1000)


def get_frame_instant(command: DisplayCommand, at: datetime, frame_ms: float) -> datetime:
    """Return the instant of the frame due at *at*: the last multiple of the frame time, but not before the slot starts.

    Frame instants are whole milliseconds, rounded up, so that a strip of one column per frame moves by one column each.
    The same playlist gives the same images at the same instants, however late the thread wakes up.
    """
    at_ms = to_ms(at)
    count = int(at_ms / frame_ms)
    beat_ms = math.ceil(count * frame_ms)
    if beat_ms > at_ms:
        beat_ms = math.ceil((count - 1) * frame_ms)
    beat = from_ms(beat_ms)
    return max(beat, command.slot.start) if command.slot and command.slot.start <= at else beat


def get_timezone(playlist: Playlist) -> tzinfo:
    """Return the screen's time zone; the offset of the playlist if the machine does not know the zone."""
    try:
        return ZoneInfo(playlist.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return playlist.issued_at.tzinfo or datetime.now().astimezone().tzinfo or ZoneInfo("UTC")


def run_playback(loop: PlaybackLoop, frame_ms: float, wake: threading.Event, is_over: Callable[[], bool]) -> None:
    """Run rounds until *is_over* returns True; *wake* ends a wait early."""
    while not is_over():
        wait = loop.run_once(frame_ms)
        if wait > 0 and wake.wait(wait):
            wake.clear()
    loop.stop()
