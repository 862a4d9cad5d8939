"""The first minutes of a campaign on each kind of screen, as if it were approved, and how often its items show."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate

from signage.model.campaign import Campaign, format_item_ref
from signage.model.panel import Panel
from signage.protocol.playlist import PlaylistItem
from signage.publish.group_compiler import ItemSource
from signage.publish.load_snapshot import ScheduleRules, load_current_snapshot
from signage.publish.screen_groups import ScreenGroup
from signage.schedule.analysis.simulate import OffAirReason, assume_approved, get_off_air_reason, iter_planned_programs
from signage.schedule.programs import PlannedProgram
from signage.schedule.rotation.rotation_cache import RotationCache, RotationsByPanel
from signage.schedule.snapshot import ScheduleSnapshot
from signage.schedule.targets import matches_screen
from signage.services.campaigns.simulation import get_screen_groups
from signage.services.context import AppContext

PREVIEW_MS = 180_000
MAX_SEGMENTS = 40
_SEARCH_PERIOD = timedelta(days=14)
_MAX_KINDS = 12


@dataclass(frozen=True, slots=True)
class PreviewSegment:
    """An item from *from_ms* to *until_ms* after the beginning. *item* None: its media are not made yet."""

    name: str
    item: PlaylistItem | None
    from_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class Airtime:
    """The campaign's part of the screen's time, and the mean time between plays: of any item, of one item."""

    share: float
    campaign_every_ms: int
    item_every_ms: int


@dataclass(frozen=True, slots=True)
class KindPreview:
    """The first minutes on the screens of one kind and panel. *begins_at* None: not on air, for *reason*."""

    kind: str
    panel: Panel
    screen_count: int
    begins_at: datetime | None
    segments: tuple[PreviewSegment, ...]
    airtime: Airtime | None
    reason: OffAirReason | None


def list_kind_previews(
    context: AppContext,
    rules: ScheduleRules,
    create_resolver: Callable[[ScheduleSnapshot], ItemSource],
    campaign: Campaign,
) -> list[KindPreview]:
    """Return the preview of each kind and panel that *campaign* targets, the most screens first."""
    with context.store.read() as connection:
        snapshot = assume_approved(load_current_snapshot(connection, rules).snapshot, campaign)
    groups: dict[tuple[str, str], list[ScreenGroup]] = {}
    for group in get_screen_groups(context).list_groups(snapshot):
        screen = group.representative
        if any(matches_screen(placement.screens, screen) for placement in campaign.placements):
            groups.setdefault((screen.kind, screen.panel), []).append(group)
    counts = {key: sum(len(group.screen_ids) for group in entries) for key, entries in groups.items()}
    keys = sorted(groups, key=lambda key: (-counts[key], key))[:_MAX_KINDS]
    largest = {key: max(groups[key], key=lambda group: len(group.screen_ids)) for key in keys}
    snapshot = replace(snapshot, screens=tuple(group.representative for group in largest.values()))
    source = create_resolver(snapshot)
    rotations = RotationsByPanel(context.panels, source.get_lengths, snapshot.settings.max_loop_ms)
    builder = _PreviewBuilder(snapshot, campaign, source, context.clock.now())
    previews = []
    for kind, panel_id in keys:
        panel, screen = context.panels[panel_id], largest[kind, panel_id].representative
        programs = iter_planned_programs(snapshot, screen, rotations.get_cache(panel_id), builder.begin, builder.end)
        base = KindPreview(kind, panel, counts[kind, panel_id], None, (), None, None)
        previews.append(builder.build(base, programs, rotations.get_cache(panel_id)))
    return previews


class _PreviewBuilder:
    """Builds previews from the planned programs of a screen."""

    def __init__(self, snapshot: ScheduleSnapshot, campaign: Campaign, source: ItemSource, now: datetime) -> None:
        self._source = source
        self._names = {format_item_ref(campaign.id, item.id) for item in campaign.items}
        self.begin = max(campaign.starts_at, now) if now < campaign.ends_at else campaign.starts_at
        self.end = min(campaign.ends_at, self.begin + _SEARCH_PERIOD)

    def build(self, preview: KindPreview, programs: Iterator[PlannedProgram], rotations: RotationCache) -> KindPreview:
        """Fill *preview* from the first of *programs* that shows the campaign."""
        reason: OffAirReason | None = None
        for program in programs:
            if program.rotation is not None and self._names & set(program.rotation.entries):
                begins_at = max(program.from_, self.begin)
                segments = tuple(self._iter_segments(program, begins_at, preview.panel, rotations))
                airtime = self._measure_airtime(program, rotations)
                return replace(preview, begins_at=begins_at, segments=segments, airtime=airtime)
            reason = reason or get_off_air_reason(program)
        return replace(preview, reason=reason)

    def _iter_segments(
        self, program: PlannedProgram, at: datetime, panel: Panel, rotations: RotationCache
    ) -> Iterator[PreviewSegment]:
        rotation = program.rotation
        assert rotation is not None
        entries, position = rotation.entries, program.get_position_ms(at)
        starts = [0, *accumulate(rotations.get_length_ms(name) for name in entries[:-1])]
        number = bisect_right(starts, position) - 1
        elapsed = starts[number] - position
        for _ in range(MAX_SEGMENTS):
            name = entries[number % len(entries)]
            until = elapsed + rotations.get_length_ms(name)
            yield PreviewSegment(name, self._find_item(name, panel), elapsed, until)
            elapsed, number = until, number + 1
            if elapsed >= PREVIEW_MS:
                return

    def _find_item(self, name: str, panel: Panel) -> PlaylistItem | None:
        try:
            return self._source.get_item(name, panel)
        except KeyError:
            return None

    def _measure_airtime(self, program: PlannedProgram, rotations: RotationCache) -> Airtime:
        rotation = program.rotation
        assert rotation is not None
        own = [name for name in rotation.entries if name in self._names]
        own_ms = sum(rotations.get_length_ms(name) for name in own)
        plays = len(own)
        return Airtime(own_ms / rotation.loop_ms, rotation.loop_ms // plays, rotation.loop_ms * len(set(own)) // plays)
