"""The publishing desk: looks at everything that decides what shows, and issues the documents that must change.

A round is a function of what is stored and of the instant. Its work grows with the groups of alike screens that an
edit touches; a group of which nothing changed costs one comparison.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from signage.model.panel import Panel
from signage.publish import serials
from signage.publish.group_compiler import CompiledBodies, GroupCompiler, PlannerInput, compute_fingerprint
from signage.publish.screen_groups import ScreenGroup, ScreenGroups
from signage.publish.serials import PlaylistVersion
from signage.schedule.rotation.rotation_cache import RotationsByPanel
from signage.schedule.snapshot import ScheduleSnapshot

_MAX_INTERVAL = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PlaylistChange:
    """A document to be published. *first*: the screen had none before."""

    screen: str
    timezone: str
    version: PlaylistVersion
    is_first: bool


@dataclass(slots=True)
class PublishPlan:
    """What a round found: the documents to publish, their tails by digest, and when to look again at the latest.

    *takeover_ends*: digest of a tail → takeover id → until when a document with that tail shows the takeover.
    """

    changes: list[PlaylistChange]
    shared_bodies: dict[str, bytes]
    next_plan_at: datetime
    takeover_ends: dict[str, Mapping[str, datetime]] = field(default_factory=dict)


class PublishPlanner:
    """The rounds, with what they remember from one to the next.

    *tail_of* gives the bytes of a tail that was published before.
    """

    def __init__(self, panels: Mapping[str, Panel], tail_of: Callable[[str], bytes | None]) -> None:
        self._panels = panels
        self._get_shared_body = tail_of
        self.current_versions: dict[str, PlaylistVersion] = {}
        self.reported_serials: dict[str, int] = {}
        self._fingerprints: dict[Hashable, Hashable] = {}
        self._screen_fingerprints: dict[str, Hashable] = {}
        self._daily_due: dict[str, datetime] = {}
        self._bodies: CompiledBodies = {}
        self._last_planned_at: datetime | None = None

    def plan(self, ground: PlannerInput, fleet: ScreenGroups) -> PublishPlan:
        """All documents that must change at the instant of *ground*."""
        now = ground.now
        back = self._last_planned_at is not None and now < self._last_planned_at
        self._last_planned_at = now
        result = PublishPlan([], {}, now + _MAX_INTERVAL)
        rotations = RotationsByPanel(self._panels, ground.item_source.get_lengths, ground.snapshot.settings.max_loop_ms)
        stamps: dict[Hashable, Hashable] = {}
        for group in fleet.list_groups(ground.snapshot):
            panel = self._panels.get(group.representative.panel)
            if panel is None:
                continue
            loops = rotations.get_cache(panel.id)
            key = compute_fingerprint(ground, group.representative, loops.lengths)
            key = stamps.setdefault(key, self._fingerprints.get(key, key))
            work = GroupCompiler(ground, group.representative, panel, loops, key, self._bodies)
            self._plan_group(group, work, key, result, back)
            edge = work.get_next_program_start()
            result.next_plan_at = min(result.next_plan_at, edge or result.next_plan_at)
        self._fingerprints = stamps
        self._drop_stale_bodies(stamps, now)
        edges = _list_upcoming_changes(ground.snapshot, now)
        result.next_plan_at = min(
            [result.next_plan_at, *edges, *(due for due in self._daily_due.values() if due > now)]
        )
        return result

    def mark_published(self, changes: list[PlaylistChange]) -> None:
        """The changes of a round are published."""
        for change in changes:
            self.current_versions[change.screen] = change.version

    def _plan_group(
        self, group: ScreenGroup, work: GroupCompiler, key: Hashable, result: PublishPlan, back: bool
    ) -> None:
        for screen in group.screen_ids:
            if back or self._screen_fingerprints.get(screen) is not key or self._needs_check(screen):
                self._plan_screen(screen, work, result)
                self._screen_fingerprints[screen] = key

    def _needs_check(self, screen: str) -> bool:
        """Whether a screen of a group that did not change needs a look: its daily issue, or a serial it told of."""
        due, issue = self._daily_due.get(screen), self.current_versions.get(screen)
        assert self._last_planned_at is not None
        return (
            due is None
            or due <= self._last_planned_at
            or issue is None
            or self.reported_serials.get(screen, 0) > issue.serial
        )

    def _plan_screen(self, screen: str, work: GroupCompiler, result: PublishPlan) -> None:
        now = self._last_planned_at
        assert now is not None
        issue = self.current_versions.get(screen)
        reported = self.reported_serials.get(screen, 0)
        self._daily_due[screen] = serials.find_next_daily_due(screen, now, work.zone)
        if (
            issue is not None
            and reported <= issue.serial
            and not serials.needs_new_version(issue, screen, now, work.zone)
            and work.is_unchanged(issue, lambda: self._get_shared_body(issue.body_sha256))
        ):
            return
        fresh, content = work.make_next_version(issue, reported)
        result.changes.append(PlaylistChange(screen, work.zone.key, fresh, issue is None))
        if fresh.body_sha256 not in result.shared_bodies:
            result.shared_bodies[fresh.body_sha256] = content
            result.takeover_ends[fresh.body_sha256] = work.get_takeover_ends(fresh.issued_at)

    def _drop_stale_bodies(self, stamps: Mapping[Hashable, Hashable], now: datetime) -> None:
        """Drop bodies of groups that are no more, and of days that no document is of."""
        for key, first in list(self._bodies):
            if key not in stamps or abs((first - now.date()).days) > 2:
                del self._bodies[key, first]


def _list_upcoming_changes(installation: ScheduleSnapshot, now: datetime) -> list[datetime]:
    """Instants to come at which a takeover or a key period begins or ends."""
    spans = [(t.from_, t.ends_at) for t in installation.takeovers]
    spans += [(p.from_, p.until) for p in installation.settings.key_periods]
    return [edge for span in spans for edge in span if edge > now]
