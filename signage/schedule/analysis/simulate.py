"""A campaign on paper, over its screens: what each item would get, and when nothing of the campaign shows.

The programs are those that the documents would hold, and plays are counted over whole loops, so that the paper says
what a player with a right clock plays. Screens on which the same shows are worked out once.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from signage.model.campaign import Campaign, ref
from signage.model.screen import Screen
from signage.schedule.analysis.loop_counts import Count, tally
from signage.schedule.campaign_timeline import Course
from signage.schedule.intervals import Span, clipped, common, gaps, merged
from signage.schedule.live_content import LivePlacement, Note
from signage.schedule.priority import placed_items
from signage.schedule.programs import Loops, PlannedProgram, plan
from signage.schedule.resolve import alike
from signage.schedule.snapshot import Installation
from signage.schedule.targets import matches
from signage.schedule.timezones import days

_MS = timedelta(milliseconds=1)
_CHUNK = 28
SilenceKind = Literal["not-due", "priority", "takeover", "hours", "limits"]


@dataclass(frozen=True, slots=True)
class ItemPaper:
    """What one item gets on one screen. *due_ms* is what its share and weight ask for, *live_ms* the time in which it
    may show, *able_ms* the time in which its campaign would let it show if nothing else stood above."""

    item: str
    count: Count = field(default_factory=Count)
    due_ms: float = 0.0
    live_ms: int = 0
    able_ms: int = 0

    @property
    def share_asked(self) -> float:
        """The part of the screen's time that it asks for while it is live."""
        return self.due_ms / self.live_ms if self.live_ms else 0.0

    @property
    def share_got(self) -> float:
        """The part of the screen's time that it gets while it is live."""
        return self.count.ms / self.live_ms if self.live_ms else 0.0

    @property
    def starved(self) -> bool:
        """Whether it never shows although its campaign would let it."""
        return self.count.ms == 0 and self.able_ms > 0


@dataclass(frozen=True, slots=True)
class Silence:
    """A while of the campaign's window in which nothing of it shows. *instead*: the ``why`` of what shows.

    ``not-due``: its own dayparts, windows and items leave it out; else what stands above it.
    """

    from_: datetime
    until: datetime
    kind: SilenceKind
    instead: str


