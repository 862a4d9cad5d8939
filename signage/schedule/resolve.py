"""From an installation to what is live on one screen, stretch by stretch (contract, rule 1).

1. A takeover that names the screen wins; of two, the one started last.
2. Outside the screen's operating hours it is dark by order.
3. Else the highest tier of the campaigns that have something to show here now: approved, in their window, a
   placement that names the screen and in whose dayparts we are, an item in its window that the panel can play.
4. Nothing live: the screen's default campaign, by its own windows and dayparts, on any screen.
5. Then the built-in still.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from threading import Lock
from weakref import WeakKeyDictionary

from signage.model.campaign import Campaign
from signage.model.screen import Screen
from signage.model.takeover import Takeover
from signage.schedule.campaign_timeline import CampaignTimeline, TimelineSegment, list_named_dayparts
from signage.schedule.intervals import Interval
from signage.schedule.live_content import (
    BUILTIN_STILL,
    BUILTIN_STILL_MS,
    LiveContent,
    LiveItem,
    LivePlacement,
)
from signage.schedule.operating_hours import list_lit_intervals
from signage.schedule.priority import (
    CampaignCandidate,
    LengthByItem,
    build_live_items,
    build_live_placement,
    get_length,
    select_top_tier,
)
from signage.schedule.snapshot import ScheduleSnapshot
from signage.schedule.targets import TargetIndex

BUILTIN_STILL_ITEM = LiveItem(BUILTIN_STILL, BUILTIN_STILL_MS)
"""The built-in still as an item."""
FALLBACK_CONTENT = LiveContent("still", "fallback")
DARK_CONTENT = LiveContent("dark", "operating hours")
_MAX_TIMELINE_CACHES = 16


@dataclass(frozen=True, slots=True)
class ContentInterval:
    """A while in which the same is live."""

    from_: datetime
    until: datetime
    live: LiveContent


def list_content_intervals(
    installation: ScheduleSnapshot, screen: Screen, lengths: LengthByItem, begin: datetime, end: datetime
) -> tuple[ContentInterval, ...]:
    """What is live on *screen* between *begin* and *end*, without gap or overlap; neighbours differ."""
    found: Sequence[ContentInterval] = list_intervals_without_takeovers(installation, screen, lengths, begin, end)
    for stretch in list_takeover_intervals(installation, screen, lengths):
        found = _overlay(found, stretch)
    return _merge_equal_neighbours(found)


def list_intervals_without_takeovers(
    installation: ScheduleSnapshot, screen: Screen, lengths: LengthByItem, begin: datetime, end: datetime
) -> tuple[ContentInterval, ...]:
    """What would be live on *screen* between *begin* and *end* if nobody had ordered a takeover."""
    prepared = _get_timeline_cache(installation, begin, end)
    timeline = _ScreenTimeline(prepared, screen, lengths)
    return _merge_equal_neighbours(timeline.iter_content_intervals(begin, end))


def list_takeover_intervals(
    installation: ScheduleSnapshot, screen: Screen, lengths: LengthByItem
) -> tuple[ContentInterval, ...]:
    """Each takeover that names *screen*, whole, in the order in which they were started: a later one wins."""
    mask = get_target_index(installation).get_mask(screen) >> _count_placements(installation)
    named = [t for number, t in enumerate(installation.takeovers) if mask >> number & 1]
    found = []
    for takeover in sorted(named, key=lambda t: t.number):
        if takeover.from_ < takeover.ends_at:
            item = get_takeover_item(takeover, lengths)
            found.append(
                ContentInterval(
                    takeover.from_,
                    takeover.ends_at,
                    LiveContent("takeover", f"takeover: {takeover.id}", item=item, takeover_id=takeover.id),
                )
            )
    return tuple(found)


def get_takeover_item(takeover: Takeover, lengths: LengthByItem) -> LiveItem | None:
    """What *takeover* shows: nothing when blank; the still where the panel cannot play what it names."""
    name = takeover.item_ref
    if name is None:
        return None
    length = get_length(lengths, name)
    return LiveItem(name, length) if isinstance(length, int) else BUILTIN_STILL_ITEM


def get_equivalence_key(installation: ScheduleSnapshot, screen: Screen) -> Hashable:
    """Return a key that is equal for screens with the same live content and brightness at every instant."""
    return (get_target_index(installation).get_mask(screen), screen.schedule_key)


def get_poll_seconds(installation: ScheduleSnapshot, screen: Screen, at: datetime) -> int:
    """How often *screen* is to poll: shorter while a takeover runs on it, and in a key period."""
    settings = installation.settings
    found = [settings.poll_seconds]
    found += [p.poll_seconds for p in settings.key_periods if p.from_ <= at < p.until]
    if list_running_takeovers(installation, screen, at):
        found.append(settings.takeover_poll_seconds)
    return min(found)


def list_running_takeovers(installation: ScheduleSnapshot, screen: Screen, at: datetime) -> tuple[Takeover, ...]:
    """The takeovers that name *screen* and run at the instant *at*; the last one wins."""
    mask = get_target_index(installation).get_mask(screen) >> _count_placements(installation)
    running = [
        takeover
        for number, takeover in enumerate(installation.takeovers)
        if mask >> number & 1 and takeover.from_ <= at < takeover.ends_at
    ]
    return tuple(sorted(running, key=lambda t: t.number))


def get_target_index(installation: ScheduleSnapshot) -> TargetIndex:
    """Which placements (all campaigns', in order), then which takeovers name a screen."""
    found = _target_indexes.get(installation)
    if found is None:
        placed = [placement.screens for campaign in installation.campaigns for placement in campaign.placements]
        found = _target_indexes[installation] = TargetIndex([*placed, *(t.screens for t in installation.takeovers)])
    return found


def _count_placements(installation: ScheduleSnapshot) -> int:
    return sum(len(campaign.placements) for campaign in installation.campaigns)


class _TimelineCache:
    """All campaigns between two instants, for any screen; each is worked out for the first screen that it names."""

    def __init__(self, installation: ScheduleSnapshot, span: Interval) -> None:
        self._unapproved, self._calendars, self._span = installation.unapproved, installation.calendars, span
        self.target_index = get_target_index(installation)
        self.campaign_by_id = {one.id: one for one in installation.campaigns if one.id not in self._unapproved}
        self._timelines: dict[str, CampaignTimeline] = {}
        self._first_bits: list[tuple[int, Campaign]] = []
        bit = 0
        for campaign in installation.campaigns:
            if campaign.id in self.campaign_by_id:
                self._first_bits.append((bit, campaign))
            bit += len(campaign.placements)

    def get_timeline(self, campaign: Campaign) -> CampaignTimeline:
        """One campaign's."""
        found = self._timelines.get(campaign.id)
        if found is None:
            found = self._timelines[campaign.id] = CampaignTimeline(
                campaign, self._unapproved, self._calendars, self._span
            )
        return found

    def iter_targeting_campaigns(self, screen: Screen) -> Iterator[tuple[CampaignTimeline, tuple[int, ...]]]:
        """The campaigns that name *screen* and are in their windows, each with its placements that do."""
        mask = self.target_index.get_mask(screen)
        for bit, campaign in self._first_bits:
            own = mask >> bit
            places = tuple(n for n in range(len(campaign.placements)) if own >> n & 1)
            if places and self.get_timeline(campaign).window:
                yield self.get_timeline(campaign), places


_target_indexes: WeakKeyDictionary[ScheduleSnapshot, TargetIndex] = WeakKeyDictionary()
_timeline_caches: WeakKeyDictionary[ScheduleSnapshot, dict[Interval, _TimelineCache]] = WeakKeyDictionary()
_lock = Lock()


def _get_timeline_cache(installation: ScheduleSnapshot, begin: datetime, end: datetime) -> _TimelineCache:
    with _lock:
        kept = _timeline_caches.setdefault(installation, {})
        found = kept.get((begin, end))
    if found is None:
        found = _TimelineCache(installation, (begin, end))
        with _lock:
            if len(kept) >= _MAX_TIMELINE_CACHES:
                kept.pop(next(iter(kept)))
            kept[begin, end] = found
    return found


class _ScreenTimeline:
    """One screen: the phases of its campaigns become what is live, edge by edge."""

    def __init__(self, prepared: _TimelineCache, screen: Screen, lengths: LengthByItem) -> None:
        self._timelines = prepared
        self._screen = screen
        self._lengths = lengths
        self._placements: dict[tuple[str, int, tuple[int, ...]], LivePlacement | None] = {}
        self._contents: dict[tuple[int, ...], LiveContent] = {}

    def iter_content_intervals(self, begin: datetime, end: datetime) -> Iterable[ContentInterval]:
        changes: list[tuple[datetime, int, CampaignCandidate | None]] = []
        for order, (course, places) in enumerate(self._timelines.iter_targeting_campaigns(self._screen)):
            changes += self._iter_changes(order, course, places)
        default = self._timelines.campaign_by_id.get(self._screen.default_campaign or "")
        if default is not None:
            course = self._timelines.get_timeline(default)
            changes += self._iter_changes(-1, course, tuple(range(len(default.placements))))
        edges = {at for at, _, _ in changes}
        hours = list_lit_intervals(self._screen, begin, end)
        edges.update(edge for span in hours for edge in span)
        edges.update((begin, end))
        return self._sweep_edges(sorted(edge for edge in edges if begin <= edge <= end), changes, hours)

    def _iter_changes(
        self, order: int, course: CampaignTimeline, places: tuple[int, ...]
    ) -> Iterable[tuple[datetime, int, CampaignCandidate | None]]:
        known: dict[tuple[object, ...], CampaignCandidate | None] = {}
        until = None
        for phase in course.get_segments(places):
            key = (phase.placements, phase.dayparts)
            if key not in known:
                known[key] = self._build_candidate(course, phase)
            if until is not None and until < phase.from_:
                yield until, order, None
            yield phase.from_, order, known[key]
            until = phase.until
        if until is not None:
            yield until, order, None

    def _build_candidate(self, course: CampaignTimeline, phase: TimelineSegment) -> CampaignCandidate | None:
        campaign = course.campaign
        live = []
        for placed in phase.placements:
            key = (campaign.id, placed.number, placed.items)
            if key not in self._placements:
                listed = campaign.placements[placed.number].order == "listed"
                items = build_live_items(campaign, placed.items, listed, self._lengths)
                self._placements[key] = build_live_placement(campaign, placed.number, items) if items else None
            found = self._placements[key]
            if found is not None:
                live.append(found)
        if not live:
            return None
        parts = list_named_dayparts(campaign, tuple(one.number - 1 for one in live), phase.dayparts)
        return CampaignCandidate(campaign.id, campaign.priority, tuple(live), parts)

    def _sweep_edges(
        self,
        edges: list[datetime],
        changes: list[tuple[datetime, int, CampaignCandidate | None]],
        hours: tuple[Interval, ...],
    ) -> Iterable[ContentInterval]:
        changes.sort(key=lambda change: change[:2])
        now: dict[int, CampaignCandidate] = {}
        done = lit_from = 0
        for begin, end in pairwise(edges):
            while done < len(changes) and changes[done][0] <= begin:
                _, order, showable = changes[done]
                if showable is None:
                    now.pop(order, None)
                else:
                    now[order] = showable
                done += 1
            while lit_from < len(hours) and hours[lit_from][1] <= begin:
                lit_from += 1
            is_lit = lit_from < len(hours) and hours[lit_from][0] <= begin
            yield ContentInterval(begin, end, self._get_content(now) if is_lit else DARK_CONTENT)

    def _get_content(self, now: dict[int, CampaignCandidate]) -> LiveContent:
        tier = select_top_tier(now[order] for order in sorted(now) if order >= 0)
        default = now.get(-1)
        key = tuple(id(one) for one in tier) if tier or default is None else (-1, id(default))
        found = self._contents.get(key)
        if found is None:
            found = self._contents[key] = _build_content(tier, default)
        return found


def _build_content(tier: tuple[CampaignCandidate, ...], default: CampaignCandidate | None) -> LiveContent:
    if tier:
        placements = tuple(placement for one in tier for placement in one.placements)
        return LiveContent("campaigns", "; ".join(one.why for one in tier), placements)
    if default is not None:
        return LiveContent("default", f"default: {default.campaign}", default.placements)
    return FALLBACK_CONTENT


def _overlay(below: Sequence[ContentInterval], over: ContentInterval) -> list[ContentInterval]:
    found: list[ContentInterval] = []
    for one in below:
        if one.until <= over.from_ or one.from_ >= over.until:
            found.append(one)
            continue
        if one.from_ < over.from_:
            found.append(ContentInterval(one.from_, over.from_, one.live))
        found.append(ContentInterval(max(one.from_, over.from_), min(one.until, over.until), over.live))
        if one.until > over.until:
            found.append(ContentInterval(over.until, one.until, one.live))
    return found


def _merge_equal_neighbours(found: Iterable[ContentInterval]) -> tuple[ContentInterval, ...]:
    joined: list[ContentInterval] = []
    for one in found:
        if joined and (joined[-1].live is one.live or joined[-1].live == one.live):
            joined[-1] = ContentInterval(joined[-1].from_, one.until, one.live)
        else:
            joined.append(one)
    return tuple(joined)
