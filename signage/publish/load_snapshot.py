"""Reads the schedule snapshot from the database in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from signage.schedule.calendars import OfficialCalendars
from signage.schedule.snapshot import ScheduleSettings, ScheduleSnapshot
from signage.schedule.takeovers import resolve_item_names
from signage.store import consents
from signage.store.campaigns import campaigns
from signage.store.engine import Connection
from signage.store.screens import screens
from signage.store.takeovers import takeovers


@dataclass(frozen=True, slots=True)
class ScheduleRules:
    """Schedule settings and holiday calendars from the configuration."""

    settings: ScheduleSettings
    calendars: OfficialCalendars


@dataclass(frozen=True, slots=True)
class LoadedSnapshot:
    """A snapshot, and campaign id → content hash of the version that may show."""

    snapshot: ScheduleSnapshot
    campaign_versions: Mapping[str, str]


def load_current_snapshot(
    connection: Connection, rules: ScheduleRules, since: datetime | None = None
) -> LoadedSnapshot:
    """Read what may show now, without the screens. *since*: leave out takeovers that had ended by then."""
    approved = campaigns.list_approved_campaigns(connection)
    snapshot = ScheduleSnapshot(
        campaigns=approved,
        unapproved=frozenset(campaigns.list_unapproved_ids(connection)),
        takeovers=resolve_item_names(takeovers.list_takeovers(connection, since), approved),
        calendars=rules.calendars,
        settings=rules.settings,
        consents=consents.list_enforced_consents(connection, rules.settings.enforce_consent),
    )
    return LoadedSnapshot(snapshot, campaigns.get_approved_version_hashes(connection))


def load_full_snapshot(connection: Connection, rules: ScheduleRules) -> ScheduleSnapshot:
    """Read everything that decides what shows at any date, with all screens."""
    snapshot = load_current_snapshot(connection, rules).snapshot
    return replace(snapshot, screens=tuple(row.screen for row in screens.iter_screens(connection)))