@dataclass(frozen=True, slots=True)
class ScreenPaper:
    """The campaign on one screen. *by_day*: local date → item → count. *shown*: names of all items that show there."""

    screen: str
    items: tuple[ItemPaper, ...]
    by_day: Mapping[date, Mapping[str, Count]]
    silences: tuple[Silence, ...]
    notes: tuple[Note, ...]
    shown: frozenset[str]

    def silent_ms(self, kind: SilenceKind) -> int:
        """How long nothing of the campaign shows for that reason."""
        return sum((s.until - s.from_) // _MS for s in self.silences if s.kind == kind)


def rehearsed(installation: Installation, campaign: Campaign) -> Installation:
    """*installation* as if *campaign* were approved as it stands."""
    others = [one for one in installation.campaigns if one.id != campaign.id]
    hidden = frozenset(i for i in installation.unapproved if i.partition("/")[0] != campaign.id)
    campaigns = tuple(sorted([*others, campaign], key=lambda c: c.id))
    return replace(installation, campaigns=campaigns, unapproved=hidden)


def its_screens(installation: Installation, campaign: Campaign) -> tuple[Screen, ...]:
    """The screens that *campaign* names, or whose default it is."""
    return tuple(
        screen
        for screen in installation.screens
        if screen.default_campaign == campaign.id or any(matches(p.screens, screen) for p in campaign.placements)
    )


def simulate(
    installation: Installation,
    campaign: Campaign,
    begin: datetime,
    end: datetime,
    loops_of: Callable[[str], Loops],
) -> Iterator[ScreenPaper]:
    """*campaign* on each of its screens between the instants *begin* and *end*. *loops_of*: by id of the panel."""
    known: dict[Hashable, ScreenPaper] = {}
    for screen in its_screens(installation, campaign):
        key = alike(installation, screen)
        if key not in known:
            known[key] = _Paper(installation, campaign, screen, loops_of(screen.panel)).over(begin, end)
        yield replace(known[key], screen=screen.id)


def planned(
    installation: Installation, screen: Screen, loops: Loops, begin: datetime, end: datetime
) -> Iterator[PlannedProgram]:
    """The programs of *screen* between two instants, however far apart, without gap or overlap."""
    whole = days(ZoneInfo(screen.timezone), begin, end) if begin < end else ()
    for number in range(0, len(whole), _CHUNK):
        chunk = whole[number : number + _CHUNK]
        first, last = max(begin, chunk[0][0]), min(end, chunk[-1][1])
        yield from plan(installation, screen, loops.lengths, first, last, loops)


class _Paper:
    """One screen's paper in the making."""

    def __init__(self, installation: Installation, campaign: Campaign, screen: Screen, loops: Loops) -> None:
        self._installation = installation
        self._campaign = campaign
        self._screen = screen
        self._loops = loops
        self._items: dict[str, ItemPaper] = {}
        self._days: dict[date, dict[str, Count]] = {}
        self._notes: dict[Note, None] = {}
        self._shown: set[str] = set()
        self._runs: list[tuple[Span, PlannedProgram]] = []
        self._counted: dict[tuple[int, int, int], dict[str, Count]] = {}
        self._dues: dict[tuple[LivePlacement, ...], dict[str, float]] = {}

    def over(self, begin: datetime, end: datetime) -> ScreenPaper:
        able = self._able(begin, end)
        for program in planned(self._installation, self._screen, self._loops, begin, end):
            self._add(program, max(program.from_, begin), program.until)
        whole = tuple(span for spans in able.values() for span in spans)
        return ScreenPaper(
            self._screen.id,
            tuple(self._items.values()),
            self._days,
            tuple(self._silences(merged(whole), begin, end)),
            tuple(self._notes),
            frozenset(self._shown),
        )

    def _able(self, begin: datetime, end: datetime) -> dict[str, tuple[Span, ...]]:
        """When the campaign's own rules let each of its items show here."""
        campaign = self._campaign
        default = self._screen.default_campaign == campaign.id
        places = [n for n, p in enumerate(campaign.placements) if default or matches(p.screens, self._screen)]
        for place in places:
            for number in placed_items(campaign, campaign.placements[place]):
                name = ref(campaign.id, campaign.items[number].id)
                self._items.setdefault(name, ItemPaper(name))
        course = Course(campaign, self._installation.unapproved, self._installation.calendars, (begin, end))
        found: dict[str, list[Span]] = {}
        for phase in course.phases(tuple(places)):
            for number in {item for placement in phase.placements for item in placement.items}:
                found.setdefault(ref(campaign.id, campaign.items[number].id), []).append((phase.from_, phase.until))
        able = {name: merged(spans) for name, spans in found.items()}
        for name, spans in able.items():
            ms = sum((b - a) // _MS for a, b in spans)
            self._items[name] = replace(self._items[name], able_ms=ms)
        return able

    def _add(self, program: PlannedProgram, begin: datetime, end: datetime) -> None:
        self._runs.append(((begin, end), program))
        rotation = program.rotation
        if rotation is None:
            return
        self._shown.update(rotation.entries)
        span_ms = (end - begin) // _MS
        ours = [p for p in program.live.placements if p.campaign == self._campaign.id]
        if ours:
            self._notes.update(dict.fromkeys(rotation.notes))
        counts = self._count(program, begin, span_ms)
        day = begin.astimezone(ZoneInfo(self._screen.timezone)).date()
        for name, count in counts.items():
            if name in self._items:
                today = self._days.setdefault(day, {})
                today[name] = today.get(name, Count()) + count
                self._items[name] = replace(self._items[name], count=self._items[name].count + count)
        for name, part in self._due(program.live.placements).items() if ours else ():
            one = self._items[name]
            self._items[name] = replace(one, due_ms=one.due_ms + part * span_ms, live_ms=one.live_ms + span_ms)

    def _count(self, program: PlannedProgram, begin: datetime, span_ms: int) -> dict[str, Count]:
        rotation = program.rotation
        assert rotation is not None
        position = program.position_ms(begin)
        key = (id(rotation), position, span_ms)
        if program.live.kind in ("takeover", "still"):  # their loops are made anew, so that an id may come twice
            return tally(rotation, self._loops.length, position, span_ms)
        if key not in self._counted:
            self._counted[key] = tally(rotation, self._loops.length, position, span_ms)
        return self._counted[key]

    def _due(self, placements: tuple[LivePlacement, ...]) -> dict[str, float]:
        """The part of the screen's time that each of the campaign's items asks for."""
        if placements not in self._dues:
            total = sum(placement.share for placement in placements)
            found: dict[str, float] = {}
            for placement in placements:
                if placement.campaign == self._campaign.id:
                    whole = sum(item.weight * item.duration_ms for item in placement.items)
                    for item in placement.items:
                        part = placement.share / total * (item.weight * item.duration_ms / whole)
                        found[item.name] = found.get(item.name, 0.0) + part
            self._dues[placements] = found
        return self._dues[placements]

    def _silences(self, able: tuple[Span, ...], begin: datetime, end: datetime) -> Iterator[Silence]:
        first, last = max(begin, self._campaign.starts_at), min(end, self._campaign.ends_at)
        found: list[Silence] = []
        for span, program in self._runs:
            if any(name in self._items for name in (program.rotation.entries if program.rotation else ())):
                continue
            part = clipped((span,), first, last)
            kind = _kind(program)
            pieces = [Silence(a, b, kind, program.why) for a, b in common(part, able)]
            pieces += [Silence(a, b, "not-due", program.why) for p in part for a, b in gaps(clipped(able, *p), *p)]
            found += sorted(pieces, key=lambda s: s.from_)
        yield from _joined(found)


def _kind(program: PlannedProgram) -> SilenceKind:
    if program.live.kind == "takeover":
        return "takeover"
    if program.live.kind == "dark":
        return "hours"
    return "priority" if program.live.kind == "campaigns" else "limits"


def _joined(found: list[Silence]) -> Iterator[Silence]:
    joined: list[Silence] = []
    for one in found:
        before = joined[-1] if joined else None
        if before and (before.until, before.kind, before.instead) == (one.from_, one.kind, one.instead):
            joined[-1] = replace(before, until=one.until)
        else:
            joined.append(one)
    yield from joined
