"""The complete input of the scheduler as one frozen value, read once for all screens."""

from dataclasses import dataclass, field
from datetime import datetime

from signage.model.campaign import Campaign
from signage.model.consent import Consent
from signage.model.screen import Screen
from signage.model.takeover import Takeover
from signage.schedule.calendars import OfficialCalendars


@dataclass(frozen=True, slots=True)
class KeyPeriod:
    """A key period (重要保障期) during which screens poll every *poll_seconds*."""

    from_: datetime
    until: datetime
    poll_seconds: int


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """The scheduling settings of the configuration. *enforce_consent* None: not set."""

    max_loop_ms: int = 3_600_000
    days: int = 7
    poll_seconds: int = 30
    takeover_poll_seconds: int = 5
    key_periods: tuple[KeyPeriod, ...] = ()
    enforce_consent: bool | None = None


@dataclass(frozen=True, eq=False)
class ScheduleSnapshot:
    """*campaigns*: the approved ones, sorted by id. *unapproved*: ids of campaigns, or names of items
    (``campaign/item``), that are not approved yet: they show nowhere. *takeovers*: all, running or not. *consents*: the
    given ones, by number; None: every campaign may show on every screen (``[consent] enforce = false``).

    Compared by identity, so that derived values can be cached as long as the snapshot exists.
    """

    campaigns: tuple[Campaign, ...]
    unapproved: frozenset[str] = frozenset()
    takeovers: tuple[Takeover, ...] = ()
    calendars: OfficialCalendars = field(default_factory=OfficialCalendars)
    settings: ScheduleSettings = ScheduleSettings()
    screens: tuple[Screen, ...] = ()
    consents: tuple[Consent, ...] | None = None

    def find_campaign(self, campaign_id: str) -> Campaign | None:
        """Return the approved campaign with that id."""
        return next((campaign for campaign in self.campaigns if campaign.id == campaign_id), None)
