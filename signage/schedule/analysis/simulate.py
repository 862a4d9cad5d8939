"""A campaign on paper, over its screens: what each item would get, and when nothing of the campaign shows.

The programs are those that the documents would hold, and plays are counted over whole rotations, so that the paper says
what a player with a right clock plays. Screens on which the same shows are worked out once.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from signage.model.campaign import Campaign, format_item_ref
from signage.model.screen import Screen
from signage.protocol.epoch import MS
from signage.schedule.analysis.loop_counts import PlayCount, count_loop_plays
from signage.schedule.campaign_timeline import CampaignTimeline
from signage.schedule.intervals import Interval, clip_intervals, find_gaps, intersect_intervals, merge_intervals
from signage.schedule.live_content import LivePlacement, RotationNote
from signage.schedule.priority import list_placed_items
from signage.schedule.programs import PlannedProgram, plan_programs
from signage.schedule.resolve import get_equivalence_key
from signage.schedule.rotation.rotation_cache import RotationCache
from signage.schedule.snapshot import ScheduleSnapshot
from signage.schedule.targets import matches_screen
from signage.schedule.timezones import list_local_days

_CHUNK_DAYS = 28
OffAirReason = Literal["not-due", "priority", "takeover", "hours", "limits"]


@dataclass(frozen=True, slots=True)
class ItemForecast:
    """What one item gets on one screen. *due_ms* is what its share and weight ask for, *live_ms* the time in which it
    may show, *able_ms* the time in which its campaign would let it show if nothing else stood above."""

    item: str
    count: PlayCount = field(default_factory=PlayCount)
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
class OffAirInterval:
    """A while of the campaign's window in which nothing of it shows. *instead*: the ``why`` of what shows.

    ``not-due``: its own dayparts, windows and items leave it out; else what stands above it.
    """

    from_: datetime
    until: datetime
    kind: OffAirReason
    instead: str


@dataclass(frozen=True, slots=True)
class ScreenForecast:
    """The campaign on one screen. *by_day*: local date → item → count. *shown*: names of all items that show there."""

    screen: str
    items: tuple[ItemForecast, ...]
    by_day: Mapping[date, Mapping[str, PlayCount]]
    off_air_intervals: tuple[OffAirInterval, ...]
    notes: tuple[RotationNote, ...]
    shown: frozenset[str]

    def get_off_air_ms(self, kind: OffAirReason) -> int:
        """How long nothing of the campaign shows for that reason."""
        return sum((s.until - s.from_) // MS for s in self.off_air_intervals if s.kind == kind)


def assume_approved(snapshot: ScheduleSnapshot, campaign: Campaign) -> ScheduleSnapshot:
    """*snapshot* as if *campaign* were approved as it stands."""
    others = [one for one in snapshot.campaigns if one.id != campaign.id]
    hidden = frozenset(i for i in snapshot.unapproved if i.partition("/")[0] != campaign.id)
    campaigns = tuple(sorted([*others, campaign], key=lambda c: c.id))
    return replace(snapshot, campaigns=campaigns, unapproved=hidden)


def list_campaign_screens(snapshot: ScheduleSnapshot, campaign: Campaign) -> tuple[Screen, ...]:
    """The screens that *campaign* names, or whose default it is."""
    return tuple(
        screen
        for screen in snapshot.screens
        if screen.default_campaign == campaign.id or any(matches_screen(p.screens, screen) for p in campaign.placements)
    )


def simulate(
    snapshot: ScheduleSnapshot,
    campaign: Campaign,
    begin: datetime,
    end: datetime,
    get_rotations: Callable[[str], RotationCache],
) -> Iterator[ScreenForecast]:
    """*campaign* on each of its screens between the instants *begin* and *end*. *get_rotations*: by id of the panel."""
    known: dict[Hashable, ScreenForecast] = {}
    for screen in list_campaign_screens(snapshot, campaign):
        key = get_equivalence_key(snapshot, screen)
        if key not in known:
            known[key] = _ForecastBuilder(snapshot, campaign, screen, get_rotations(screen.panel)).build(begin, end)
        yield replace(known[key], screen=screen.id)


def iter_planned_programs(
    snapshot: ScheduleSnapshot, screen: Screen, rotations: RotationCache, begin: datetime, end: datetime
) -> Iterator[PlannedProgram]:
    """The programs of *screen* between two instants, however far apart, without gap or overlap."""
    whole = list_local_days(ZoneInfo(screen.timezone), begin, end) if begin < end else ()
    for number in range(0, len(whole), _CHUNK_DAYS):
        chunk = whole[number : number + _CHUNK_DAYS]
        first, last = max(begin, chunk[0][0]), min(end, chunk[-1][1])
        yield from plan_programs(snapshot, screen, rotations.lengths, first, last, rotations)


class _ForecastBuilder:
    """One screen's paper in the making."""

    def __init__(
        self, snapshot: ScheduleSnapshot, campaign: Campaign, screen: Screen, rotations: RotationCache
    ) -> None:
        self._snapshot = snapshot
        self._campaign = campaign
        self._screen = screen
        self._rotations = rotations
        self._items: dict[str, ItemForecast] = {}
        self._days: dict[date, dict[str, PlayCount]] = {}
        self._notes: dict[RotationNote, None] = {}
        self._shown_names: set[str] = set()
        self._runs: list[tuple[Interval, PlannedProgram]] = []
        self._counts_by_run: dict[tuple[int, int, int], dict[str, PlayCount]] = {}
        self._requested_shares: dict[tuple[LivePlacement, ...], dict[str, float]] = {}

    def build(self, begin: datetime, end: datetime) -> ScreenForecast:
        able = self._map_able_intervals(begin, end)
        for program in iter_planned_programs(self._snapshot, self._screen, self._rotations, begin, end):
            self._add_program(program, max(program.from_, begin), program.until)
        whole = tuple(span for spans in able.values() for span in spans)
        return ScreenForecast(
            self._screen.id,
            tuple(self._items.values()),
            self._days,
            tuple(self._iter_off_air_intervals(merge_intervals(whole), begin, end)),
            tuple(self._notes),
            frozenset(self._shown_names),
        )

    def _map_able_intervals(self, begin: datetime, end: datetime) -> dict[str, tuple[Interval, ...]]:
        """When the campaign's own rules let each of its items show here."""
        campaign = self._campaign
        default = self._screen.default_campaign == campaign.id
        places = [n for n, p in enumerate(campaign.placements) if default or matches_screen(p.screens, self._screen)]
        for place in places:
            for number in list_placed_items(campaign, campaign.placements[place]):
                name = format_item_ref(campaign.id, campaign.items[number].id)
                self._items.setdefault(name, ItemForecast(name))
        course = CampaignTimeline(campaign, self._snapshot.unapproved, self._snapshot.calendars, (begin, end))
        found: dict[str, list[Interval]] = {}
        for phase in course.get_segments(tuple(places)):
            for number in {item for placement in phase.placements for item in placement.items}:
                found.setdefault(format_item_ref(campaign.id, campaign.items[number].id), []).append(
                    (phase.from_, phase.until)
                )
        able = {name: merge_intervals(spans) for name, spans in found.items()}
        for name, spans in able.items():
            ms = sum((b - a) // MS for a, b in spans)
            self._items[name] = replace(self._items[name], able_ms=ms)
        return able

    def _add_program(self, program: PlannedProgram, begin: datetime, end: datetime) -> None:
        self._runs.append(((begin, end), program))
        rotation = program.rotation
        if rotation is None:
            return
        self._shown_names.update(rotation.entries)
        span_ms = (end - begin) // MS
        ours = [p for p in program.live.placements if p.campaign == self._campaign.id]
        if ours:
            self._notes.update(dict.fromkeys(rotation.notes))
        counts = self._count_plays(program, begin, span_ms)
        day = begin.astimezone(ZoneInfo(self._screen.timezone)).date()
        for name, count in counts.items():
            if name in self._items:
                today = self._days.setdefault(day, {})
                today[name] = today.get(name, PlayCount()) + count
                self._items[name] = replace(self._items[name], count=self._items[name].count + count)
        for name, part in self._get_requested_shares(program.live.placements).items() if ours else ():
            one = self._items[name]
            self._items[name] = replace(one, due_ms=one.due_ms + part * span_ms, live_ms=one.live_ms + span_ms)

    def _count_plays(self, program: PlannedProgram, begin: datetime, span_ms: int) -> dict[str, PlayCount]:
        rotation = program.rotation
        assert rotation is not None
        position = program.get_position_ms(begin)
        key = (id(rotation), position, span_ms)
        if program.live.kind in ("takeover", "still"):  # their loops are made anew, so that an id may come twice
            return count_loop_plays(rotation, self._rotations.get_length_ms, position, span_ms)
        if key not in self._counts_by_run:
            self._counts_by_run[key] = count_loop_plays(rotation, self._rotations.get_length_ms, position, span_ms)
        return self._counts_by_run[key]

    def _get_requested_shares(self, placements: tuple[LivePlacement, ...]) -> dict[str, float]:
        """The part of the screen's time that each of the campaign's items asks for."""
        if placements not in self._requested_shares:
            total = sum(placement.share for placement in placements)
            found: dict[str, float] = {}
            for placement in placements:
                if placement.campaign == self._campaign.id:
                    whole = sum(item.weight * item.duration_ms for item in placement.items)
                    for item in placement.items:
                        part = placement.share / total * (item.weight * item.duration_ms / whole)
                        found[item.name] = found.get(item.name, 0.0) + part
            self._requested_shares[placements] = found
        return self._requested_shares[placements]

    def _iter_off_air_intervals(
        self, able: tuple[Interval, ...], begin: datetime, end: datetime
    ) -> Iterator[OffAirInterval]:
        first, last = max(begin, self._campaign.starts_at), min(end, self._campaign.ends_at)
        found: list[OffAirInterval] = []
        for span, program in self._runs:
            if any(name in self._items for name in (program.rotation.entries if program.rotation else ())):
                continue
            part = clip_intervals((span,), first, last)
            kind = _get_off_air_reason(program)
            pieces = [OffAirInterval(a, b, kind, program.why) for a, b in intersect_intervals(part, able)]
            pieces += [
                OffAirInterval(a, b, "not-due", program.why)
                for p in part
                for a, b in find_gaps(clip_intervals(able, *p), *p)
            ]
            found += sorted(pieces, key=lambda s: s.from_)
        yield from _merge_adjacent(found)


def _get_off_air_reason(program: PlannedProgram) -> OffAirReason:
    if program.live.kind == "takeover":
        return "takeover"
    if program.live.kind == "dark":
        return "hours"
    return "priority" if program.live.kind == "campaigns" else "limits"


def _merge_adjacent(found: list[OffAirInterval]) -> Iterator[OffAirInterval]:
    joined: list[OffAirInterval] = []
    for one in found:
        before = joined[-1] if joined else None
        if before and (before.until, before.kind, before.instead) == (one.from_, one.kind, one.instead):
            joined[-1] = replace(before, until=one.until)
        else:
            joined.append(one)
    yield from joined
