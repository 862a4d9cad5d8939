"""Screens × hours: what shows when, one row for all screens on which the same shows."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime

from signage.model.screen import Screen
from signage.schedule.analysis.simulate import iter_planned_programs
from signage.schedule.live_content import LiveContentKind
from signage.schedule.resolve import get_equivalence_key
from signage.schedule.rotation.rotation_cache import RotationCache
from signage.schedule.snapshot import ScheduleSnapshot


@dataclass(frozen=True, slots=True)
class WeekGridCell:
    """A while in which a screen shows for one reason. *campaigns*: whose items are in the loop."""

    from_: datetime
    until: datetime
    kind: LiveContentKind
    why: str
    campaigns: frozenset[str]


@dataclass(frozen=True, slots=True)
class WeekGridRow:
    """What *screens* (alike) show, without gap."""

    screens: tuple[str, ...]
    cells: tuple[WeekGridCell, ...]


def build_week_grid(
    snapshot: ScheduleSnapshot,
    screens: Iterable[Screen],
    get_rotations: Callable[[str], RotationCache],
    begin: datetime,
    end: datetime,
) -> tuple[WeekGridRow, ...]:
    """The rows of a picture from *begin* to *end*, in the order of the screens."""
    groups: dict[Hashable, list[Screen]] = {}
    for screen in screens:
        groups.setdefault(get_equivalence_key(snapshot, screen), []).append(screen)
    found = []
    for group in groups.values():
        shown = _iter_cells(snapshot, group[0], get_rotations(group[0].panel), begin, end)
        found.append(WeekGridRow(tuple(screen.id for screen in group), tuple(shown)))
    return tuple(found)


def _iter_cells(
    snapshot: ScheduleSnapshot, screen: Screen, rotations: RotationCache, begin: datetime, end: datetime
) -> Iterable[WeekGridCell]:
    last: WeekGridCell | None = None
    for program in iter_planned_programs(snapshot, screen, rotations, begin, end):
        names = program.rotation.entries if program.rotation else ()
        campaigns = frozenset(name.partition("/")[0] for name in names if not name.startswith("_"))
        piece = WeekGridCell(max(program.from_, begin), program.until, program.live.kind, program.why, campaigns)
        if last is not None and (last.kind, last.why, last.campaigns) == (piece.kind, piece.why, piece.campaigns):
            piece = WeekGridCell(last.from_, piece.until, piece.kind, piece.why, piece.campaigns)
        elif last is not None:
            yield last
        last = piece
    if last is not None:
        yield last
