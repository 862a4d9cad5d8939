"""Whose screen: what may show on a screen of a unit, with which caps and when (contract, rule 9).

1. A screen without a unit is common: the campaigns of every unit may show there.
2. A screen of a unit shows that unit's campaigns, and those without a unit, which are the whole installation's.
3. Other campaigns show there while a consent of the screen's unit to the campaign's unit holds: it covers the screen
   and the campaign, its end is not reached, and the wall clock at the screen is within its hours.
4. While a consent holds, shares count as at most its ``max_share`` and the priority as at most its ``max_priority``.
   Of several the one with the highest priority counts, then the one with the highest share, then the oldest; caps of
   two consents are never combined.
5. A takeover that a unit's duty officer started shows on that unit's screens alone.
6. The default campaign of a screen is subject to the same rule.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from weakref import WeakKeyDictionary

from signage.model.campaign import Campaign
from signage.model.consent import MAX_PRIORITY, MAX_SHARE, Consent
from signage.model.daypart import Daypart
from signage.model.screen import Screen
from signage.model.takeover import Takeover
from signage.schedule.dayparts import DaypartContext, is_daypart_active, list_daypart_intervals
from signage.schedule.intervals import Interval, clip_intervals, contains_instant
from signage.schedule.snapshot import ScheduleSnapshot
from signage.schedule.targets import get_target_index


@dataclass(frozen=True, slots=True)
class Permission:
    """What lets a campaign show on a screen. *consent* None: it needs none (1, 2), and nothing is capped."""

    consent: Consent | None = None

    @property
    def max_share(self) -> int | None:
        return self.consent.max_share if self.consent else None

    def cap_priority(self, priority: int) -> int:
        """Return *priority* as it counts."""
        most = self.consent.max_priority if self.consent else None
        return priority if most is None else min(priority, most)


UNCONDITIONAL = Permission()


def needs_consent(campaign: Campaign, screen: Screen) -> bool:
    """Return whether *campaign* may show on *screen* only by a consent (1, 2)."""
    return screen.unit is not None and campaign.unit is not None and campaign.unit != screen.unit


def covers_campaign(consent: Consent, campaign: Campaign) -> bool:
    """Return whether *consent* is for *campaign*."""
    return consent.to == campaign.unit and consent.campaign in (None, campaign.id)


def is_in_effect(consent: Consent, screen: Screen, at: datetime) -> bool:
    """Return whether the end of *consent* is not reached at *at*, and its hours include it at *screen* (3)."""
    if consent.until is not None and at >= consent.until:
        return False
    return consent.hours is None or is_daypart_active(*_get_daypart(consent, screen), at)


def find_permission(campaign: Campaign, screen: Screen, consents: Iterable[Consent], at: datetime) -> Permission | None:
    """Return what lets *campaign* show on *screen* at *at*; None: nothing does. *consents*: those that cover the
    screen."""
    if not needs_consent(campaign, screen):
        return UNCONDITIONAL
    active = [c for c in consents if covers_campaign(c, campaign) and is_in_effect(c, screen, at)]
    return Permission(min(active, key=rank_consent)) if active else None


def list_permissions(
    campaign: Campaign, screen: Screen, consents: Iterable[Consent], begin: datetime, end: datetime
) -> tuple[tuple[datetime, datetime, Permission], ...]:
    """Return the intervals from *begin* to *end* in which *campaign* may show on *screen*, in order, and by what."""
    if not needs_consent(campaign, screen):
        return ((begin, end, UNCONDITIONAL),)
    covering = sorted((c for c in consents if covers_campaign(c, campaign)), key=rank_consent)
    active = [(consent, _list_intervals(consent, screen, begin, end)) for consent in covering]
    edges = {edge for _, intervals in active for interval in intervals for edge in interval}
    permissions: list[tuple[datetime, datetime, Permission]] = []
    for first, last in pairwise(sorted(edges)):
        best = next((consent for consent, intervals in active if contains_instant(intervals, first)), None)
        if best is not None:
            permissions.append((first, last, Permission(best)))
    return tuple(permissions)


def rank_consent(consent: Consent) -> tuple[int, int, int]:
    """Return the sort key of consents that hold together: the one that counts is first (4)."""
    priority = MAX_PRIORITY if consent.max_priority is None else consent.max_priority
    return (-priority, -(MAX_SHARE if consent.max_share is None else consent.max_share), consent.number)


def _get_daypart(consent: Consent, screen: Screen) -> tuple[Daypart, DaypartContext]:
    assert consent.hours is not None
    daypart = Daypart("hours", from_=consent.hours.from_, until=consent.hours.until)
    return daypart, DaypartContext(screen.timezone, date.min)


def _list_intervals(consent: Consent, screen: Screen, begin: datetime, end: datetime) -> tuple[Interval, ...]:
    last = end if consent.until is None else min(end, consent.until)
    if last <= begin:
        return ()
    if consent.hours is None:
        return ((begin, last),)
    daypart, context = _get_daypart(consent, screen)
    return clip_intervals(list_daypart_intervals(daypart, context, begin, last), begin, last)


@dataclass(frozen=True, slots=True)
class ScreenRights:
    """What may show on a screen under a snapshot; screens with equal rights and equal facts show the same.

    *targeted*: the placements and takeovers that target the screen, as bits of the snapshot's target index.
    *permitted*: those of them that may show there, now and then at least. *consents*: the consents that cover the
    screen and a campaign that targets it. *shows_default*: whether the default campaign may show there. *is_enforced*:
    whether campaigns need consents at all.
    """

    targeted: int
    permitted: int
    consents: tuple[Consent, ...] = ()
    shows_default: bool = True
    is_enforced: bool = True


class RightsIndex:
    """The rights of screens under one snapshot: one look-up of the target index, and one pass over the consents of the
    screen's unit."""

    def __init__(self, snapshot: ScheduleSnapshot) -> None:
        self._target_index = get_target_index(snapshot)
        self._units = {campaign.id: campaign.unit for campaign in snapshot.campaigns}
        self._is_enforced = snapshot.consents is not None
        self._bits_by_unit: dict[str | None, int] = {}
        self._bits_by_campaign: dict[str, int] = {}
        bit = 0
        for campaign in snapshot.campaigns:
            bits = ((1 << len(campaign.placements)) - 1) << bit
            bit += len(campaign.placements)
            self._bits_by_campaign[campaign.id] = bits
            self._bits_by_unit[campaign.unit] = self._bits_by_unit.get(campaign.unit, 0) | bits
        self._placements = (1 << bit) - 1
        self._takeovers: dict[str | None, int] = {}
        for takeover in snapshot.takeovers:
            self._takeovers[takeover.unit] = self._takeovers.get(takeover.unit, 0) | 1 << bit
            bit += 1
        self._targets = (1 << bit) - 1
        self._consents_by_unit: dict[str, list[tuple[int, Consent]]] = {}
        for number, consent in enumerate(snapshot.consents or ()):
            self._consents_by_unit.setdefault(consent.unit, []).append((bit + number, consent))

    def get_rights(self, screen: Screen) -> ScreenRights:
        """Return the rights of *screen*."""
        mask = self._target_index.get_mask(screen)
        targeted = mask & self._targets
        takeovers = self._takeovers.get(None, 0)
        if screen.unit is not None:
            takeovers |= self._takeovers.get(screen.unit, 0)
        if not self._is_enforced or screen.unit is None:
            permitted = targeted & (self._placements | takeovers)
            return ScreenRights(targeted, permitted, is_enforced=self._is_enforced)
        default = self._units.get(screen.default_campaign or "")
        permitted = self._bits_by_unit.get(None, 0) | self._bits_by_unit.get(screen.unit, 0)
        shows_default = default in (None, screen.unit)
        consents: list[Consent] = []
        for bit, consent in self._consents_by_unit.get(screen.unit, ()):
            if not mask >> bit & 1:
                continue
            bits = self._get_covered_bits(consent)
            covers_default = default == consent.to and consent.campaign in (None, screen.default_campaign)
            if targeted & bits or covers_default:
                consents.append(consent)
                permitted |= bits
                shows_default = shows_default or covers_default
        return ScreenRights(targeted, targeted & (permitted | takeovers), tuple(consents), shows_default)

    def _get_covered_bits(self, consent: Consent) -> int:
        if consent.campaign is None:
            return self._bits_by_unit.get(consent.to, 0)
        is_covered = self._units.get(consent.campaign) == consent.to
        return self._bits_by_campaign[consent.campaign] if is_covered else 0


_rights_indexes: WeakKeyDictionary[ScheduleSnapshot, RightsIndex] = WeakKeyDictionary()


def get_rights_index(snapshot: ScheduleSnapshot) -> RightsIndex:
    """Return the index of *snapshot*, built once."""
    index = _rights_indexes.get(snapshot)
    if index is None:
        index = _rights_indexes[snapshot] = RightsIndex(snapshot)
    return index


def get_rights(snapshot: ScheduleSnapshot, screen: Screen) -> ScreenRights:
    """Return what may show on *screen* under *snapshot*."""
    return get_rights_index(snapshot).get_rights(screen)


def list_permitted_takeovers(snapshot: ScheduleSnapshot, screen: Screen) -> tuple[Takeover, ...]:
    """Return the takeovers that target *screen* and may show there (5), in the order of the snapshot."""
    placements = sum(len(campaign.placements) for campaign in snapshot.campaigns)
    mask = get_rights(snapshot, screen).permitted >> placements
    return tuple(takeover for bit, takeover in enumerate(snapshot.takeovers) if mask >> bit & 1)
