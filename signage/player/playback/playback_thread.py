"""The thread that shows: from the cached document and the clock to the driver and the plays.

Each round looks at the clock once, so that what is decided, shown and recorded belongs to one instant; its waits end
at the driver's next frame while something moves, at the end of the turn, and when a document switches.
"""

import math
import threading
from collections.abc import Callable
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec.structs import replace

from signage.player.clock import PlayerClock, Reading
from signage.player.health import Board, Trouble
from signage.player.media.images import Size
from signage.player.media.text_image import notice
from signage.player.playback.renderer import Stage
from signage.player.playback.state_machine import Cue, Machine
from signage.player.storage.cache import Cache, Held
from signage.player.storage.play_log import PlayStore, Shown
from signage.protocol.epoch import EPOCH, MS, from_ms, to_ms
from signage.protocol.playlist import Playlist

IDLE_S = 0.5
RETRY_S = 0.02
NOTICE_AFTER_S = 3.0
PREPARE_MS = 3000


class Show:
    """What is on the panel, round after round."""

    def __init__(
        self, cache: Cache, clock: PlayerClock, stage: Stage, plays: PlayStore, board: Board, size: Size
    ) -> None:
        self._cache, self._clock, self._stage, self._plays, self._board = cache, clock, stage, plays, board
        self._machine = Machine(stage.medium)
        self._zone: tuple[str, tzinfo] | None = None
        self._held: Held | None = None
        self._size = size
        self._noticed: float | None = None
        self.item: str | None = None
        self.beat = clock.steady()

    def round(self, frame_ms: float) -> float:
        """Show what is due now; the seconds until something is due again."""
        now = self._clock.reading()
        self.beat = now.steady
        held = self._cache.current
        if held is None:
            self._wait_for_a_document(now)
            return IDLE_S
        if held is not self._held:
            self._held = held
            self._zone = (held.playlist.timezone, zone_of(held.playlist))
        step = self._machine.step(held.shows, now)
        self._record(step.ended)
        self.item = step.cue.slot.item if step.cue.slot else None
        frame = frame_of(step.cue, now.at, frame_ms)
        cue = replace(step.cue, elapsed_ms=max(0, step.cue.elapsed_ms - (now.at - frame) // MS))
        try:
            if not self._stage.show(held.playlist, cue, frame.astimezone(self._tz)):
                self._machine.fail()
                return RETRY_S
        except Trouble as trouble:
            self._machine.fail()
            self._board.put("driver", trouble)
            return IDLE_S
        self._board.clear("driver")
        self._prepare(held, step.cue, now)
        return self._wait(step.cue, now, frame_ms)

    def notice(self, text: str) -> None:
        """A line of text on a panel that has nothing else yet."""
        at = self._clock.reading().at
        try:
            self._stage.notice(notice(text, self._size), at.astimezone(self._tz))
        except Trouble as trouble:
            self._board.put("driver", trouble)

    def _wait_for_a_document(self, now: Reading) -> None:
        """Something is on the panel even then; but a document that comes at once is not preceded by a flicker."""
        if self._noticed is None:
            self._noticed = now.steady + NOTICE_AFTER_S
        elif now.steady >= self._noticed:
            self._noticed = math.inf
            self.notice("...")

    def stop(self) -> None:
        """End what runs and let go of the panel."""
        now = self._clock.reading()
        self._record(self._machine.stop(now))
        self._stage.close(now.at.astimezone(self._tz))

    @property
    def _tz(self) -> tzinfo | None:
        return self._zone[1] if self._zone else None

    def _record(self, ended: tuple[Shown, ...]) -> None:
        for shown in ended:
            local = replace(shown, started_at=shown.started_at.astimezone(self._tz))
            if self._plays.add(local):
                self._board.clear("plays-disk")
            else:
                self._board.put("plays-disk", Trouble("no-room", "plays"))

    def _prepare(self, held: Held, cue: Cue, now: Reading) -> None:
        if cue.slot is None or cue.left_ms > PREPARE_MS:
            return
        following = self._machine.following(held.shows, cue, now)
        if following is not None:
            self._stage.prepare(held.playlist, following)

    def _wait(self, cue: Cue, now: Reading, frame_ms: float) -> float:
        passed_ms = (self._clock.steady() - now.steady) * 1000
        wait_ms = min(IDLE_S * 1000, float(cue.left_ms) - passed_ms)
        if cue.left_ms > PREPARE_MS:
            wait_ms = min(wait_ms, cue.left_ms - PREPARE_MS + 1)
        if self._stage.moves() and not cue.dark:
            at_ms = (now.at - EPOCH) / MS + passed_ms
            wait_ms = min(wait_ms, math.ceil((int(at_ms / frame_ms) + 1) * frame_ms) - at_ms)
        return max(0.0, wait_ms / 1000)


def frame_of(cue: Cue, at: datetime, frame_ms: float) -> datetime:
    """The instant of the frame that is due at *at*: the last beat of the frame rate, but never before the turn began.

    Beats are whole ms, rounded up, so that a strip of one column a frame moves by one column at each of them.

    So the same document gives the same pictures at the same instants, however late a thread woke up.
    """
    at_ms = to_ms(at)
    count = int(at_ms / frame_ms)
    beat_ms = math.ceil(count * frame_ms)
    if beat_ms > at_ms:
        beat_ms = math.ceil((count - 1) * frame_ms)
    beat = from_ms(beat_ms)
    return max(beat, cue.slot.start) if cue.slot and cue.slot.start <= at else beat


def zone_of(playlist: Playlist) -> tzinfo:
    """The screen's zone; the document's own offset where the machine does not know the zone."""
    try:
        return ZoneInfo(playlist.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return playlist.issued_at.tzinfo or datetime.now().astimezone().tzinfo or ZoneInfo("UTC")


def run_show(show: Show, frame_ms: float, wake: threading.Event, over: Callable[[], bool]) -> None:
    """Rounds until *over*; *wake* cuts a wait short."""
    while not over():
        wait = show.round(frame_ms)
        if wait > 0 and wake.wait(wait):
            wake.clear()
    show.stop()
