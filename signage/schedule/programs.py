"""From what is live to the programs of a playlist document (contract, "The playlist document").

1. No program spans a local midnight of the screen's zone; neighbours with equal loops and reasons are one otherwise.
2. ``phase_ms`` is 0 where a program begins by the rules.
3. A program shorter than its loop begins each day at an item further on: entry ⌊frac(d · φ) · entries⌋ in whole
   numbers, d the ordinal of its local date, so that its items take turns over the days.
4. Where a takeover covered a program's beginning or cut it in two, the phase is what the clock makes it: as if the
   program had run on beneath.

So the programs are laid out for whole local days and without takeovers first, whatever the instant at which somebody
looks, and each takeover is laid over those before it: two documents compiled at different instants agree wherever
both speak.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from signage.model.screen import Screen
from signage.protocol.epoch import MS
from signage.schedule.live_content import LiveContent, Rotation
from signage.schedule.priority import LengthByItem
from signage.schedule.resolve import ContentInterval, list_intervals_without_takeovers, list_takeover_intervals
from signage.schedule.rotation.rotation_cache import RotationCache
from signage.schedule.snapshot import ScheduleSnapshot
from signage.schedule.timezones import list_local_days

_GOLDEN_RATIO_64 = 11_400_714_819_323_198_485
_WORD_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class PlannedProgram:
    """A program, before it has a name: *rotation* None is dark by order. *live* is what made it."""

    from_: datetime
    until: datetime
    rotation: Rotation | None
    phase_ms: int
    why: str
    live: LiveContent

    def get_position_ms(self, at: datetime) -> int:
        """Where in the loop the program is at the instant *at*."""
        assert self.rotation is not None
        return ((at - self.from_) // MS + self.phase_ms) % self.rotation.loop_ms


def plan_programs(
    installation: ScheduleSnapshot,
    screen: Screen,
    lengths: LengthByItem,
    begin: datetime,
    end: datetime,
    loops: RotationCache,
) -> tuple[PlannedProgram, ...]:
    """The programs of *screen* from the one that holds *begin* to *end*, without gap or overlap.

    The first keeps its own beginning (never before the local midnight); the last ends at *end*.
    """
    zone = ZoneInfo(screen.timezone)
    whole_days = list_local_days(zone, begin, end)
    first, last = whole_days[0][0], whole_days[-1][1]
    found: Sequence[PlannedProgram] = build_programs(
        list_intervals_without_takeovers(installation, screen, lengths, first, last), whole_days, zone, loops
    )
    for over in list_takeover_intervals(installation, screen, lengths):
        for piece in build_programs([over], whole_days, zone, loops):
            found = _overlay(found, piece)
    return tuple(replace(one, until=min(one.until, end)) for one in found if one.until > begin and one.from_ < end)


def build_programs(
    stretches: Iterable[ContentInterval],
    whole_days: Iterable[tuple[datetime, datetime]],
    zone: ZoneInfo,
    loops: RotationCache,
) -> tuple[PlannedProgram, ...]:
    """*stretches* (in order) as programs: cut at the days' ends, neighbours joined, each with its phase."""
    joined: list[PlannedProgram] = []
    ordered = list(stretches)
    number = 0
    for first, last in whole_days:
        today: list[PlannedProgram] = []
        while number < len(ordered) and ordered[number].from_ < last:
            one = ordered[number]
            begin, end = max(one.from_, first), min(one.until, last)
            _append_or_extend(
                today, PlannedProgram(begin, end, loops.get_rotation(one.live), 0, one.live.why, one.live)
            )
            if one.until > last:
                break
            number += 1
        joined += (_set_day_phase(program, zone, loops) for program in today)
    return tuple(joined)


def get_first_entry_of_day(day: int, entries: int) -> int:
    """The entry at which a program shorter than its loop begins on the day of that ordinal."""
    return ((day * _GOLDEN_RATIO_64 & _WORD_MASK) * entries) >> 64


def _append_or_extend(today: list[PlannedProgram], piece: PlannedProgram) -> None:
    if piece.from_ >= piece.until:
        return
    if today and today[-1].why == piece.why and _is_same_loop(today[-1].rotation, piece.rotation):
        today[-1] = replace(today[-1], until=piece.until)
    else:
        today.append(piece)


def _is_same_loop(one: Rotation | None, other: Rotation | None) -> bool:
    if one is None or other is None:
        return one is other
    return one is other or (one.entries == other.entries and one.loop_ms == other.loop_ms)


def _set_day_phase(program: PlannedProgram, zone: ZoneInfo, loops: RotationCache) -> PlannedProgram:
    rotation = program.rotation
    if rotation is None or (program.until - program.from_) // MS >= rotation.loop_ms:
        return program
    day = program.from_.astimezone(zone).date().toordinal()
    return replace(
        program, phase_ms=loops.get_entry_start_ms(rotation, get_first_entry_of_day(day, len(rotation.entries)))
    )


def _overlay(below: Sequence[PlannedProgram], over: PlannedProgram) -> list[PlannedProgram]:
    before = [replace(one, until=min(one.until, over.from_)) for one in below if one.from_ < over.from_]
    after = [_start_later(one, max(one.from_, over.until)) for one in below if one.until > over.until]
    return [*before, over, *after]


def _start_later(one: PlannedProgram, begin: datetime) -> PlannedProgram:
    """What of *one* is left from *begin* on; its loop has run on meanwhile."""
    if begin == one.from_:
        return one
    return replace(one, from_=begin, phase_ms=0 if one.rotation is None else one.get_position_ms(begin))
