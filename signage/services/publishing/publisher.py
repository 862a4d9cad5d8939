"""The publisher: publishes changed playlists, with an audit entry.

Each run plans from what is stored and from the current instant, and publishes all changes in one transaction. Only the
process that holds the lease runs it.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from signage.model.users import SYSTEM_ACTOR
from signage.publish import document
from signage.publish.group_compiler import ItemSource, PlannerInput
from signage.publish.load_snapshot import ScheduleRules, load_current_snapshot
from signage.publish.planner import PlaylistChange, PublishPlan, PublishPlanner
from signage.publish.screen_groups import ScreenGroups
from signage.publish.serials import PlaylistVersion
from signage.schedule.snapshot import ScheduleSnapshot
from signage.services.context import AppContext
from signage.services.takeovers.delivery import TAKEOVER_HISTORY, record_published_takeovers
from signage.store import change_counter, playlists
from signage.store.playlists import PlaylistRow
from signage.store.screens import screens

_DOCUMENTS_PER_ENTRY = 1000
_IGNORED_TOPICS = ("playlist", "contacts", "sessions")


class Publisher:
    """Publishes changes; remembers what is published, so that a run reads only what changed."""

    def __init__(
        self, context: AppContext, rules: ScheduleRules, create_resolver: Callable[[ScheduleSnapshot], ItemSource]
    ) -> None:
        self._app_context = context
        self._rules = rules
        self._create_item_resolver = create_resolver
        self._planner = PublishPlanner(context.panels, self._find_shared_body)
        self._screen_groups = ScreenGroups(())
        self._seen_counters: Mapping[str, int] | None = None
        self._last_run_at: datetime | None = None
        with context.store.read() as connection:
            self._planner.current_versions = {
                row.screen: _build_playlist_version(row) for row in playlists.iter_current_playlists(connection)
            }

    def has_changes(self) -> bool:
        """Return whether a topic that may affect playlists changed since the last run."""
        with self._app_context.store.read() as connection:
            return _filter_topics(change_counter.get_counters(connection)) != self._seen_counters

    def has_clock_gone_back(self) -> bool:
        """Return whether the clock was set back since the last run: published playlists may lie in the future."""
        return self._last_run_at is not None and self._app_context.clock.now() < self._last_run_at

    def publish_changes(self) -> datetime:
        """Publish all playlists that must change now; returns the latest instant of the next run."""
        now = self._last_run_at = self._app_context.clock.now()
        with self._app_context.store.read() as connection:
            counters = _filter_topics(change_counter.get_counters(connection))
            if self._seen_counters is None or counters.get("screens") != self._seen_counters.get("screens"):
                self._screen_groups = ScreenGroups(row.screen for row in screens.iter_screens(connection))
            loaded = load_current_snapshot(connection, self._rules, now - TAKEOVER_HISTORY)
            self._planner.reported_serials = playlists.get_reported_serials(connection)
        resolver = self._create_item_resolver(loaded.snapshot)
        plan = self._planner.plan(
            PlannerInput(loaded.snapshot, loaded.campaign_versions, resolver, now), self._screen_groups
        )
        resolver.request_missing()
        if plan.changes:
            self._publish_plan(plan)
        self._seen_counters = counters
        return plan.next_plan_at

    def _publish_plan(self, plan: PublishPlan) -> None:
        changes = plan.changes
        with self._app_context.transaction(SYSTEM_ACTOR, "playlist.publish", "playlists", documents=len(changes)) as tx:
            documents = [_build_published_row(change) for change in changes]
            first = {change.screen for change in changes if change.is_first}
            playlists.publish_playlists(tx.connection, documents, first, plan.shared_bodies.items())
            record_published_takeovers(tx.connection, tx.at, documents, plan.takeover_ends)
            for number, batch in enumerate(_split_batches(changes)):
                issued = [
                    _describe_document(change, plan.shared_bodies[change.version.body_sha256]) for change in batch
                ]
                if number == 0:
                    tx.add_details(issued=issued)
                else:
                    tx.add_entry("playlist.publish", "playlists", issued=issued)
        self._planner.mark_published(changes)

    def _find_shared_body(self, digest: str) -> bytes | None:
        with self._app_context.store.read() as connection:
            return playlists.get_shared_body(connection, digest)


def _filter_topics(counters: Mapping[str, int]) -> dict[str, int]:
    return {topic: number for topic, number in counters.items() if topic not in _IGNORED_TOPICS}


def _build_playlist_version(row: PlaylistRow) -> PlaylistVersion:
    return PlaylistVersion(row.serial, row.issued_at, row.body_sha256, row.modified_at)


def _build_published_row(change: PlaylistChange) -> PlaylistRow:
    version = change.version
    return PlaylistRow(
        change.screen, version.serial, version.issued_at, change.timezone, version.body_sha256, version.modified_at
    )


def _describe_document(change: PlaylistChange, shared_body: bytes) -> dict[str, object]:
    """Return what the audit entry says of a published playlist."""
    version = change.version
    header = document.encode_header(change.screen, version.serial, version.issued_at, ZoneInfo(change.timezone))
    sha256 = hashlib.sha256(document.join(header, shared_body)).hexdigest()
    return {"screen": change.screen, "serial": version.serial, "sha256": sha256}


def _split_batches(changes: Sequence[PlaylistChange]) -> Iterator[list[PlaylistChange]]:
    rest = iter(changes)
    while batch := list(islice(rest, _DOCUMENTS_PER_ENTRY)):
        yield batch
