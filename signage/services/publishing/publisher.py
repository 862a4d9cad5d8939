"""Publishing: the system's act of giving screens another document, with its entry in the audit log.

One round looks at what is stored and at the instant, and publishes what must change in one transaction. Only the
process that holds the lease does it.
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
    """Runs rounds; remembers what is published, so that a round reads only what changed."""

    def __init__(
        self, context: AppContext, rules: ScheduleRules, contents_of: Callable[[ScheduleSnapshot], ItemSource]
    ) -> None:
        self._app_context = context
        self._rules = rules
        self._create_item_resolver = contents_of
        self._planner = PublishPlanner(context.panels, self._find_shared_body)
        self._screen_groups = ScreenGroups(())
        self._seen_counters: Mapping[str, int] | None = None
        self._last_run_at: datetime | None = None
        with context.store.read() as connection:
            self._planner.current_versions = {
                one.screen: _build_playlist_version(one) for one in playlists.iter_current_playlists(connection)
            }

    def has_changes(self) -> bool:
        """Whether anything that may decide what shows was changed since the last round."""
        with self._app_context.store.read() as connection:
            return _filter_topics(change_counter.get_counters(connection)) != self._seen_counters

    def has_clock_gone_back(self) -> bool:
        """Whether the clock was set back since the last round, so that documents may be of the future."""
        return self._last_run_at is not None and self._app_context.clock.now() < self._last_run_at

    def publish_changes(self) -> datetime:
        """Publish what must change now; returns the instant of the next look at the latest."""
        now = self._last_run_at = self._app_context.clock.now()
        with self._app_context.store.read() as connection:
            seen = _filter_topics(change_counter.get_counters(connection))
            if self._seen_counters is None or seen.get("screens") != self._seen_counters.get("screens"):
                self._screen_groups = ScreenGroups(kept.screen for kept in screens.iter_screens(connection))
            loaded = load_current_snapshot(connection, self._rules, now - TAKEOVER_HISTORY)
            self._planner.reported_serials = playlists.get_reported_serials(connection)
        contents = self._create_item_resolver(loaded.snapshot)
        found = self._planner.plan(
            PlannerInput(loaded.snapshot, loaded.campaign_versions, contents, now), self._screen_groups
        )
        contents.request_missing()
        if found.changes:
            self._publish_plan(found)
        self._seen_counters = seen
        return found.next_plan_at

    def _publish_plan(self, found: PublishPlan) -> None:
        changes = found.changes
        with self._app_context.transaction(SYSTEM_ACTOR, "playlist.publish", "playlists", documents=len(changes)) as tx:
            documents = [_build_published_row(change) for change in changes]
            first = {change.screen for change in changes if change.is_first}
            playlists.publish_playlists(tx.connection, documents, first, found.shared_bodies.items())
            record_published_takeovers(tx.connection, tx.at, documents, found.takeover_ends)
            for number, batch in enumerate(_split_batches(changes)):
                issued = [
                    _describe_document(change, found.shared_bodies[change.version.body_sha256]) for change in batch
                ]
                if number == 0:
                    tx.add_details(issued=issued)
                else:
                    tx.add_entry("playlist.publish", "playlists", issued=issued)
        self._planner.mark_published(changes)

    def _find_shared_body(self, digest: str) -> bytes | None:
        with self._app_context.store.read() as connection:
            return playlists.get_shared_body(connection, digest)


def _filter_topics(subjects: Mapping[str, int]) -> dict[str, int]:
    return {subject: number for subject, number in subjects.items() if subject not in _IGNORED_TOPICS}


def _build_playlist_version(one: PlaylistRow) -> PlaylistVersion:
    return PlaylistVersion(one.serial, one.issued_at, one.body_sha256, one.modified_at)


def _build_published_row(change: PlaylistChange) -> PlaylistRow:
    issue = change.version
    return PlaylistRow(
        change.screen, issue.serial, issue.issued_at, change.timezone, issue.body_sha256, issue.modified_at
    )


def _describe_document(change: PlaylistChange, tail: bytes) -> dict[str, object]:
    """What the log says of a document: its sha256, and the facts of its head."""
    issue = change.version
    head = document.encode_header(change.screen, issue.serial, issue.issued_at, ZoneInfo(change.timezone))
    whole = hashlib.sha256(document.join(head, tail)).hexdigest()
    return {"screen": change.screen, "serial": issue.serial, "sha256": whole}


def _split_batches(changes: Sequence[PlaylistChange]) -> Iterator[list[PlaylistChange]]:
    rest = iter(changes)
    while batch := list(islice(rest, _DOCUMENTS_PER_ENTRY)):
        yield batch
