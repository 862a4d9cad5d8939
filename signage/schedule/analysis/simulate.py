"""Forecast of a campaign over its screens: the plays of each item, and the intervals without any.

The programs are those of the playlists, and plays are counted over whole loops, so the forecast equals what a player
with a correct clock plays. Equivalent screens are computed once.
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
from signage.schedule.consents import get_rights, list_permissions
from signage.schedule.intervals import Interval, clip_intervals, find_gaps, intersect_intervals, merge_intervals
from signage.schedule.live_content import LivePlacement, RotationNote
from signage.schedule.priority import list_placed_items
from signage.schedule.programs import PlannedProgram, plan_programs
from signage.schedule.resolve import get_equivalence_key
from signage.schedule.rotation.rotation_cache import RotationCache
from signage.schedule.snapshot import ScheduleSnapshot
from signage.schedule.targets import matches_screen
from signage.schedule.timezones import get_local_date, list_local_days

_CHUNK_DAYS = 28
OffAirReason = Literal["not-due", "priority", "takeover", "hours", "limits", "consent"]


@dataclass(frozen=True, slots=True)
class ItemForecast:
    """The forecast of one item on one screen. *due_ms*: requested by share and weight; *live_ms*: time while it is
    live; *able_ms*: time while its campaign alone would let it show.
    """

    item: str
    count: PlayCount = field(default_factory=PlayCount)
    due_ms: float = 0.0
    live_ms: int = 0
    able_ms: int = 0

    @property
    def share_asked(self) -> float:
        """The part of the screen's time that the item requests while it is live."""
        return self.due_ms / self.live_ms if self.live_ms else 0.0

    @property
    def share_got(self) -> float:
        """The part of the screen's time that the item gets while it is live."""
        return self.count.ms / self.live_ms if self.live_ms else 0.0

    @property
    def starved(self) -> bool:
        """Whether the item never shows although its campaign would let it."""
        return self.count.ms == 0 and self.able_ms > 0


