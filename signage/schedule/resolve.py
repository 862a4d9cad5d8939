"""The live content of a screen, interval by interval (contract, rule 1).

1. A takeover that targets the screen wins; of several, the one started last.
2. Outside its operating hours the screen is dark.
3. Else the highest tier of the campaigns with live content: approved, in their window, with a placement that targets
   the screen and has an active daypart, and an item in its window that the panel can play; on another unit's screen
   only while a consent holds, with its caps (rule 9, ``consents``).
4. Without live content: the screen's default campaign, by its own windows and dayparts, whatever screens it targets.
5. Else the built-in still.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from threading import Lock
from weakref import WeakKeyDictionary

from signage.model.campaign import Campaign
from signage.model.screen import Screen
from signage.schedule.campaign_timeline import CampaignTimeline, TimelineSegment, list_named_dayparts
from signage.schedule.consents import (
    UNCONDITIONAL,
    Permission,
    ScreenRights,
    get_rights,
    list_permissions,
    needs_consent,
)
from signage.schedule.intervals import Interval
from signage.schedule.live_content import ContentInterval, LiveContent, LivePlacement
from signage.schedule.operating_hours import list_lit_intervals
from signage.schedule.priority import (
    CampaignCandidate,
    LengthByItem,
    build_live_items,
    build_live_placement,
    select_top_tier,
)
from signage.schedule.snapshot import ScheduleSnapshot
from signage.schedule.takeovers import list_takeover_intervals

FALLBACK_CONTENT = LiveContent("still", "fallback")
DARK_CONTENT = LiveContent("dark", "operating hours")
_MAX_TIMELINE_CACHES = 16


def list_content_intervals(
    snapshot: ScheduleSnapshot, screen: Screen, lengths: LengthByItem, begin: datetime, end: datetime
) -> tuple[ContentInterval, ...]:
    """Return the live content of *screen* from *begin* to *end*, without gaps; neighbouring intervals differ."""
    intervals: Sequence[ContentInterval] = list_intervals_without_takeovers(snapshot, screen, lengths, begin, end)
    for takeover in list_takeover_intervals(snapshot, screen, lengths):
        intervals = _overlay(intervals, takeover)
    return _merge_equal_neighbours(intervals)


def list_intervals_without_takeovers(
    snapshot: ScheduleSnapshot, screen: Screen, lengths: LengthByItem, begin: datetime, end: datetime
) -> tuple[ContentInterval, ...]:
    """Return the content intervals of *screen* from *begin* to *end* as if there were no takeovers."""
    timelines = _get_timeline_cache(snapshot, begin, end)
    rights = get_rights(snapshot, screen)
    timeline = _ScreenTimeline(timelines, screen, rights, lengths)
    return _merge_equal_neighbours(timeline.iter_content_intervals(begin, end))


def get_equivalence_key(snapshot: ScheduleSnapshot, screen: Screen) -> Hashable:
    """Return a key that is equal for screens with the same live content and brightness at every instant."""
    return (get_rights(snapshot, screen), screen.schedule_key)


class _TimelineCache:
    """The timelines of all campaigns in a period, each built for the first screen that its campaign targets."""

    def __init__(self, snapshot: ScheduleSnapshot, period: Interval) -> None:
        self._unapproved, self._calendars, self._period = snapshot.unapproved, snapshot.calendars, period
        self.campaign_by_id = {c.id: c for c in snapshot.campaigns if c.id not in self._unapproved}
        self._timelines: dict[str, CampaignTimeline] = {}
        self._first_bits: list[tuple[int, Campaign]] = []
        bit = 0
        for campaign in snapshot.campaigns:
            if campaign.id in self.campaign_by_id:
                self._first_bits.append((bit, campaign))
            bit += len(campaign.placements)

    def get_timeline(self, campaign: Campaign) -> CampaignTimeline:
        """Return the timeline of *campaign* in the period."""
        timeline = self._timelines.get(campaign.id)
        if timeline is None:
            timeline = CampaignTimeline(campaign, self._unapproved, self._calendars, self._period)
            self._timelines[campaign.id] = timeline
        return timeline

    def iter_targeting_campaigns(self, mask: int) -> Iterator[tuple[CampaignTimeline, tuple[int, ...]]]:
        """Yield the campaigns in their window with a placement in *mask*, each with these placements."""
        for first_bit, campaign in self._first_bits:
            bits = mask >> first_bit
            placements = tuple(n for n in range(len(campaign.placements)) if bits >> n & 1)
            if placements and self.get_timeline(campaign).window:
                yield self.get_timeline(campaign), placements


_timeline_caches: WeakKeyDictionary[ScheduleSnapshot, dict[Interval, _TimelineCache]] = WeakKeyDictionary()
_lock = Lock()


def _get_timeline_cache(snapshot: ScheduleSnapshot, begin: datetime, end: datetime) -> _TimelineCache:
    with _lock:
        caches = _timeline_caches.setdefault(snapshot, {})
        cache = caches.get((begin, end))
    if cache is None:
        cache = _TimelineCache(snapshot, (begin, end))
        with _lock:
            if len(caches) >= _MAX_TIMELINE_CACHES:
                caches.pop(next(iter(caches)))
            caches[begin, end] = cache
    return cache


_CandidateChange = tuple[datetime, int, CampaignCandidate | None]
"""At an instant the campaign with that rank (-1: the default campaign) gets a new candidate, or has none any more."""


class _ScreenTimeline:
    """Combines the timelines of the campaigns into the live content of one screen."""

    def __init__(self, timelines: _TimelineCache, screen: Screen, rights: ScreenRights, lengths: LengthByItem) -> None:
        self._timelines = timelines
        self._screen = screen
        self._rights = rights
        self._lengths = lengths
        self._placements: dict[tuple[str, int, tuple[int, ...], int | None], LivePlacement | None] = {}
        self._contents: dict[tuple[int, ...], LiveContent] = {}

    def iter_content_intervals(self, begin: datetime, end: datetime) -> Iterable[ContentInterval]:
        changes: list[_CandidateChange] = []
        for rank, (timeline, placements) in enumerate(self._timelines.iter_targeting_campaigns(self._rights.permitted)):
            changes += self._iter_changes(rank, timeline, placements)
        default = self._timelines.campaign_by_id.get(self._screen.default_campaign or "")
        if default is not None and self._rights.shows_default:
            timeline = self._timelines.get_timeline(default)
            changes += self._iter_changes(-1, timeline, tuple(range(len(default.placements))))
        edges = {at for at, _, _ in changes}
        lit = list_lit_intervals(self._screen, begin, end)
        edges.update(edge for interval in lit for edge in interval)
        edges.update((begin, end))
        return self._sweep_edges(sorted(edge for edge in edges if begin <= edge <= end), changes, lit)

    def _iter_changes(
        self, rank: int, timeline: CampaignTimeline, placements: tuple[int, ...]
    ) -> Iterable[_CandidateChange]:
        candidates: dict[tuple[object, ...], CampaignCandidate | None] = {}
        until = None
        for segment, permission in self._iter_permitted_segments(timeline, placements):
            key = (segment.placements, segment.dayparts, permission)
            if key not in candidates:
                candidates[key] = self._build_candidate(timeline.campaign, segment, permission)
            if until is not None and until < segment.from_:
                yield until, rank, None
            yield segment.from_, rank, candidates[key]
            until = segment.until
        if until is not None:
            yield until, rank, None

    def _iter_permitted_segments(
        self, timeline: CampaignTimeline, placements: tuple[int, ...]
    ) -> Iterator[tuple[TimelineSegment, Permission]]:
        """Yield the segments of a campaign, cut to the intervals in which it may show on the screen (rule 9)."""
        segments = timeline.get_segments(placements)
        if not self._rights.is_enforced or not needs_consent(timeline.campaign, self._screen):
            yield from ((segment, UNCONDITIONAL) for segment in segments)
            return
        if not segments:
            return
        begin, end = segments[0].from_, segments[-1].until
        permissions = list_permissions(timeline.campaign, self._screen, self._rights.consents, begin, end)
        for segment in segments:
            for first, last, permission in permissions:
                from_, until = max(first, segment.from_), min(last, segment.until)
                if from_ < until:
                    yield replace(segment, from_=from_, until=until), permission

    def _build_candidate(
        self, campaign: Campaign, segment: TimelineSegment, permission: Permission
    ) -> CampaignCandidate | None:
        live = []
        for active in segment.placements:
            key = (campaign.id, active.number, active.items, permission.max_share)
            if key not in self._placements:
                listed = campaign.placements[active.number].order == "listed"
                items = build_live_items(campaign, active.items, listed, self._lengths)
                self._placements[key] = (
                    build_live_placement(campaign, active.number, items, permission.max_share) if items else None
                )
            placement = self._placements[key]
            if placement is not None:
                live.append(placement)
        if not live:
            return None
        dayparts = list_named_dayparts(campaign, tuple(p.number - 1 for p in live), segment.dayparts)
        return CampaignCandidate(campaign.id, permission.cap_priority(campaign.priority), tuple(live), dayparts)

    def _sweep_edges(
        self, edges: list[datetime], changes: list[_CandidateChange], lit: tuple[Interval, ...]
    ) -> Iterable[ContentInterval]:
        changes.sort(key=lambda change: change[:2])
        candidates: dict[int, CampaignCandidate] = {}
        next_change = next_lit = 0
        for begin, end in pairwise(edges):
            while next_change < len(changes) and changes[next_change][0] <= begin:
                _, rank, candidate = changes[next_change]
                if candidate is None:
                    candidates.pop(rank, None)
                else:
                    candidates[rank] = candidate
                next_change += 1
            while next_lit < len(lit) and lit[next_lit][1] <= begin:
                next_lit += 1
            is_lit = next_lit < len(lit) and lit[next_lit][0] <= begin
            yield ContentInterval(begin, end, self._get_content(candidates) if is_lit else DARK_CONTENT)

    def _get_content(self, candidates: dict[int, CampaignCandidate]) -> LiveContent:
        tier = select_top_tier(candidates[rank] for rank in sorted(candidates) if rank >= 0)
        default = candidates.get(-1)
        key = tuple(id(candidate) for candidate in tier) if tier or default is None else (-1, id(default))
        content = self._contents.get(key)
        if content is None:
            content = self._contents[key] = _build_content(tier, default)
        return content


def _build_content(tier: tuple[CampaignCandidate, ...], default: CampaignCandidate | None) -> LiveContent:
    if tier:
        placements = tuple(placement for candidate in tier for placement in candidate.placements)
        return LiveContent("campaigns", "; ".join(candidate.why for candidate in tier), placements)
    if default is not None:
        return LiveContent("default", f"default: {default.campaign}", default.placements)
    return FALLBACK_CONTENT


def _overlay(intervals: Sequence[ContentInterval], top: ContentInterval) -> list[ContentInterval]:
    """Replace the content of *intervals* by that of *top* where they overlap."""
    result: list[ContentInterval] = []
    for interval in intervals:
        if interval.until <= top.from_ or interval.from_ >= top.until:
            result.append(interval)
            continue
        if interval.from_ < top.from_:
            result.append(ContentInterval(interval.from_, top.from_, interval.live))
        result.append(ContentInterval(max(interval.from_, top.from_), min(interval.until, top.until), top.live))
        if interval.until > top.until:
            result.append(ContentInterval(top.until, interval.until, interval.live))
    return result


def _merge_equal_neighbours(intervals: Iterable[ContentInterval]) -> tuple[ContentInterval, ...]:
    merged: list[ContentInterval] = []
    for interval in intervals:
        if merged and (merged[-1].live is interval.live or merged[-1].live == interval.live):
            merged[-1] = ContentInterval(merged[-1].from_, interval.until, interval.live)
        else:
            merged.append(interval)
    return tuple(merged)
