"""Questions about campaigns: lists, one with its versions, any version, and on which panels it shows."""

from dataclasses import dataclass

from signage.faults import Refused, refuse
from signage.model.campaign import Campaign
from signage.schedule import targets
from signage.schedule.priority import list_placed_items
from signage.services.context import AppContext
from signage.store.campaigns import approval_decisions, campaigns
from signage.store.campaigns.approval_decisions import ApprovalDecisionRow
from signage.store.campaigns.campaigns import CampaignRow, CampaignVersionRow
from signage.store.engine import Connection
from signage.store.screens import screen_selection


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version with what people said of it."""

    version: CampaignVersionRow
    verdicts: tuple[ApprovalDecisionRow, ...]


def campaign_unknown(campaign_id: str, key: str = "") -> Refused:
    """Build the refusal of a campaign, or a version of it, that does not exist. *key*: the field that names it."""
    return refuse("campaign-unknown", key or campaign_id, id=campaign_id[:64])


def require_campaign(connection: Connection, campaign_id: str) -> CampaignRow:
    """Return a campaign. Raises Refused: it does not exist."""
    campaign = campaigns.get_campaign(connection, campaign_id)
    if campaign is None:
        raise campaign_unknown(campaign_id)
    return campaign


def require_version(connection: Connection, campaign_id: str, number: int) -> CampaignVersionRow:
    """Return a version of a campaign. Raises Refused: it does not exist."""
    version = campaigns.get_version(connection, campaign_id, number)
    if version is None:
        raise campaign_unknown(campaign_id)
    return version


def require_newest_version(
    connection: Connection, campaign_id: str, key: str = ""
) -> tuple[CampaignRow, CampaignVersionRow]:
    """Return a campaign with its newest version. Raises Refused (about the field *key*): it does not exist."""
    campaign = campaigns.get_campaign(connection, campaign_id)
    version = campaign and campaigns.get_version(connection, campaign_id, campaign.current_version)
    if campaign is None or not version:
        raise campaign_unknown(campaign_id, key)
    return campaign, version


def get_campaign(office: AppContext, campaign_id: str) -> tuple[CampaignRow, list[VersionView]]:
    """A campaign and all its versions, the newest first. Raises Refused where there is none."""
    with office.store.read() as connection:
        kept = require_campaign(connection, campaign_id)
        versions = list(campaigns.iter_versions(connection, campaign_id))
        views = [
            VersionView(version, tuple(approval_decisions.list_decisions(connection, campaign_id, version.version)))
            for version in versions
        ]
    return kept, views


def get_version(office: AppContext, campaign_id: str, number: int) -> CampaignVersionRow:
    """One version. Raises Refused where there is none."""
    with office.store.read() as connection:
        return require_version(connection, campaign_id, number)


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