@dataclass(frozen=True, slots=True)
class OffAirInterval:
    """An interval of the campaign's window in which nothing of it shows. *instead*: the ``why`` of what shows.

    ``not-due``: excluded by its own dayparts, windows and items; other kinds: by something that takes precedence.
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
        """Return for how long nothing of the campaign shows for that reason."""
        return sum((s.until - s.from_) // MS for s in self.off_air_intervals if s.kind == kind)


def assume_approved(snapshot: ScheduleSnapshot, campaign: Campaign) -> ScheduleSnapshot:
    """Return *snapshot* as if *campaign* were approved in its current version."""
    others = [other for other in snapshot.campaigns if other.id != campaign.id]
    hidden = frozenset(i for i in snapshot.unapproved if i.partition("/")[0] != campaign.id)
    campaigns = tuple(sorted([*others, campaign], key=lambda c: c.id))
    return replace(snapshot, campaigns=campaigns, unapproved=hidden)


def list_campaign_screens(snapshot: ScheduleSnapshot, campaign: Campaign) -> tuple[Screen, ...]:
    """Return the screens that *campaign* targets, or whose default it is."""
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
    day_zone: ZoneInfo | None = None,
) -> Iterator[ScreenForecast]:
    """Yield the forecast of *campaign* on each of its screens. *get_rotations*: rotation cache by panel id.

    *day_zone*: the time zone of the days in ``by_day``; by default that of the screen.
    """
    forecasts: dict[Hashable, ScreenForecast] = {}
    for screen in list_campaign_screens(snapshot, campaign):
        key = get_equivalence_key(snapshot, screen)
        if key not in forecasts:
            builder = _ForecastBuilder(snapshot, campaign, screen, get_rotations(screen.panel), day_zone)
            forecasts[key] = builder.build(begin, end)
        yield replace(forecasts[key], screen=screen.id)


def iter_planned_programs(
    snapshot: ScheduleSnapshot, screen: Screen, rotations: RotationCache, begin: datetime, end: datetime
) -> Iterator[PlannedProgram]:
    """Yield the programs of *screen* between two instants at any distance, without gap or overlap."""
    days = list_local_days(ZoneInfo(screen.timezone), begin, end) if begin < end else ()
    for number in range(0, len(days), _CHUNK_DAYS):
        chunk = days[number : number + _CHUNK_DAYS]
        first, last = max(begin, chunk[0][0]), min(end, chunk[-1][1])
        yield from plan_programs(snapshot, screen, rotations.lengths, first, last, rotations)


class _ForecastBuilder:
    """Builds the forecast of one screen."""

    def __init__(
        self,
        snapshot: ScheduleSnapshot,
        campaign: Campaign,
        screen: Screen,
        rotations: RotationCache,
        day_zone: ZoneInfo | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._campaign = campaign
        self._screen = screen
        self._rotations = rotations
        self._day_zone = day_zone or ZoneInfo(screen.timezone)
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
        able_intervals = merge_intervals(interval for intervals in able.values() for interval in intervals)
        return ScreenForecast(
            self._screen.id,
            tuple(self._items.values()),
            self._days,
            tuple(self._iter_off_air_intervals(able_intervals, self._list_permitted(begin, end), begin, end)),
            tuple(self._notes),
            frozenset(self._shown_names),
        )

    def _map_able_intervals(self, begin: datetime, end: datetime) -> dict[str, tuple[Interval, ...]]:
        """Return when the campaign's own rules let each of its items show on the screen."""
        campaign = self._campaign
        default = self._screen.default_campaign == campaign.id
        placements = [
            n for n, p in enumerate(campaign.placements) if default or matches_screen(p.screens, self._screen)
        ]
        for index in placements:
            for number in list_placed_items(campaign, campaign.placements[index]):
                name = format_item_ref(campaign.id, campaign.items[number].id)
                self._items.setdefault(name, ItemForecast(name))
        timeline = CampaignTimeline(campaign, self._snapshot.unapproved, self._snapshot.calendars, (begin, end))
        intervals: dict[str, list[Interval]] = {}
        for segment in timeline.get_segments(tuple(placements)):
            for number in {item for placement in segment.placements for item in placement.items}:
                intervals.setdefault(format_item_ref(campaign.id, campaign.items[number].id), []).append(
                    (segment.from_, segment.until)
                )
        able = {name: merge_intervals(item_intervals) for name, item_intervals in intervals.items()}
        for name, able_intervals in able.items():
            ms = sum((b - a) // MS for a, b in able_intervals)
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
        self._add_days(program, begin, end)
        for name, count in counts.items():
            if name in self._items:
                self._items[name] = replace(self._items[name], count=self._items[name].count + count)
        for name, part in self._get_requested_shares(program.live.placements).items() if ours else ():
            item = self._items[name]
            self._items[name] = replace(item, due_ms=item.due_ms + part * span_ms, live_ms=item.live_ms + span_ms)

    def _add_days(self, program: PlannedProgram, begin: datetime, end: datetime) -> None:
        """Add the program's plays to the days of their ends."""
        before: dict[str, PlayCount] = {}
        for first, last in list_local_days(self._day_zone, begin, end):
            day = get_local_date(max(first, begin), self._day_zone)
            until_now = self._count_plays(program, begin, (min(last, end) - begin) // MS)
            for name, count in until_now.items():
                if name in self._items:
                    counts = self._days.setdefault(day, {})
                    counts[name] = counts.get(name, PlayCount()) + _subtract(count, before.get(name, PlayCount()))
            before = until_now

    def _count_plays(self, program: PlannedProgram, begin: datetime, span_ms: int) -> dict[str, PlayCount]:
        rotation = program.rotation
        assert rotation is not None
        position = program.get_position_ms(begin)
        key = (id(rotation), position, span_ms)
        if program.live.kind in ("takeover", "still"):  # their rotations are not cached: an id may be reused
            return count_loop_plays(rotation, self._rotations.get_length_ms, position, span_ms)
        if key not in self._counts_by_run:
            self._counts_by_run[key] = count_loop_plays(rotation, self._rotations.get_length_ms, position, span_ms)
        return self._counts_by_run[key]

    def _get_requested_shares(self, placements: tuple[LivePlacement, ...]) -> dict[str, float]:
        """Return the part of the screen's time that each of the campaign's items requests."""
        if placements not in self._requested_shares:
            total = sum(placement.share for placement in placements)
            parts: dict[str, float] = {}
            for placement in placements:
                if placement.campaign == self._campaign.id:
                    whole = sum(item.weight * item.duration_ms for item in placement.items)
                    for item in placement.items:
                        part = placement.share / total * (item.weight * item.duration_ms / whole)
                        parts[item.name] = parts.get(item.name, 0.0) + part
            self._requested_shares[placements] = parts
        return self._requested_shares[placements]

    def _list_permitted(self, begin: datetime, end: datetime) -> tuple[Interval, ...]:
        """Return when the campaign may show on the screen, by its unit or by a consent (rule 9)."""
        if self._snapshot.consents is None:
            return ((begin, end),)
        consents = get_rights(self._snapshot, self._screen).consents
        permissions = list_permissions(self._campaign, self._screen, consents, begin, end)
        return merge_intervals((from_, until) for from_, until, _ in permissions)

    def _iter_off_air_intervals(
        self, able: tuple[Interval, ...], permitted: tuple[Interval, ...], begin: datetime, end: datetime
    ) -> Iterator[OffAirInterval]:
        first, last = max(begin, self._campaign.starts_at), min(end, self._campaign.ends_at)
        off_air: list[OffAirInterval] = []
        for span, program in self._runs:
            if any(name in self._items for name in (program.rotation.entries if program.rotation else ())):
                continue
            part = clip_intervals((span,), first, last)
            kind = get_off_air_reason(program)
            due = intersect_intervals(part, able)
            pieces = [OffAirInterval(a, b, kind, program.why) for a, b in intersect_intervals(due, permitted)]
            pieces += [
                OffAirInterval(a, b, "consent", program.why)
                for d in due
                for a, b in find_gaps(clip_intervals(permitted, *d), *d)
            ]
            pieces += [
                OffAirInterval(a, b, "not-due", program.why)
                for p in part
                for a, b in find_gaps(clip_intervals(able, *p), *p)
            ]
            off_air += sorted(pieces, key=lambda s: s.from_)
        yield from _merge_adjacent(off_air)


def _subtract(count: PlayCount, before: PlayCount) -> PlayCount:
    """Return what *count* adds to *before*; a play that was incomplete before may be complete now."""
    return PlayCount(count.plays - before.plays, max(0, count.cut - before.cut), count.ms - before.ms)


def get_off_air_reason(program: PlannedProgram) -> OffAirReason:
    """Return why a campaign is off air while *program* runs without it."""
    if program.live.kind == "takeover":
        return "takeover"
    if program.live.kind == "dark":
        return "hours"
    return "priority" if program.live.kind == "campaigns" else "limits"


def _merge_adjacent(intervals: list[OffAirInterval]) -> Iterator[OffAirInterval]:
    merged: list[OffAirInterval] = []
    for interval in intervals:
        last = merged[-1] if merged else None
        if last and (last.until, last.kind, last.instead) == (interval.from_, interval.kind, interval.instead):
            merged[-1] = replace(last, until=interval.until)
        else:
            merged.append(interval)
    yield from merged
