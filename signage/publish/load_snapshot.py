"""From what is stored to what decides: the installation, read in one look."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from signage.schedule.calendars import OfficialCalendars
from signage.schedule.snapshot import ScheduleSettings, ScheduleSnapshot
from signage.store.campaigns import campaigns
from signage.store.engine import Connection
from signage.store.screens import screens
from signage.store.takeovers import takeovers


@dataclass(frozen=True, slots=True)
class ScheduleRules:
    """What the configuration adds to what is stored."""

    settings: ScheduleSettings
    calendars: OfficialCalendars


@dataclass(frozen=True, slots=True)
class LoadedSnapshot:
    """*versions*: campaign id → the name (sha256 of its meaning) of the version that may show."""

    snapshot: ScheduleSnapshot
    campaign_versions: Mapping[str, str]


def load_current_snapshot(
    connection: Connection, rules: ScheduleRules, since: datetime | None = None
) -> LoadedSnapshot:
    """What may show now. *since*: leave out takeovers that had ended by then; screens are not read (``fleet``)."""
    installation = ScheduleSnapshot(
        campaigns=campaigns.list_approved_campaigns(connection),
        unapproved=frozenset(campaigns.list_unapproved_ids(connection)),
        takeovers=takeovers.list_takeovers(connection, since),
        calendars=rules.calendars,
        settings=rules.settings,
    )
    return LoadedSnapshot(installation, campaigns.get_approved_version_hashes(connection))


def load_full_snapshot(connection: Connection, rules: ScheduleRules) -> ScheduleSnapshot:
    """All that decides what shows, with the screens, for any date."""
    loaded = load_current_snapshot(connection, rules).snapshot
    return ScheduleSnapshot(
        loaded.campaigns,
        loaded.unapproved,
        loaded.takeovers,
        loaded.calendars,
        loaded.settings,
        tuple(kept.screen for kept in screens.iter_screens(connection)),
    )
