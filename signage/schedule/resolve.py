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
from signage.schedule.campaign_timeline import Course, Phase, named_dayparts
from signage.schedule.intervals import Span
from signage.schedule.live_content import STILL, STILL_MS, Live, LiveItem, LivePlacement, takeover_ref
from signage.schedule.operating_hours import asks_the_sun, lit
from signage.schedule.priority import Lengths, Showable, length_of, live_items, live_placement, top_tier
from signage.schedule.snapshot import Installation
from signage.schedule.targets import TargetIndex

STILL_ITEM = LiveItem(STILL, STILL_MS)
"""The built-in still as an item."""
FALLBACK = Live("still", "fallback")
DARK = Live("dark", "operating hours")
_KEPT = 16


@dataclass(frozen=True, slots=True)
class Stretch:
    """A while in which the same is live."""

    from_: datetime
    until: datetime
    live: Live


def stretches(
    installation: Installation, screen: Screen, lengths: Lengths, begin: datetime, end: datetime
) -> tuple[Stretch, ...]:
    """What is live on *screen* between *begin* and *end*, without gap or overlap; neighbours differ."""
    found: Sequence[Stretch] = without_takeovers(installation, screen, lengths, begin, end)
    for stretch in takeover_stretches(installation, screen, lengths):
        found = _overlaid(found, stretch)
    return _joined(found)


def without_takeovers(
    installation: Installation, screen: Screen, lengths: Lengths, begin: datetime, end: datetime
) -> tuple[Stretch, ...]:
    """What would be live on *screen* between *begin* and *end* if nobody had ordered a takeover."""
    prepared = _prepared(installation, begin, end)
    timeline = _Timeline(prepared, screen, lengths)
    return _joined(timeline.stretches(begin, end))


def takeover_stretches(installation: Installation, screen: Screen, lengths: Lengths) -> tuple[Stretch, ...]:
    """Each takeover that names *screen*, whole, in the order in which they were started: a later one wins."""
    mask = target_index(installation).mask(screen) >> _placements(installation)
    named = [t for number, t in enumerate(installation.takeovers) if mask >> number & 1]
    found = []
    for takeover in sorted(named, key=lambda t: t.number):
        if takeover.from_ < takeover.ends_at:
            item = takeover_item(takeover, lengths)
            found.append(
                Stretch(takeover.from_, takeover.ends_at, Live("takeover", f"takeover: {takeover.id}", item=item))
            )
    return tuple(found)


def takeover_item(takeover: Takeover, lengths: Lengths) -> LiveItem | None:
    """What *takeover* shows: nothing when blank; the still where the panel cannot play what it names."""
    if takeover.blank:
        return None
    name = takeover.item if takeover.item is not None else takeover_ref(takeover.id)
    length = length_of(lengths, name)
    return LiveItem(name, length) if isinstance(length, int) else STILL_ITEM


def alike(installation: Installation, screen: Screen) -> Hashable:
    """Equal for two screens on which the same is live at every instant, and in the same brightness."""
    sun = screen.position if asks_the_sun(screen) else None
    mask = target_index(installation).mask(screen)
    return (mask, screen.panel, screen.timezone, screen.hours, screen.brightness, sun, screen.default_campaign)


def poll_seconds(installation: Installation, screen: Screen, at: datetime) -> int:
    """How often *screen* is to poll: shorter while a takeover runs on it, and in a key period."""
    settings = installation.settings
    found = [settings.poll_seconds]
    found += [p.poll_seconds for p in settings.key_periods if p.from_ <= at < p.until]
    if running_takeovers(installation, screen, at):
        found.append(settings.takeover_poll_seconds)
    return min(found)


def running_takeovers(installation: Installation, screen: Screen, at: datetime) -> tuple[Takeover, ...]:
    """The takeovers that name *screen* and run at the instant *at*; the last one wins."""
    mask = target_index(installation).mask(screen) >> _placements(installation)
    running = [
        takeover
        for number, takeover in enumerate(installation.takeovers)
        if mask >> number & 1 and takeover.from_ <= at < takeover.ends_at
    ]
    return tuple(sorted(running, key=lambda t: t.number))


def target_index(installation: Installation) -> TargetIndex:
    """Which placements (all campaigns', in order), then which takeovers name a screen."""
    found = _indices.get(installation)
    if found is None:
        placed = [placement.screens for campaign in installation.campaigns for placement in campaign.placements]
        found = _indices[installation] = TargetIndex([*placed, *(t.screens for t in installation.takeovers)])
    return found


def _placements(installation: Installation) -> int:
    return sum(len(campaign.placements) for campaign in installation.campaigns)


class _Prepared:
    """All campaigns between two instants, for any screen; each is worked out for the first screen that it names."""

    def __init__(self, installation: Installation, span: Span) -> None:
        self._hidden, self._calendars, self._span = installation.unapproved, installation.calendars, span
        self.index = target_index(installation)
        self.by_id = {one.id: one for one in installation.campaigns if one.id not in self._hidden}
        self._courses: dict[str, Course] = {}
        self._begins: list[tuple[int, Campaign]] = []
        bit = 0
        for campaign in installation.campaigns:
            if campaign.id in self.by_id:
                self._begins.append((bit, campaign))
            bit += len(campaign.placements)

    def course(self, campaign: Campaign) -> Course:
        """One campaign's."""
        found = self._courses.get(campaign.id)
        if found is None:
            found = self._courses[campaign.id] = Course(campaign, self._hidden, self._calendars, self._span)
        return found

    def named(self, screen: Screen) -> Iterator[tuple[Course, tuple[int, ...]]]:
        """The campaigns that name *screen* and are in their windows, each with its placements that do."""
        mask = self.index.mask(screen)
        for bit, campaign in self._begins:
            own = mask >> bit
            places = tuple(n for n in range(len(campaign.placements)) if own >> n & 1)
            if places and self.course(campaign).window:
                yield self.course(campaign), places


