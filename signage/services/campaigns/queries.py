"""Queries of campaigns: a campaign with its versions, a single version, and the panels on which it shows."""

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
    """A version with the decisions about it."""

    version: CampaignVersionRow
    decisions: tuple[ApprovalDecisionRow, ...]


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


def get_campaign(context: AppContext, campaign_id: str) -> tuple[CampaignRow, list[VersionView]]:
    """Return a campaign and all its versions, the newest first. Raises Refused: it does not exist."""
    with context.store.read() as connection:
        campaign = require_campaign(connection, campaign_id)
        versions = list(campaigns.iter_versions(connection, campaign_id))
        views = [
            VersionView(version, tuple(approval_decisions.list_decisions(connection, campaign_id, version.version)))
            for version in versions
        ]
    return campaign, views


def get_version(context: AppContext, campaign_id: str, number: int) -> CampaignVersionRow:
    """Return a version. Raises Refused: it does not exist."""
    with context.store.read() as connection:
        return require_version(connection, campaign_id, number)


@dataclass(frozen=True, slots=True)
class PanelCoverage:
    """*screen_counts*: panel id → number of targeted screens; *panels_by_item*: for each item the panels with it."""

    screen_counts: dict[str, int]
    panels_by_item: tuple[tuple[str, ...], ...]


def get_panel_coverage(context: AppContext, campaign: Campaign) -> PanelCoverage:
    """Return on which panels *campaign* and each of its items show, by the enrolled screens."""
    screen_counts: dict[str, int] = {}
    panels_by_item: list[set[str]] = [set() for _ in campaign.items]
    with context.store.read() as connection:
        for selectors in dict.fromkeys(placement.screens for placement in campaign.placements):
            counts = screen_selection.count_screens_by_panel(connection, map(targets.parse_selector, selectors))
            for panel_id, count in counts.items():
                screen_counts[panel_id] = max(screen_counts.get(panel_id, 0), count)
            for placement in campaign.placements:
                if placement.screens == selectors:
                    for number in list_placed_items(campaign, placement):
                        panels_by_item[number] |= counts.keys()
    panels = tuple(tuple(sorted(panel_ids)) for panel_ids in panels_by_item)
    return PanelCoverage(dict(sorted(screen_counts.items())), panels)
