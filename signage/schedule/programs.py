"""The programs of a playlist, planned from the live content (contract, "The playlist document").

1. No program spans a local midnight of the screen's zone; other neighbours with equal loops and reasons are merged.
2. ``phase_ms`` is 0 where a program begins by the rules.
3. A program shorter than its loop begins at another entry each day: entry ⌊frac(d · φ) · entries⌋ in integers, d the
   ordinal of its local date, so that over the days every item plays.
4. A program whose beginning is covered by a takeover, or that is split by one, continues at the position that the
   clock gives: as if it had run underneath.

Programs are planned for whole local days and without takeovers first, independent of the current instant; then each
takeover is overlaid in start order. So two playlists compiled at different instants agree wherever they overlap.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from signage.model.screen import Screen
from signage.protocol.epoch import MS
from signage.schedule.live_content import ContentInterval, LiveContent, Rotation
from signage.schedule.priority import LengthByItem
from signage.schedule.resolve import list_intervals_without_takeovers
from signage.schedule.rotation.rotation_cache import RotationCache
from signage.schedule.snapshot import ScheduleSnapshot
from signage.schedule.takeovers import list_takeover_intervals
from signage.schedule.timezones import list_local_days

_GOLDEN_RATIO_64 = 11_400_714_819_323_198_485
_WORD_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class PlannedProgram:
    """A program without an id. *rotation* None: the screen is dark. *live*: the content from which it was planned."""

    from_: datetime
    until: datetime
    rotation: Rotation | None
    phase_ms: int
    why: str
    live: LiveContent

    def get_position_ms(self, at: datetime) -> int:
        """Return the position in the loop at the instant *at*."""
        assert self.rotation is not None
        return ((at - self.from_) // MS + self.phase_ms) % self.rotation.loop_ms


def plan_programs(
    snapshot: ScheduleSnapshot,
    screen: Screen,
    lengths: LengthByItem,
    begin: datetime,
    end: datetime,
    rotations: RotationCache,
) -> tuple[PlannedProgram, ...]:
    """Return the programs of *screen* from the one that contains *begin* until *end*, without gap or overlap.

    The first has its own beginning (not before the local midnight); the last ends at *end*.
    """
    zone = ZoneInfo(screen.timezone)
    whole_days = list_local_days(zone, begin, end)
    first, last = whole_days[0][0], whole_days[-1][1]
    programs: Sequence[PlannedProgram] = build_programs(
        list_intervals_without_takeovers(snapshot, screen, lengths, first, last), whole_days, zone, rotations
    )
    for takeover in list_takeover_intervals(snapshot, screen, lengths):
        for program in build_programs([takeover], whole_days, zone, rotations):
            programs = _overlay(programs, program)
    return tuple(replace(p, until=min(p.until, end)) for p in programs if p.until > begin and p.from_ < end)


def build_programs(
    intervals: Iterable[ContentInterval],
    whole_days: Iterable[tuple[datetime, datetime]],
    zone: ZoneInfo,
    rotations: RotationCache,
) -> tuple[PlannedProgram, ...]:
    """Return the programs of *intervals* (in order): split at the days' ends, merged with neighbours, with phases."""
    programs: list[PlannedProgram] = []
    ordered = list(intervals)
    number = 0
    for first, last in whole_days:
        today: list[PlannedProgram] = []
        while number < len(ordered) and ordered[number].from_ < last:
            interval = ordered[number]
            begin, end = max(interval.from_, first), min(interval.until, last)
            _append_or_extend(
                today,
                PlannedProgram(begin, end, rotations.get_rotation(interval.live), 0, interval.live.why, interval.live),
            )
            if interval.until > last:
                break
            number += 1
        programs += (_set_day_phase(program, zone, rotations) for program in today)
    return tuple(programs)


def get_first_entry_of_day(day: int, entries: int) -> int:
    """Return the entry at which a program shorter than its loop begins on the day with that ordinal."""
    return ((day * _GOLDEN_RATIO_64 & _WORD_MASK) * entries) >> 64


def _append_or_extend(today: list[PlannedProgram], program: PlannedProgram) -> None:
    if program.from_ >= program.until:
        return
    if today and today[-1].why == program.why and _is_same_loop(today[-1].rotation, program.rotation):
        today[-1] = replace(today[-1], until=program.until)
    else:
        today.append(program)


def _is_same_loop(a: Rotation | None, b: Rotation | None) -> bool:
    if a is None or b is None:
        return a is b
    return a is b or (a.entries == b.entries and a.loop_ms == b.loop_ms)


def _set_day_phase(program: PlannedProgram, zone: ZoneInfo, rotations: RotationCache) -> PlannedProgram:
    rotation = program.rotation
    if rotation is None or (program.until - program.from_) // MS >= rotation.loop_ms:
        return program
    day = program.from_.astimezone(zone).date().toordinal()
    return replace(
        program, phase_ms=rotations.get_entry_start_ms(rotation, get_first_entry_of_day(day, len(rotation.entries)))
    )


def _overlay(programs: Sequence[PlannedProgram], top: PlannedProgram) -> list[PlannedProgram]:
    """Replace the programs that *top* covers; those that it splits run on underneath."""
    before = [replace(p, until=min(p.until, top.from_)) for p in programs if p.from_ < top.from_]
    after = [_start_later(p, max(p.from_, top.until)) for p in programs if p.until > top.until]
    return [*before, top, *after]


def _start_later(program: PlannedProgram, begin: datetime) -> PlannedProgram:
    """Return the rest of *program* from *begin* on, at the position that its loop has then."""
    if begin == program.from_:
        return program
    return replace(program, from_=begin, phase_ms=0 if program.rotation is None else program.get_position_ms(begin))
