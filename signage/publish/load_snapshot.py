"""From what is stored to what decides: the installation, read in one look."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from signage.schedule.calendars import Calendars
from signage.schedule.snapshot import Installation, Settings
from signage.store.campaigns import campaigns
from signage.store.engine import Connection
from signage.store.screens import screens
from signage.store.takeovers import takeovers


@dataclass(frozen=True, slots=True)
class Rules:
    """What the configuration adds to what is stored."""

    settings: Settings
    calendars: Calendars


@dataclass(frozen=True, slots=True)
class Loaded:
    """*versions*: campaign id → the name (sha256 of its meaning) of the version that may show."""

    installation: Installation
    versions: Mapping[str, str]


def load(connection: Connection, rules: Rules, since: datetime | None = None) -> Loaded:
    """What may show now. *since*: leave out takeovers that had ended by then; screens are not read (``fleet``)."""
    installation = Installation(
        campaigns=campaigns.approved(connection),
        unapproved=frozenset(campaigns.waiting(connection)),
        takeovers=takeovers.every(connection, since),
        calendars=rules.calendars,
        settings=rules.settings,
    )
    return Loaded(installation, campaigns.approved_meanings(connection))


def load_whole(connection: Connection, rules: Rules) -> Installation:
    """All that decides what shows, with the screens, for any date."""
    loaded = load(connection, rules).installation
    return Installation(
        loaded.campaigns,
        loaded.unapproved,
        loaded.takeovers,
        loaded.calendars,
        loaded.settings,
        tuple(kept.screen for kept in screens.every(connection)),
    )
