"""Corrects the start times of plays where the clock of their screen was wrong.

1. A clock sample of the screen (from its status) near the play, by the screen's clock, decides the offset.
2. Without one, a batch whose last play ended after its receipt comes from a clock that is ahead by that difference.
3. Without either, a time before 2020 comes from a clock that was not set: consecutive plays of that kind are moved to
   end before the next play of the run with a valid time, or before their receipt; pauses between them are preserved.
4. Otherwise the time is valid. A single play that ends after its receipt is moved to end at its receipt.
5. Every moved play is flagged; its own time is stored as sent.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from signage.protocol.epoch import to_ms
from signage.store.engine import Connection
from signage.store.plays import clock_samples
from signage.store.plays.plays import ReceivedPlay

TOLERANCE_MS = 5_000
SAMPLE_RANGE_MS = 86_400_000
MAX_AHEAD_MS = 2 * 86_400_000
LATE_RECEIPT_MS = 72 * 3_600_000
CLOCK_SET_SINCE_MS = to_ms(datetime(2020, 1, 1, tzinfo=UTC))
_MAX_UNSET_PLAYS = 20_000


def record_clock_sample(connection: Connection, screen: str, clock: str, at: datetime) -> bool:
    """Store what the screen's *clock* read at *at*; return False where it is unreadable or adds nothing."""
    try:
        read = datetime.fromisoformat(clock)
    except ValueError:
        return False
    return read.tzinfo is not None and clock_samples.record_sample(connection, screen, to_ms(read), to_ms(at))


@dataclass(frozen=True, slots=True)
class DatedPlay:
    """A play with its corrected start time and the flags of its clock."""

    play: ReceivedPlay
    corrected_ms: int
    flags: tuple[str, ...] = ()


@dataclass(slots=True)
class ScreenClock:
    """Knowledge of a screen's clock. *samples*: (clock, received) in ms; *batch_lags*: receipt → lag of that batch."""

    samples: Sequence[tuple[int, int]] = ()
    batch_lags: Mapping[int, int] = field(default_factory=dict)
    _samples_by_clock: list[tuple[int, int]] = field(init=False)
    _offset_cache: dict[tuple[int, int], int | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._samples_by_clock = sorted(self.samples)

    def get_offset_ms(self, started_ms: int, received_ms: int) -> int | None:
        """Return the offset to add to the screen's time by its samples (1); None where none is near."""
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
        clock, received = min(
            near, key=lambda sample: (abs(sample[1] - received_ms) // SAMPLE_RANGE_MS, abs(sample[0] - started_ms))
        )
        return received - clock


class DatedAnchor(NamedTuple):
    """A sealed play whose time was corrected before, as a reference for its neighbours."""

    seq: int
    started_ms: int
    duration_ms: int
    received_ms: int
    corrected_ms: int


SealedPlayLookup = Callable[[int], DatedAnchor | None]
"""Returns the next sealed play after a sequence number."""


def date_plays(
    plays: Iterable[ReceivedPlay], clock: ScreenClock, sealed: SealedPlayLookup | None = None
) -> Iterator[DatedPlay]:
    """Yield the plays of one run, ordered by number, each with its corrected time.

    *sealed* finds plays of the run that are not among *plays*: references for plays whose clock was not set.
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
    anchor = None if sealed is None else sealed(seq)
    return anchor if anchor is not None and (before is None or anchor.seq < before) else None


def _is_unset(anchor: DatedAnchor, clock: ScreenClock) -> bool:
    """Return whether the clock was not set for this play either (3)."""
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
    plays: Sequence[ReceivedPlay], next_ms: int | None, next_anchor: DatedAnchor | None = None
) -> list[DatedPlay]:
    dated: list[DatedPlay] = []
    after: ReceivedPlay | DatedAnchor | None = next_anchor
    bound = next_ms
    for play in reversed(plays):
        if bound is None:
            bound = play.received_ms
        pause = 0
        if after is not None:
            pause = after.started_ms - play.started_ms - play.duration_ms
            if not 0 <= pause < SAMPLE_RANGE_MS:  # the clock restarted between the two
                pause = 0
        bound = min(bound, play.received_ms) - pause - play.duration_ms
        dated.append(DatedPlay(play, max(bound, 0), ("clock-unset",)))
        after = play
    dated.reverse()
    return dated
