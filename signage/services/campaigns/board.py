"""The campaign board: every campaign by its stage, with short summaries; full details only of those on a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from signage.model.users import Actor
from signage.services.campaigns.approval import CampaignOverview, CampaignStage, get_stage
from signage.services.campaigns.approval_rules import count_required_approvals
from signage.services.context import AppContext, find_unit_fault
from signage.store.campaigns import campaign_lists
from signage.store.campaigns.campaign_lists import CampaignSummary
from signage.store.campaigns.campaigns import CampaignRow


@dataclass(frozen=True, slots=True)
class CampaignListEntry:
    """A campaign in a list. *stage*: of its newest version, *made_by*: its author."""

    row: CampaignRow
    summary: CampaignSummary
    stage: CampaignStage
    made_by: str

    @property
    def id(self) -> str:
        return self.row.id


def list_campaigns(context: AppContext, unit: str | None = None) -> list[CampaignListEntry]:
    """List all campaigns by id; with *unit* only those of that unit."""
    now = context.clock.now()
    with context.store.read() as connection:
        rows = campaign_lists.list_campaigns(connection)
    return [
        CampaignListEntry(
            row.campaign,
            row.summary,
            get_stage(row.campaign, row.state, row.summary.starts_at, row.summary.ends_at, now),
            row.made_by,
        )
        for row in rows
        if unit is None or row.summary.unit == unit
    ]


def sort_by_waiting_time(entries: Iterable[CampaignListEntry]) -> list[CampaignListEntry]:
    """Sort by the last change, the longest waiting first."""
    return sorted(entries, key=lambda entry: entry.row.changed_at)


def filter_reviewable(
    context: AppContext, actor: Actor, entries: Iterable[CampaignListEntry]
) -> list[CampaignListEntry]:
    """Return the entries in review that *actor* decides on and neither contributed to nor approved."""
    with context.store.read() as connection:
        participants = campaign_lists.get_review_participants(connection)
        return [
            entry
            for entry in entries
            if entry.stage == "review"
            and not any(actor.id in users for users in participants.get(entry.id, ()))
            and find_unit_fault(context, connection, actor, entry.summary.unit, entry.id) is None
        ]


def list_campaign_overviews(
    context: AppContext, actor: Actor, entries: Sequence[CampaignListEntry]
) -> list[CampaignOverview]:
    """Return the full details of *entries*, in their order."""
    keys = [(entry.id, entry.row.current_version) for entry in entries]
    required = count_required_approvals(context, context.clock.now())
    has_reviews = any(entry.stage == "review" for entry in entries)
    with context.store.read() as connection:
        versions = campaign_lists.get_versions(connection, keys)
        decisions_by_id = campaign_lists.get_decisions(connection, keys)
        participants = campaign_lists.get_review_participants(connection) if has_reviews else {}
    overviews = []
    for entry in entries:
        decisions = decisions_by_id.get(entry.id, ())
        authors = {decision.who for decision in decisions if decision.decision == "submitted"}
        authors |= participants.get(entry.id, (set(), set()))[0]
        is_own_work = actor.id in authors
        overviews.append(CampaignOverview(entry.row, versions[entry.id], entry.stage, decisions, required, is_own_work))
    return overviews
