"""Screens × hours: what shows when, one row for all screens on which the same shows."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime

from signage.model.screen import Screen
from signage.schedule.analysis.simulate import planned
from signage.schedule.live_content import LiveKind
from signage.schedule.programs import Loops
from signage.schedule.resolve import alike
from signage.schedule.snapshot import Installation


@dataclass(frozen=True, slots=True)
class Shown:
    """A while in which a screen shows for one reason. *campaigns*: whose items are in the loop."""

    from_: datetime
    until: datetime
    kind: LiveKind
    why: str
    campaigns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Row:
    """What *screens* (alike) show, without gap."""

    screens: tuple[str, ...]
    shown: tuple[Shown, ...]


def rows(
    installation: Installation,
    screens: Iterable[Screen],
    loops_of: Callable[[str], Loops],
    begin: datetime,
    end: datetime,
) -> tuple[Row, ...]:
    """The rows of a picture from *begin* to *end*, in the order of the screens."""
    groups: dict[Hashable, list[Screen]] = {}
    for screen in screens:
        groups.setdefault(alike(installation, screen), []).append(screen)
    found = []
    for group in groups.values():
        shown = _shown(installation, group[0], loops_of(group[0].panel), begin, end)
        found.append(Row(tuple(screen.id for screen in group), tuple(shown)))
    return tuple(found)


def _shown(installation: Installation, screen: Screen, loops: Loops, begin: datetime, end: datetime) -> Iterable[Shown]:
    last: Shown | None = None
    for program in planned(installation, screen, loops, begin, end):
        names = program.rotation.entries if program.rotation else ()
        campaigns = frozenset(name.partition("/")[0] for name in names if not name.startswith("_"))
        piece = Shown(max(program.from_, begin), program.until, program.live.kind, program.why, campaigns)
        if last is not None and (last.kind, last.why, last.campaigns) == (piece.kind, piece.why, piece.campaigns):
            piece = Shown(last.from_, piece.until, piece.kind, piece.why, piece.campaigns)
        elif last is not None:
            yield last
        last = piece
    if last is not None:
        yield last
