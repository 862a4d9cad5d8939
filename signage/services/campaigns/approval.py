"""Approvals: a version looked at item by item, then approved as exactly what was seen, or returned with a note.

1. Who approves has looked at every item of the version, films to their end.
2. They attest that it is public service and not commercial.
3. They approve what was shown to them: the version's meaning and the seal of all that it shows.
4. Nobody approves what they themselves submitted or changed; no role exempts (``campaigns``).
5. ``[approval] required`` people must, in a key period one more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from signage.faults import Fault, FaultLocation, Refused
from signage.model import permissions as duties
from signage.model.campaign import Campaign
from signage.model.users import Actor
from signage.services.campaigns import versions as campaigns
from signage.services.campaigns.content_seal import compute_content_seal
from signage.services.campaigns.queries import require_newest_version, require_version
from signage.services.context import AppContext, AuditedTransaction
from signage.store.campaigns import approval_decisions
from signage.store.campaigns import campaigns as kept_campaigns
from signage.store.campaigns import review_views as looks
from signage.store.campaigns.approval_decisions import ApprovalDecisionRow
from signage.store.campaigns.campaigns import CampaignRow, CampaignVersionRow, VersionState
from signage.store.engine import Connection
from signage.store.library import clips

OPENED = looks.VERSION_OPENED
CampaignStage = Literal["draft", "review", "returned", "approved", "live", "ended"]
_STAGE_BY_STATE: dict[str, CampaignStage] = {"draft": "draft", "submitted": "review", "returned": "returned"}


@dataclass(frozen=True, slots=True)
class Statement:
    """What an approver states: the *seal* of what they were shown, and that it is public service."""

    seal: str
    public_service: bool


@dataclass(frozen=True, slots=True)
class CampaignOverview:
    """A campaign on the desk. *column*: where its newest version stands; *mine*: the reader's own work."""

    row: CampaignRow
    version: CampaignVersionRow
    column: CampaignStage
    verdicts: tuple[ApprovalDecisionRow, ...]
    required_approvals: int
    is_own_work: bool

    @property
    def campaign(self) -> Campaign:
        return self.version.campaign

    @property
    def approvers(self) -> tuple[str, ...]:
        return tuple(one.who for one in self.verdicts if one.decision == "approved")

    @property
    def note(self) -> ApprovalDecisionRow | None:
        """Why it was returned."""
        return next((one for one in reversed(self.verdicts) if one.decision == "returned"), None)


def approve(
    office: AppContext, actor: Actor, campaign_id: str, number: int, meaning: str, statement: Statement
) -> bool:
    """Record *actor*'s approval of exactly what they were shown; True when it is live by that. Raises Refused."""

    def looked(tx: AuditedTransaction, version: CampaignVersionRow) -> None:
        faults = []
        if statement.seal != compute_content_seal(version.campaign):
            facts = {"id": campaign_id, "version": number, "newest": version.version}
            faults.append(Fault("error", "version-changed", FaultLocation(key="seal"), facts))
        missing = list_unviewed_items(version.campaign, looks.get_views(tx.connection, campaign_id, number, actor.id))
        if missing:
            facts = {"items": ", ".join(missing[:5]), "count": len(missing)}
            faults.append(Fault("error", "items-unseen", FaultLocation(key="items"), facts))
        if not statement.public_service:
            faults.append(Fault("error", "attestation-missing", FaultLocation(key="public_service")))
        if faults:
            raise Refused(faults)
        tx.add_details(
            seal=statement.seal, public_service=True, needed=campaigns.count_required_approvals(office, tx.at)
        )

    return campaigns.record_approval(office, actor, campaign_id, number, meaning, looked)


def open_version(office: AppContext, actor: Actor, campaign_id: str, number: int) -> dict[str, datetime]:
    """Note that *actor* opened a version to look at it; returns what they looked at before."""
    if not duties.is_allowed(actor, "campaign.approve"):
        return {}
    with office.store.read() as connection:
        known = looks.get_views(connection, campaign_id, number, actor.id)
    if looks.VERSION_OPENED not in known:
        with office.store.write() as connection:
            looks.record_view(connection, campaign_id, number, actor.id, looks.VERSION_OPENED, office.clock.now())
    return known


def record_views(
    office: AppContext, actor: Actor, campaign_id: str, number: int, item_ids: Iterable[str]
) -> tuple[str, ...]:
    """Keep that *actor* has looked at items; returns those still to look at.

    A film counts once as much time has passed since the version was opened as it lasts.
    """
    office.check_permission(actor, "campaign.approve", campaign_id)
    now = office.clock.now()
    with office.store.write() as connection:
        version = require_version(connection, campaign_id, number)
        known = looks.get_views(connection, campaign_id, number, actor.id)
        opened = known.get(looks.VERSION_OPENED, now)
        there = {item.id: item for item in version.campaign.items}
        for item_id in item_ids:
            item = there.get(item_id)
            if item is not None and now - opened >= _get_film_duration(connection, item.sha256):
                looks.record_view(connection, campaign_id, number, actor.id, item_id, now)
        return list_unviewed_items(version.campaign, looks.get_views(connection, campaign_id, number, actor.id))


def _get_film_duration(connection: Connection, sha256: str | None) -> timedelta:
    clip = clips.get_clip(connection, sha256) if sha256 else None
    is_film = clip is not None and clip.facts.kind == "film"
    return timedelta(milliseconds=clip.facts.duration_ms or 0) if is_film and clip else timedelta(0)


def list_unviewed_items(campaign: Campaign, known: Iterable[str]) -> tuple[str, ...]:
    """The items of *campaign* that are not in *known*."""
    seen = set(known)
    return tuple(item.id for item in campaign.items if item.id not in seen)


def get_campaign_overview(office: AppContext, actor: Actor, campaign_id: str) -> CampaignOverview:
    """One campaign. Raises Refused where there is none."""
    with office.store.read() as connection:
        kept, version = require_newest_version(connection, campaign_id)
        return _build_campaign_overview(office, connection, actor, kept, version)


def _build_campaign_overview(
    office: AppContext, connection: Connection, actor: Actor, kept: CampaignRow, version: CampaignVersionRow
) -> CampaignOverview:
    now = office.clock.now()
    verdicts = tuple(approval_decisions.list_decisions(connection, kept.id, version.version))
    makers = {one.who for one in verdicts if one.decision == "submitted"}
    if version.state == "submitted":
        makers |= {one.made_by for one in kept_campaigns.iter_versions_since_approval(connection, kept.id)}
    campaign = version.campaign
    stands = get_stage(kept, version.state, campaign.starts_at, campaign.ends_at, now)
    return CampaignOverview(
        kept, version, stands, verdicts, campaigns.count_required_approvals(office, now), actor.id in makers
    )


def get_stage(
    kept: CampaignRow, state: VersionState, starts_at: datetime, ends_at: datetime, now: datetime
) -> CampaignStage:
    """Where a campaign stands whose newest version is in *state* and has that window."""
    if kept.status == "ended" or (state == "approved" and ends_at <= now):
        return "ended"
    if state == "approved":
        return "live" if starts_at <= now else "approved"
    return _STAGE_BY_STATE[state]
