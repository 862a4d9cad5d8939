"""Approval of a version: viewed item by item, then approved as exactly the content that was viewed, or returned.

1. An approver has viewed every item of the version, films to their end.
2. An approver attests that the content is public service and not commercial.
3. An approver approves what was shown: the hash of the version and the seal of its content.
4. Four-eyes rule (``approval_rules``): nobody, whatever their role, may approve a version they submitted or edited.
5. ``[approval] required`` people must approve, in a key period one more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from signage.faults import Fault, FaultLocation, Refused
from signage.model import permissions
from signage.model.campaign import Campaign
from signage.model.users import Actor
from signage.services.campaigns.approval_rules import count_required_approvals, list_contributors, record_approval
from signage.services.campaigns.content_seal import compute_content_seal
from signage.services.campaigns.queries import require_newest_version, require_version
from signage.services.context import AppContext, AuditedTransaction
from signage.store.campaigns import approval_decisions, review_views
from signage.store.campaigns.approval_decisions import ApprovalDecisionRow
from signage.store.campaigns.campaigns import CampaignRow, CampaignVersionRow, VersionState
from signage.store.campaigns.review_views import VERSION_OPENED as VERSION_OPENED
from signage.store.engine import Connection
from signage.store.library import clips

CampaignStage = Literal["draft", "review", "returned", "approved", "live", "ended"]
_STAGE_BY_STATE: dict[str, CampaignStage] = {"draft": "draft", "submitted": "review", "returned": "returned"}


@dataclass(frozen=True, slots=True)
class Statement:
    """An approver's statement: the *seal* of the content that was shown, and that it is public service."""

    seal: str
    public_service: bool


@dataclass(frozen=True, slots=True)
class CampaignOverview:
    """A campaign with its newest version and the decisions about it. *is_own_work*: of the reader."""

    row: CampaignRow
    version: CampaignVersionRow
    stage: CampaignStage
    decisions: tuple[ApprovalDecisionRow, ...]
    required_approvals: int
    is_own_work: bool

    @property
    def campaign(self) -> Campaign:
        return self.version.campaign

    @property
    def approvers(self) -> tuple[str, ...]:
        return tuple(decision.who for decision in self.decisions if decision.decision == "approved")

    @property
    def note(self) -> ApprovalDecisionRow | None:
        """The decision by which the version was returned last; its note says why."""
        return next((decision for decision in reversed(self.decisions) if decision.decision == "returned"), None)


def approve(
    context: AppContext, actor: Actor, campaign_id: str, number: int, version_hash: str, statement: Statement
) -> bool:
    """Record *actor*'s approval of exactly the content that *statement* names; returns whether it is approved thereby.

    Raises Refused: items not viewed, content changed, no attestation, or as :func:`record_approval` does.
    """

    def check_views(tx: AuditedTransaction, version: CampaignVersionRow) -> None:
        faults = []
        if statement.seal != compute_content_seal(version.campaign):
            facts = {"id": campaign_id, "version": number, "newest": version.version}
            faults.append(Fault("error", "version-changed", FaultLocation(key="seal"), facts))
        views = review_views.get_views(tx.connection, campaign_id, number, actor.id)
        unviewed = list_unviewed_items(version.campaign, views)
        if unviewed:
            facts = {"items": ", ".join(unviewed[:5]), "count": len(unviewed)}
            faults.append(Fault("error", "items-unseen", FaultLocation(key="items"), facts))
        if not statement.public_service:
            faults.append(Fault("error", "attestation-missing", FaultLocation(key="public_service")))
        if faults:
            raise Refused(faults)
        tx.add_details(seal=statement.seal, public_service=True, needed=count_required_approvals(context, tx.at))

    return record_approval(context, actor, campaign_id, number, version_hash, check_views)


def open_version(context: AppContext, actor: Actor, campaign_id: str, number: int) -> dict[str, datetime]:
    """Record that *actor* opened a version for review; returns the items that they viewed before, with the times."""
    if not permissions.is_allowed(actor, "campaign.approve"):
        return {}
    with context.store.read() as connection:
        views = review_views.get_views(connection, campaign_id, number, actor.id)
    if VERSION_OPENED not in views:
        with context.store.write() as connection:
            now = context.clock.now()
            review_views.record_view(connection, campaign_id, number, actor.id, VERSION_OPENED, now)
    return views


def record_views(
    context: AppContext, actor: Actor, campaign_id: str, number: int, item_ids: Iterable[str]
) -> tuple[str, ...]:
    """Record that *actor* viewed items of a version; returns the items still to be viewed. Raises Refused.

    A film counts as viewed once its length has passed since the version was opened.
    """
    context.check_permission(actor, "campaign.approve", campaign_id)
    now = context.clock.now()
    with context.store.write() as connection:
        version = require_version(connection, campaign_id, number)
        views = review_views.get_views(connection, campaign_id, number, actor.id)
        opened_at = views.get(VERSION_OPENED, now)
        items = {item.id: item for item in version.campaign.items}
        for item_id in item_ids:
            item = items.get(item_id)
            if item is not None and now - opened_at >= _get_film_duration(connection, item.sha256):
                review_views.record_view(connection, campaign_id, number, actor.id, item_id, now)
        return list_unviewed_items(version.campaign, review_views.get_views(connection, campaign_id, number, actor.id))


def _get_film_duration(connection: Connection, sha256: str | None) -> timedelta:
    clip = clips.get_clip(connection, sha256) if sha256 else None
    is_film = clip is not None and clip.facts.kind == "film"
    return timedelta(milliseconds=clip.facts.duration_ms or 0) if is_film and clip else timedelta(0)


def list_unviewed_items(campaign: Campaign, viewed_ids: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of the items of *campaign* that are not in *viewed_ids*."""
    viewed = set(viewed_ids)
    return tuple(item.id for item in campaign.items if item.id not in viewed)


def get_campaign_overview(context: AppContext, actor: Actor, campaign_id: str) -> CampaignOverview:
    """Return a campaign with its newest version. Raises Refused: it does not exist."""
    now = context.clock.now()
    with context.store.read() as connection:
        row, version = require_newest_version(connection, campaign_id)
        decisions = tuple(approval_decisions.list_decisions(connection, campaign_id, version.version))
        authors = {decision.who for decision in decisions if decision.decision == "submitted"}
        if version.state == "submitted":
            authors = list_contributors(connection, campaign_id, version.version)
    stage = get_stage(row, version.state, version.campaign.starts_at, version.campaign.ends_at, now)
    required = count_required_approvals(context, now)
    return CampaignOverview(row, version, stage, decisions, required, actor.id in authors)


def get_stage(
    row: CampaignRow, state: VersionState, starts_at: datetime, ends_at: datetime, now: datetime
) -> CampaignStage:
    """Return the stage at *now* of a campaign whose newest version is in *state* and runs between the two instants."""
    if row.status == "ended" or (state == "approved" and ends_at <= now):
        return "ended"
    if state == "approved":
        return "live" if starts_at <= now else "approved"
    return _STAGE_BY_STATE[state]
