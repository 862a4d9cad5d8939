"""Questions about campaigns: lists, one with its versions, any version, and on which panels it shows."""

from dataclasses import dataclass

from signage.faults import refuse
from signage.model.campaign import Campaign
from signage.schedule import targets
from signage.schedule.priority import placed_items
from signage.services.context import Office
from signage.store.campaigns import campaigns
from signage.store.campaigns.campaigns import Kept, Verdict, Version
from signage.store.takeovers import audience as reach


@dataclass(frozen=True, slots=True)
class Told:
    """A version with what people said of it."""

    version: Version
    verdicts: tuple[Verdict, ...]


def get(office: Office, campaign_id: str) -> tuple[Kept, list[Told]]:
    """A campaign and all its versions, the newest first. Raises Refused where there is none."""
    with office.store.read() as connection:
        kept = campaigns.get(connection, campaign_id)
        if kept is None:
            raise refuse("campaign-unknown", campaign_id, id=campaign_id[:64])
        versions = list(campaigns.history(connection, campaign_id))
        told = [Told(v, tuple(campaigns.verdicts_on(connection, campaign_id, v.version))) for v in versions]
    return kept, told


def version(office: Office, campaign_id: str, number: int) -> Version:
    """One version. Raises Refused where there is none."""
    with office.store.read() as connection:
        found = campaigns.version(connection, campaign_id, number)
    if found is None:
        raise refuse("campaign-unknown", campaign_id, id=campaign_id[:64])
    return found


@dataclass(frozen=True, slots=True)
class OnPanels:
    """*screens*: panel → how many screens the placements name; *items*: for each item the panels that will show it."""

    screens: dict[str, int]
    items: tuple[tuple[str, ...], ...]


def panels_of(office: Office, campaign: Campaign) -> OnPanels:
    """On which panels *campaign* and each of its items show, by the screens that are enrolled."""
    counts: dict[str, int] = {}
    items: list[set[str]] = [set() for _ in campaign.items]
    with office.store.read() as connection:
        for words in dict.fromkeys(placement.screens for placement in campaign.placements):
            named = reach.panels(connection, [targets.selector(word) for word in words])
            for panel, number in named.items():
                counts[panel] = max(counts.get(panel, 0), number)
            for placement in campaign.placements:
                if placement.screens == words:
                    for number in placed_items(campaign, placement):
                        items[number] |= named.keys()
    return OnPanels(dict(sorted(counts.items())), tuple(tuple(sorted(names)) for names in items))
