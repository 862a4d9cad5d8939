"""Week grid: what shows when, with one row for all equivalent screens."""

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
    """An interval with one reason. *campaigns*: those with items in the loop."""

    from_: datetime
    until: datetime
    kind: LiveContentKind
    why: str
    campaigns: frozenset[str]


@dataclass(frozen=True, slots=True)
class WeekGridRow:
    """The cells of equivalent *screens*, without gap."""

    screens: tuple[str, ...]
    cells: tuple[WeekGridCell, ...]


def build_week_grid(
    snapshot: ScheduleSnapshot,
    screens: Iterable[Screen],
    get_rotations: Callable[[str], RotationCache],
    begin: datetime,
    end: datetime,
) -> tuple[WeekGridRow, ...]:
    """Return the rows of the grid from *begin* to *end*, in the order of the screens."""
    groups: dict[Hashable, list[Screen]] = {}
    for screen in screens:
        groups.setdefault(get_equivalence_key(snapshot, screen), []).append(screen)
    rows = []
    for group in groups.values():
        cells = _iter_cells(snapshot, group[0], get_rotations(group[0].panel), begin, end)
        rows.append(WeekGridRow(tuple(screen.id for screen in group), tuple(cells)))
    return tuple(rows)


def _iter_cells(
    snapshot: ScheduleSnapshot, screen: Screen, rotations: RotationCache, begin: datetime, end: datetime
) -> Iterable[WeekGridCell]:
    last: WeekGridCell | None = None
    for program in iter_planned_programs(snapshot, screen, rotations, begin, end):
        names = program.rotation.entries if program.rotation else ()
        campaigns = frozenset(name.partition("/")[0] for name in names if not name.startswith("_"))
        cell = WeekGridCell(max(program.from_, begin), program.until, program.live.kind, program.why, campaigns)
        if last is not None and (last.kind, last.why, last.campaigns) == (cell.kind, cell.why, cell.campaigns):
            cell = WeekGridCell(last.from_, cell.until, cell.kind, cell.why, cell.campaigns)
        elif last is not None:
            yield last
        last = cell
    if last is not None:
        yield last