_indices: WeakKeyDictionary[Installation, TargetIndex] = WeakKeyDictionary()
_kept: WeakKeyDictionary[Installation, dict[Span, _Prepared]] = WeakKeyDictionary()
_lock = Lock()


def _prepared(installation: Installation, begin: datetime, end: datetime) -> _Prepared:
    with _lock:
        kept = _kept.setdefault(installation, {})
        found = kept.get((begin, end))
    if found is None:
        found = _Prepared(installation, (begin, end))
        with _lock:
            if len(kept) >= _KEPT:
                kept.pop(next(iter(kept)))
            kept[begin, end] = found
    return found


class _Timeline:
    """One screen: the phases of its campaigns become what is live, edge by edge."""

    def __init__(self, prepared: _Prepared, screen: Screen, lengths: Lengths) -> None:
        self._prepared = prepared
        self._screen = screen
        self._lengths = lengths
        self._placements: dict[tuple[str, int, tuple[int, ...]], LivePlacement | None] = {}
        self._lives: dict[tuple[int, ...], Live] = {}

    def stretches(self, begin: datetime, end: datetime) -> Iterable[Stretch]:
        changes: list[tuple[datetime, int, Showable | None]] = []
        for order, (course, places) in enumerate(self._prepared.named(self._screen)):
            changes += self._changes(order, course, places)
        default = self._prepared.by_id.get(self._screen.default_campaign or "")
        if default is not None:
            course = self._prepared.course(default)
            changes += self._changes(-1, course, tuple(range(len(default.placements))))
        edges = {at for at, _, _ in changes}
        hours = lit(self._screen, begin, end)
        edges.update(edge for span in hours for edge in span)
        edges.update((begin, end))
        return self._sweep(sorted(edge for edge in edges if begin <= edge <= end), changes, hours)

    def _changes(
        self, order: int, course: Course, places: tuple[int, ...]
    ) -> Iterable[tuple[datetime, int, Showable | None]]:
        known: dict[tuple[object, ...], Showable | None] = {}
        until = None
        for phase in course.phases(places):
            key = (phase.placements, phase.dayparts)
            if key not in known:
                known[key] = self._showable(course, phase)
            if until is not None and until < phase.from_:
                yield until, order, None
            yield phase.from_, order, known[key]
            until = phase.until
        if until is not None:
            yield until, order, None

    def _showable(self, course: Course, phase: Phase) -> Showable | None:
        campaign = course.campaign
        live = []
        for placed in phase.placements:
            key = (campaign.id, placed.number, placed.items)
            if key not in self._placements:
                listed = campaign.placements[placed.number].order == "listed"
                items = live_items(campaign, placed.items, listed, self._lengths)
                self._placements[key] = live_placement(campaign, placed.number, items) if items else None
            found = self._placements[key]
            if found is not None:
                live.append(found)
        if not live:
            return None
        parts = named_dayparts(campaign, tuple(one.number - 1 for one in live), phase.dayparts)
        return Showable(campaign.id, campaign.priority, tuple(live), parts)

    def _sweep(
        self, edges: list[datetime], changes: list[tuple[datetime, int, Showable | None]], hours: tuple[Span, ...]
    ) -> Iterable[Stretch]:
        changes.sort(key=lambda change: change[:2])
        now: dict[int, Showable] = {}
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
            yield Stretch(begin, end, self._live(now) if is_lit else DARK)

    def _live(self, now: dict[int, Showable]) -> Live:
        tier = top_tier(now[order] for order in sorted(now) if order >= 0)
        default = now.get(-1)
        key = tuple(id(one) for one in tier) if tier or default is None else (-1, id(default))
        found = self._lives.get(key)
        if found is None:
            found = self._lives[key] = _live(tier, default)
        return found


def _live(tier: tuple[Showable, ...], default: Showable | None) -> Live:
    if tier:
        placements = tuple(placement for one in tier for placement in one.placements)
        return Live("campaigns", "; ".join(one.why for one in tier), placements)
    if default is not None:
        return Live("default", f"default: {default.campaign}", default.placements)
    return FALLBACK


def _overlaid(below: Sequence[Stretch], over: Stretch) -> list[Stretch]:
    found: list[Stretch] = []
    for one in below:
        if one.until <= over.from_ or one.from_ >= over.until:
            found.append(one)
            continue
        if one.from_ < over.from_:
            found.append(Stretch(one.from_, over.from_, one.live))
        found.append(Stretch(max(one.from_, over.from_), min(one.until, over.until), over.live))
        if one.until > over.until:
            found.append(Stretch(over.until, one.until, one.live))
    return found


def _joined(found: Iterable[Stretch]) -> tuple[Stretch, ...]:
    joined: list[Stretch] = []
    for one in found:
        if joined and (joined[-1].live is one.live or joined[-1].live == one.live):
            joined[-1] = Stretch(joined[-1].from_, one.until, one.live)
        else:
            joined.append(one)
    return tuple(joined)
