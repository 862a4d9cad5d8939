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

from signage.store.column_types import to_ms
from signage.store.engine import Connection
from signage.store.plays import clock_samples as clocks
from signage.store.plays.plays import Stored

TOLERANCE_MS = 5_000
NEAR_MS = 86_400_000
MOST_AHEAD_MS = 2 * 86_400_000
LATE_MS = 72 * 3_600_000
SET_AFTER_MS = to_ms(datetime(2020, 1, 1, tzinfo=UTC))
_LONGEST_STRETCH = 20_000


def observe(connection: Connection, screen: str, clock: str, at: datetime) -> bool:
    """Note what the screen said that its clock read when ours read *at*; False where that says nothing (new)."""
    try:
        read = datetime.fromisoformat(clock)
    except ValueError:
        return False
    return read.tzinfo is not None and clocks.observe(connection, screen, to_ms(read), to_ms(at))


@dataclass(frozen=True, slots=True)
class Dated:
    """A play with the time at which it really was, as well as it can be known, and what is odd about its clock."""

    play: Stored
    corrected_ms: int
    flags: tuple[str, ...] = ()


@dataclass(slots=True)
class Clocks:
    """What is known of one screen's clock. *observed*: (clock, received); *lags*: receipt → lag of that batch."""

    observed: Sequence[tuple[int, int]] = ()
    lags: Mapping[int, int] = field(default_factory=dict)
    _by_clock: list[tuple[int, int]] = field(init=False)
    _known: dict[tuple[int, int], int | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_clock = sorted(self.observed)

    def offset_ms(self, started_ms: int, received_ms: int) -> int | None:
        """What to add to the screen's time by its own observations (1); None where there is none near."""
        if not self._by_clock:
            return None
        key = (started_ms // 60_000, received_ms)
        if key not in self._known:
            if len(self._known) > 10_000:
                self._known.clear()
            self._known[key] = self._nearest(started_ms, received_ms)
        return self._known[key]

    def _nearest(self, started_ms: int, received_ms: int) -> int | None:
        low = bisect_left(self._by_clock, (started_ms - NEAR_MS, 0))
        high = bisect_right(self._by_clock, (started_ms + NEAR_MS, 1 << 62))
        near = self._by_clock[low:high]
        if not near:
            return None
        clock, received = min(near, key=lambda o: (abs(o[1] - received_ms) // NEAR_MS, abs(o[0] - started_ms)))
        return received - clock


class Anchor(NamedTuple):
    """A play that was dated before, by its number: its own time and length, its receipt, and when it really was."""

    seq: int
    started_ms: int
    duration_ms: int
    received_ms: int
    corrected_ms: int


Sealed = Callable[[int], Anchor | None]
"""The next play after a number, of those that were dated before (they are sealed)."""


def date(plays: Iterable[Stored], clock: Clocks, sealed: Sealed | None = None) -> Iterator[Dated]:
    """The plays of one run, in the order of their numbers, each with the time at which it really was.

    *sealed* finds the plays of the run that are not among *plays*: those whose clock was not set lean on them too.
    """
    unset: list[Stored] = []
    for play in plays:
        if unset and play.seq > unset[-1].seq + 1 and (between := _between(sealed, unset[-1].seq, play.seq)):
            yield from _stretch(unset, between.corrected_ms, between if _is_unset(between, clock) else None)
            unset = []
        dated = _date_one(play, clock)
        if dated is None:
            unset.append(play)
            if len(unset) >= _LONGEST_STRETCH:
                yield from _stretch(unset, None)
                unset = []
            continue
        if unset:
            yield from _stretch(unset, dated.corrected_ms)
            unset = []
        yield dated
    if unset:
        after = _between(sealed, unset[-1].seq, None)
        chained = after if after is not None and _is_unset(after, clock) else None
        yield from _stretch(unset, None if after is None else after.corrected_ms, chained)


def _between(sealed: Sealed | None, seq: int, before: int | None) -> Anchor | None:
    found = None if sealed is None else sealed(seq)
    return found if found is not None and (before is None or found.seq < before) else None


def _is_unset(anchor: Anchor, clock: Clocks) -> bool:
    """Whether its own time said nothing, so that it stands in a stretch itself (3)."""
    return anchor.started_ms < SET_AFTER_MS and clock.offset_ms(anchor.started_ms, anchor.received_ms) is None


def _date_one(play: Stored, clock: Clocks) -> Dated | None:
    late = ("received-late",) if play.received_ms - play.started_ms - play.duration_ms > LATE_MS else ()
    offset = clock.offset_ms(play.started_ms, play.received_ms)
    if offset is not None:
        if abs(offset) <= TOLERANCE_MS and play.started_ms >= SET_AFTER_MS:
            return _not_after_receipt(play, play.started_ms, late)
        flag = "clock-unset" if play.started_ms < SET_AFTER_MS else "clock-ahead" if offset < 0 else "clock-behind"
        return _not_after_receipt(play, play.started_ms + offset, (flag,))
    lag = clock.lags.get(play.received_ms, 0)
    if -MOST_AHEAD_MS <= lag < -TOLERANCE_MS:
        return _not_after_receipt(play, play.started_ms + lag, ("clock-ahead",))
    if play.started_ms < SET_AFTER_MS:
        return None
    return _not_after_receipt(play, play.started_ms, late)


def _not_after_receipt(play: Stored, corrected_ms: int, flags: tuple[str, ...]) -> Dated:
    if corrected_ms + play.duration_ms > play.received_ms + TOLERANCE_MS:
        return Dated(play, max(play.received_ms - play.duration_ms, 0), (*flags, "future"))
    return Dated(play, corrected_ms, flags)


def _stretch(plays: Sequence[Stored], next_ms: int | None, next_: Anchor | None = None) -> list[Dated]:
    found: list[Dated] = []
    after: Stored | Anchor | None = next_
    bound = next_ms
    for play in reversed(plays):
        if bound is None:
            bound = play.received_ms
        pause = 0
        if after is not None:
            pause = after.started_ms - play.started_ms - play.duration_ms
            if not 0 <= pause < NEAR_MS:  # the clock began anew between the two
                pause = 0
        bound = min(bound, play.received_ms) - pause - play.duration_ms
        found.append(Dated(play, max(bound, 0), ("clock-unset",)))
        after = play
    found.reverse()
    return found
