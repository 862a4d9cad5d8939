"""Plans which playlists must change, from everything that decides what screens show.

A round is a function of the stored data and of the instant. Its work grows with the number of screen groups that an
edit affects; an unchanged group costs one comparison.
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
    """A playlist version to be published. *is_first*: the screen had none before."""

    screen: str
    timezone: str
    version: PlaylistVersion
    is_first: bool


@dataclass(slots=True)
class PublishPlan:
    """Result of a round: the versions to publish, their shared bodies by digest, and when the next round is due.

    *takeover_ends*: digest of a shared body → takeover id → until when documents with that body show the takeover.
    """

    changes: list[PlaylistChange]
    shared_bodies: dict[str, bytes]
    next_plan_at: datetime
    takeover_ends: dict[str, Mapping[str, datetime]] = field(default_factory=dict)


class PublishPlanner:
    """Plans rounds; keeps fingerprints, bodies and due times from one round to the next.

    *get_shared_body* reads a shared body that was published before, by its digest.
    """

    def __init__(self, panels: Mapping[str, Panel], get_shared_body: Callable[[str], bytes | None]) -> None:
        self._panels = panels
        self._get_shared_body = get_shared_body
        self.current_versions: dict[str, PlaylistVersion] = {}
        self.reported_serials: dict[str, int] = {}
        self._fingerprints: dict[Hashable, Hashable] = {}
        self._screen_fingerprints: dict[str, Hashable] = {}
        self._daily_due: dict[str, datetime] = {}
        self._bodies: CompiledBodies = {}
        self._last_planned_at: datetime | None = None

    def plan(self, planner_input: PlannerInput, screen_groups: ScreenGroups) -> PublishPlan:
        """Return all playlists that must change at the instant of *planner_input*."""
        now, snapshot = planner_input.now, planner_input.snapshot
        is_clock_set_back = self._last_planned_at is not None and now < self._last_planned_at
        self._last_planned_at = now
        plan = PublishPlan([], {}, now + _MAX_INTERVAL)
        rotations = RotationsByPanel(self._panels, planner_input.item_source.get_lengths, snapshot.settings.max_loop_ms)
        fingerprints: dict[Hashable, Hashable] = {}
        for group in screen_groups.list_groups(snapshot):
            panel = self._panels.get(group.representative.panel)
            if panel is None:
                continue
            cache = rotations.get_cache(panel.id)
            fingerprint = compute_fingerprint(planner_input, group.representative, cache.lengths)
            # The object of the round before, where equal: later comparisons are by identity.
            fingerprint = fingerprints.setdefault(fingerprint, self._fingerprints.get(fingerprint, fingerprint))
            compiler = GroupCompiler(planner_input, group.representative, panel, cache, fingerprint, self._bodies)
            self._plan_group(group, compiler, fingerprint, plan, is_clock_set_back)
            plan.next_plan_at = min(plan.next_plan_at, compiler.get_next_program_start() or plan.next_plan_at)
        self._fingerprints = fingerprints
        self._drop_stale_bodies(fingerprints, now)
        changes = _list_upcoming_changes(snapshot, now)
        plan.next_plan_at = min([plan.next_plan_at, *changes, *(due for due in self._daily_due.values() if due > now)])
        return plan

    def mark_published(self, changes: list[PlaylistChange]) -> None:
        """Record that the changes of a round are published."""
        for change in changes:
            self.current_versions[change.screen] = change.version

    def _plan_group(
        self, group: ScreenGroup, compiler: GroupCompiler, fingerprint: Hashable, plan: PublishPlan, plan_all: bool
    ) -> None:
        for screen in group.screen_ids:
            if plan_all or self._screen_fingerprints.get(screen) is not fingerprint or self._needs_check(screen):
                self._plan_screen(screen, compiler, plan)
                self._screen_fingerprints[screen] = fingerprint

    def _needs_check(self, screen: str) -> bool:
        """Whether a screen of an unchanged group must be planned: its daily version is due, or its serial is ahead."""
        due, version = self._daily_due.get(screen), self.current_versions.get(screen)
        assert self._last_planned_at is not None
        return (
            due is None
            or due <= self._last_planned_at
            or version is None
            or self.reported_serials.get(screen, 0) > version.serial
        )

    def _plan_screen(self, screen: str, compiler: GroupCompiler, plan: PublishPlan) -> None:
        now = self._last_planned_at
        assert now is not None
        version = self.current_versions.get(screen)
        reported_serial = self.reported_serials.get(screen, 0)
        self._daily_due[screen] = serials.find_next_daily_due(screen, now, compiler.zone)
        if (
            version is not None
            and reported_serial <= version.serial
            and not serials.needs_new_version(version, screen, now, compiler.zone)
            and compiler.is_unchanged(version, lambda: self._get_shared_body(version.body_sha256))
        ):
            return
        next_version, content = compiler.make_next_version(version, reported_serial)
        plan.changes.append(PlaylistChange(screen, compiler.zone.key, next_version, version is None))
        if next_version.body_sha256 not in plan.shared_bodies:
            plan.shared_bodies[next_version.body_sha256] = content
            plan.takeover_ends[next_version.body_sha256] = compiler.get_takeover_ends(next_version.issued_at)

    def _drop_stale_bodies(self, fingerprints: Mapping[Hashable, Hashable], now: datetime) -> None:
        """Drop the bodies of groups that no longer exist, and of days that no document covers."""
        for fingerprint, first in list(self._bodies):
            if fingerprint not in fingerprints or abs((first - now.date()).days) > 2:
                del self._bodies[fingerprint, first]


def _list_upcoming_changes(snapshot: ScheduleSnapshot, now: datetime) -> list[datetime]:
    """Return the instants after *now* at which a takeover or a key period begins or ends."""
    periods = [(takeover.from_, takeover.ends_at) for takeover in snapshot.takeovers]
    periods += [(key_period.from_, key_period.until) for key_period in snapshot.settings.key_periods]
    return [instant for period in periods for instant in period if instant > now]
