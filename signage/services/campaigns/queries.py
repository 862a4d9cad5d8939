"""Questions about campaigns: lists, one with its versions, any version, and on which panels it shows."""

from dataclasses import dataclass

from signage.faults import refuse
from signage.model.campaign import Campaign
from signage.schedule import targets
from signage.schedule.priority import list_placed_items
from signage.services.context import AppContext
from signage.store.campaigns import campaigns
from signage.store.campaigns.campaigns import ApprovalDecisionRow, CampaignRow, CampaignVersionRow
from signage.store.screens import screen_selection


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version with what people said of it."""

    version: CampaignVersionRow
    verdicts: tuple[ApprovalDecisionRow, ...]


def get_campaign(office: AppContext, campaign_id: str) -> tuple[CampaignRow, list[VersionView]]:
    """A campaign and all its versions, the newest first. Raises Refused where there is none."""
    with office.store.read() as connection:
        kept = campaigns.get_campaign(connection, campaign_id)
        if kept is None:
            raise refuse("campaign-unknown", campaign_id, id=campaign_id[:64])
        versions = list(campaigns.iter_versions(connection, campaign_id))
        told = [VersionView(v, tuple(campaigns.list_decisions(connection, campaign_id, v.version))) for v in versions]
    return kept, told


def get_version(office: AppContext, campaign_id: str, number: int) -> CampaignVersionRow:
    """One version. Raises Refused where there is none."""
    with office.store.read() as connection:
        found = campaigns.get_version(connection, campaign_id, number)
    if found is None:
        raise refuse("campaign-unknown", campaign_id, id=campaign_id[:64])
    return found


@dataclass(frozen=True, slots=True)
class PanelCoverage:
    """*screens*: panel → how many screens the placements name; *items*: for each item the panels that will show it."""

    screen_counts: dict[str, int]
    panels_by_item: tuple[tuple[str, ...], ...]


def get_panel_coverage(office: AppContext, campaign: Campaign) -> PanelCoverage:
    """On which panels *campaign* and each of its items show, by the screens that are enrolled."""
    counts: dict[str, int] = {}
    items: list[set[str]] = [set() for _ in campaign.items]
    with office.store.read() as connection:
        for words in dict.fromkeys(placement.screens for placement in campaign.placements):
            named = screen_selection.count_screens_by_panel(connection, map(targets.parse_selector, words))
            for panel, number in named.items():
                counts[panel] = max(counts.get(panel, 0), number)
            for placement in campaign.placements:
                if placement.screens == words:
                    for number in list_placed_items(campaign, placement):
                        items[number] |= named.keys()
    return PanelCoverage(dict(sorted(counts.items())), tuple(tuple(sorted(names)) for names in items))
