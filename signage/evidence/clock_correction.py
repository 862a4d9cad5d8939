"""When a play really was: the screen's own time, put right where its clock was wrong.

1. What the screen said its clock read (in its status), near the play by the screen's own reckoning, decides.
2. Else a batch whose last play ended after we received it comes from a clock that is ahead by at least that much.
3. Else a time before 2020 is a clock that was not set: the stretch of such plays is put before the next play of the
   run whose time is good, or before its own receipt, with the pauses between the plays kept.
4. Else the time stands. A single play that ended after its receipt is put right before it.
5. Every play whose time was moved is flagged, and its own time stays beside.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from signage.protocol.epoch import to_ms
from signage.store.engine import Connection
from signage.store.plays import clock_samples as clocks
from signage.store.plays.plays import ReceivedPlay

TOLERANCE_MS = 5_000
SAMPLE_RANGE_MS = 86_400_000
MAX_AHEAD_MS = 2 * 86_400_000
LATE_RECEIPT_MS = 72 * 3_600_000
CLOCK_SET_SINCE_MS = to_ms(datetime(2020, 1, 1, tzinfo=UTC))
_MAX_UNSET_PLAYS = 20_000


def record_clock_sample(connection: Connection, screen: str, clock: str, at: datetime) -> bool:
    """Note what the screen said that its clock read when ours read *at*; False where that says nothing (new)."""
    try:
        read = datetime.fromisoformat(clock)
    except ValueError:
        return False
    return read.tzinfo is not None and clocks.record_sample(connection, screen, to_ms(read), to_ms(at))


@dataclass(frozen=True, slots=True)
class DatedPlay:
    """A play with the time at which it really was, as well as it can be known, and what is odd about its clock."""

    play: ReceivedPlay
    corrected_ms: int
    flags: tuple[str, ...] = ()


@dataclass(slots=True)
class ScreenClock:
    """What is known of one screen's clock. *observed*: (clock, received); *lags*: receipt → lag of that batch."""

    samples: Sequence[tuple[int, int]] = ()
    batch_lags: Mapping[int, int] = field(default_factory=dict)
    _samples_by_clock: list[tuple[int, int]] = field(init=False)
    _offset_cache: dict[tuple[int, int], int | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._samples_by_clock = sorted(self.samples)

    def get_offset_ms(self, started_ms: int, received_ms: int) -> int | None:
        """What to add to the screen's time by its own observations (1); None where there is none near."""
        if not self._samples_by_clock:
            return None
        key = (started_ms // 60_000, received_ms)
        if key not in self._offset_cache:
            if len(self._offset_cache) > 10_000:
                self._offset_cache.clear()
            self._offset_cache[key] = self._find_nearest_offset(started_ms, received_ms)
        return self._offset_cache[key]

    def _find_nearest_offset(self, started_ms: int, received_ms: int) -> int | None:
        low = bisect_left(self._samples_by_clock, (started_ms - SAMPLE_RANGE_MS, 0))
        high = bisect_right(self._samples_by_clock, (started_ms + SAMPLE_RANGE_MS, 1 << 62))
        near = self._samples_by_clock[low:high]
        if not near:
            return None
        clock, received = min(near, key=lambda o: (abs(o[1] - received_ms) // SAMPLE_RANGE_MS, abs(o[0] - started_ms)))
        return received - clock


class DatedAnchor(NamedTuple):
    """A play that was dated before, by its number: its own time and length, its receipt, and when it really was."""

    seq: int
    started_ms: int
    duration_ms: int
    received_ms: int
    corrected_ms: int


SealedPlayLookup = Callable[[int], DatedAnchor | None]
"""The next play after a number, of those that were dated before (they are sealed)."""


def date_plays(
    plays: Iterable[ReceivedPlay], clock: ScreenClock, sealed: SealedPlayLookup | None = None
) -> Iterator[DatedPlay]:
    """The plays of one run, in the order of their numbers, each with the time at which it really was.

    *sealed* finds the plays of the run that are not among *plays*: those whose clock was not set lean on them too.
    """
    unset: list[ReceivedPlay] = []
    for play in plays:
        if (
            unset
            and play.seq > unset[-1].seq + 1
            and (between := _find_sealed_between(sealed, unset[-1].seq, play.seq))
        ):
            yield from _date_unset_plays(unset, between.corrected_ms, between if _is_unset(between, clock) else None)
            unset = []
        dated = _date_play(play, clock)
        if dated is None:
            unset.append(play)
            if len(unset) >= _MAX_UNSET_PLAYS:
                yield from _date_unset_plays(unset, None)
                unset = []
            continue
        if unset:
            yield from _date_unset_plays(unset, dated.corrected_ms)
            unset = []
        yield dated
    if unset:
        after = _find_sealed_between(sealed, unset[-1].seq, None)
        chained = after if after is not None and _is_unset(after, clock) else None
        yield from _date_unset_plays(unset, None if after is None else after.corrected_ms, chained)


def _find_sealed_between(sealed: SealedPlayLookup | None, seq: int, before: int | None) -> DatedAnchor | None:
    found = None if sealed is None else sealed(seq)
    return found if found is not None and (before is None or found.seq < before) else None


def _is_unset(anchor: DatedAnchor, clock: ScreenClock) -> bool:
    """Whether its own time said nothing, so that it stands in a stretch itself (3)."""
    return anchor.started_ms < CLOCK_SET_SINCE_MS and clock.get_offset_ms(anchor.started_ms, anchor.received_ms) is None


def _date_play(play: ReceivedPlay, clock: ScreenClock) -> DatedPlay | None:
    late = ("received-late",) if play.received_ms - play.started_ms - play.duration_ms > LATE_RECEIPT_MS else ()
    offset = clock.get_offset_ms(play.started_ms, play.received_ms)
    if offset is not None:
        if abs(offset) <= TOLERANCE_MS and play.started_ms >= CLOCK_SET_SINCE_MS:
            return _limit_to_receipt(play, play.started_ms, late)
        flag = (
            "clock-unset" if play.started_ms < CLOCK_SET_SINCE_MS else "clock-ahead" if offset < 0 else "clock-behind"
        )
        return _limit_to_receipt(play, play.started_ms + offset, (flag,))
    lag = clock.batch_lags.get(play.received_ms, 0)
    if -MAX_AHEAD_MS <= lag < -TOLERANCE_MS:
        return _limit_to_receipt(play, play.started_ms + lag, ("clock-ahead",))
    if play.started_ms < CLOCK_SET_SINCE_MS:
        return None
    return _limit_to_receipt(play, play.started_ms, late)


def _limit_to_receipt(play: ReceivedPlay, corrected_ms: int, flags: tuple[str, ...]) -> DatedPlay:
    if corrected_ms + play.duration_ms > play.received_ms + TOLERANCE_MS:
        return DatedPlay(play, max(play.received_ms - play.duration_ms, 0), (*flags, "future"))
    return DatedPlay(play, corrected_ms, flags)


def _date_unset_plays(
    plays: Sequence[ReceivedPlay], next_ms: int | None, next_: DatedAnchor | None = None
) -> list[DatedPlay]:
    found: list[DatedPlay] = []
    after: ReceivedPlay | DatedAnchor | None = next_
    bound = next_ms
    for play in reversed(plays):
        if bound is None:
            bound = play.received_ms
        pause = 0
        if after is not None:
            pause = after.started_ms - play.started_ms - play.duration_ms
            if not 0 <= pause < SAMPLE_RANGE_MS:  # the clock began anew between the two
                pause = 0
        bound = min(bound, play.received_ms) - pause - play.duration_ms
        found.append(DatedPlay(play, max(bound, 0), ("clock-unset",)))
        after = play
    found.reverse()
    return found
