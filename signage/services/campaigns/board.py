"""The desk: every campaign where it stands, as light lines; in full only those that a page shows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from signage.model.users import Actor
from signage.services.campaigns import versions as campaigns
from signage.services.campaigns.approval import CampaignOverview, CampaignStage, get_stage
from signage.services.context import AppContext
from signage.store.campaigns import campaign_lists as campaign_desk
from signage.store.campaigns.campaign_lists import CampaignSummary
from signage.store.campaigns.campaigns import CampaignRow


@dataclass(frozen=True, slots=True)
class CampaignListEntry:
    """A campaign in a list; *column*: where its newest version stands, *made_by* whose that is."""

    row: CampaignRow
    head: CampaignSummary
    stage: CampaignStage
    made_by: str

    @property
    def id(self) -> str:
        return self.row.id


def list_campaigns(office: AppContext, unit: str | None = None) -> list[CampaignListEntry]:
    """Every campaign, by id; *unit*: only that office's."""
    now = office.clock.now()
    with office.store.read() as connection:
        rows = campaign_desk.list_campaigns(connection)
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


def sort_by_waiting_time(found: Iterable[CampaignListEntry]) -> list[CampaignListEntry]:
    """The longest waiting first."""
    return sorted(found, key=lambda line: line.row.changed_at)


def filter_reviewable(office: AppContext, actor: Actor, found: Iterable[CampaignListEntry]) -> list[CampaignListEntry]:
    """Those of *found* in review that are neither *actor*'s own work nor approved by them."""
    with office.store.read() as connection:
        people = campaign_desk.get_review_participants(connection)
    return [line for line in found if line.stage == "review" and not _is_involved(people.get(line.id), actor)]


def list_campaign_overviews(
    office: AppContext, actor: Actor, shown: Sequence[CampaignListEntry]
) -> list[CampaignOverview]:
    """*shown* in full, in their order."""
    wanted = [(line.id, line.row.current_version) for line in shown]
    needed = campaigns.count_required_approvals(office, office.clock.now())
    with office.store.read() as connection:
        versions = campaign_desk.get_versions(connection, wanted)
        verdicts = campaign_desk.get_decisions(connection, wanted)
        people = (
            campaign_desk.get_review_participants(connection) if any(line.stage == "review" for line in shown) else {}
        )
    found = []
    for line in shown:
        said = verdicts.get(line.id, ())
        makers = {one.who for one in said if one.decision == "submitted"} | people.get(line.id, (set(), set()))[0]
        found.append(CampaignOverview(line.row, versions[line.id], line.stage, said, needed, actor.id in makers))
    return found


def _is_involved(people: tuple[set[str], set[str]] | None, actor: Actor) -> bool:
    return people is not None and any(actor.id in those for those in people)
