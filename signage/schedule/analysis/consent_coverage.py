"""On which screens of other units a campaign may not show, or only within the limits of a consent (rule 9)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from signage.model.campaign import Campaign
from signage.model.consent import Consent
from signage.model.screen import Screen
from signage.schedule.consents import covers_campaign, needs_consent, rank_consent
from signage.schedule.targets import TargetIndex


@dataclass(frozen=True, slots=True)
class ForeignScreens:
    """Screens of another *unit* that a campaign targets. *consent* None: it may not show there; else what lets it.

    *screens*: their names with their ids. *placement*: the first placement (its index) that targets one of them.
    """

    unit: str
    consent: Consent | None
    screens: tuple[str, ...]
    placement: int


def find_foreign_screens(
    campaign: Campaign, screens: Iterable[Screen], consents: Sequence[Consent]
) -> tuple[ForeignScreens, ...]:
    """Return the screens of other units that *campaign* targets, by unit and consent; those without consent first."""
    if campaign.unit is None:
        return ()
    placements = TargetIndex(placement.screens for placement in campaign.placements)
    covering = sorted((consent for consent in consents if covers_campaign(consent, campaign)), key=rank_consent)
    covered = TargetIndex(consent.screens for consent in covering)
    names: dict[tuple[str, Consent | None], list[str]] = {}
    first_placement: dict[tuple[str, Consent | None], int] = {}
    for screen in screens:
        mask = placements.get_mask(screen) if needs_consent(campaign, screen) else 0
        if not mask or screen.unit is None:
            continue
        bits = covered.get_mask(screen)
        best = next((c for n, c in enumerate(covering) if bits >> n & 1 and c.unit == screen.unit), None)
        key, first = (screen.unit, best), (mask & -mask).bit_length() - 1
        names.setdefault(key, []).append(f"{screen.name} ({screen.id})" if screen.name else screen.id)
        first_placement[key] = min(first, first_placement.get(key, first))
    order = sorted(names, key=lambda key: (key[1] is not None, key[0], key[1].number if key[1] else 0))
    return tuple(ForeignScreens(*key, tuple(names[key]), first_placement[key]) for key in order)


def limits_campaign(consent: Consent, campaign: Campaign) -> bool:
    """Return whether *consent* lets *campaign* show less than it asks for: in hours, until an end, or with caps."""
    ends_early = consent.until is not None and consent.until < campaign.ends_at
    most_share = max(placement.share for placement in campaign.placements)
    caps_share = consent.max_share is not None and consent.max_share < most_share
    caps_priority = consent.max_priority is not None and consent.max_priority < campaign.priority
    return consent.hours is not None or ends_early or caps_share or caps_priority


def describe_limits(consent: Consent, zone: ZoneInfo) -> dict[str, object]:
    """Return the limits of *consent* as facts of a message, its end in *zone*; a dash stands for no limit."""
    limits: dict[str, object] = {
        "hours": consent.hours,
        "until": consent.until and f"{consent.until.astimezone(zone):%Y-%m-%d %H:%M}",
        "share": consent.max_share,
        "priority": consent.max_priority,
    }
    return {name: "—" if limit is None else str(limit) for name, limit in limits.items()}
