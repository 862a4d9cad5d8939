"""Campaigns: loaded from files, submitted, approved, returned, ended. Every version is kept.

1. What shows is the approved version. A newer one that waits changes nothing on the screens.
2. The same meaning is the same version: a cosmetic edit of a file keeps version and approval.
3. ``[approval] files = "trusted"`` takes a file as approved by whoever may write the folder, with an entry of its own.
4. Nobody approves what they themselves submitted or changed, nor what was made by an account that could be the same
   person (``hands``: who can make up two colleagues could submit as one and approve as the other). ``[approval]
   required`` people must approve, of whom no two could be one.
5. A file that is removed ends its campaign; what it played stays. A file that comes back lets it go on.
"""

from collections.abc import Callable
from datetime import datetime

from signage.faults import Fault, Refused, refuse
from signage.model.campaign import Campaign
from signage.model.users import FOLDER_ACTOR, Actor
from signage.services.campaigns.queries import require_campaign
from signage.services.context import AppContext, AuditedTransaction, check_unit
from signage.services.users import account_control as hands
from signage.store.campaigns import approval_decisions, campaigns
from signage.store.campaigns.campaigns import CampaignRow, CampaignVersionRow
from signage.store.engine import Connection


def load_campaign(office: AppContext, campaign: Campaign, text: str) -> bool:
    """Take over what the folder's file of *campaign* says; False when that is what it said before.

    Raises Refused when a campaign of that id was made in the console.
    """
    meaning = campaigns.compute_version_hash(campaign)
    with office.transaction(FOLDER_ACTOR, "campaign.load", campaign.id, meaning=meaning) as tx:
        kept = campaigns.get_campaign(tx.connection, campaign.id)
        if kept is not None and kept.source == "console":
            raise refuse("campaign-of-console", campaign.id, id=campaign.id)
        current = None if kept is None else campaigns.get_version(tx.connection, campaign.id, kept.current_version)
        if kept is not None and current is not None and current.version_hash == meaning:
            return _resume_campaign(office, tx, kept, current)
        number = campaigns.create_version(tx.connection, campaign, text, "file", "submitted", tx.at, FOLDER_ACTOR.id)
        if kept is not None and kept.status == "ended":
            campaigns.clear_approval(tx.connection, campaign.id)
        tx.add_details(version=number, title=campaign.title)
        if office.approval.files == "trusted":
            _approve_trusted_file(tx, campaign.id, number, meaning)
        return True


def _resume_campaign(
    office: AppContext, tx: AuditedTransaction, kept: CampaignRow, current: CampaignVersionRow
) -> bool:
    trusted = office.approval.files == "trusted" and kept.approved_version != kept.current_version
    if kept.status == "active" and not trusted:
        tx.mark_unchanged()
        return False
    tx.add_details(version=kept.current_version, again=True)
    campaigns.set_campaign_status(tx.connection, kept.id, "active", tx.at)
    if trusted:
        _approve_trusted_file(tx, kept.id, kept.current_version, current.version_hash)
    return True


def _approve_trusted_file(tx: AuditedTransaction, campaign_id: str, number: int, meaning: str) -> None:
    campaigns.set_version_state(tx.connection, campaign_id, number, "approved", tx.at)
    approval_decisions.record_decision(tx.connection, campaign_id, number, FOLDER_ACTOR.id, "approved", tx.at)
    tx.add_entry("campaign.approve", campaign_id, version=number, meaning=meaning, by="the folder is trusted")


def end_campaign(office: AppContext, actor: Actor, campaign_id: str, why: str) -> None:
    """End a campaign: it shows no more, its versions and plays stay."""
    with office.transaction(actor, "campaign.end", campaign_id, why=why) as tx:
        kept = require_campaign(tx.connection, campaign_id)
        if kept.source == "file" and actor.channel in ("console", "api"):
            raise refuse("campaign-of-file", campaign_id, id=campaign_id)
        version = campaigns.get_version(tx.connection, campaign_id, kept.current_version)
        check_unit(actor, version.campaign.unit if version else None, campaign_id)
        if kept.status == "ended":
            tx.mark_unchanged()
            return
        campaigns.set_campaign_status(tx.connection, campaign_id, "ended", tx.at)


def submit_campaign(office: AppContext, actor: Actor, campaign: Campaign, text: str) -> int:
    """Keep a new version made by a person, frozen for review; returns its number.

    Raises Refused when the campaign belongs to a file.
    """
    with office.transaction(
        actor, "campaign.submit", campaign.id, meaning=campaigns.compute_version_hash(campaign)
    ) as tx:
        kept = campaigns.get_campaign(tx.connection, campaign.id)
        if kept is not None and kept.source == "file" and kept.status == "active":
            raise refuse("campaign-of-file", campaign.id, id=campaign.id)
        number = campaigns.create_version(tx.connection, campaign, text, "console", "submitted", tx.at, actor.id)
        if kept is not None and kept.status == "ended":
            campaigns.clear_approval(tx.connection, campaign.id)
        tx.add_details(version=number)
    return number


def record_approval(
    office: AppContext,
    actor: Actor,
    campaign_id: str,
    number: int,
    meaning: str,
    check_views: Callable[[AuditedTransaction, CampaignVersionRow], None] | None = None,
) -> bool:
    """Record *actor*'s approval of exactly the version whose meaning is *meaning*; True when it is live by that.

    *looked* raises Refused where the actor has not looked at it as they must (``approvals``). Raises Refused: not the
    newest version, not in review, changed since, or the actor's own work.
    """
    with office.transaction(actor, "campaign.approve", campaign_id, version=number, meaning=meaning) as tx:
        version = _get_reviewable_version(tx, actor, campaign_id, number, meaning)
        if check_views is not None:
            check_views(tx, version)
        approval_decisions.record_decision(tx.connection, campaign_id, number, actor.id, "approved", tx.at)
        enough = len(approval_decisions.list_approvers(tx.connection, campaign_id, number)) >= count_required_approvals(
            office, tx.at
        )
        if enough:
            campaigns.set_version_state(tx.connection, campaign_id, number, "approved", tx.at)
        tx.add_details(live=enough)
    return enough


def count_required_approvals(office: AppContext, at: datetime) -> int:
    """How many people must approve at the instant *at*: in a key period one more."""
    return office.approval.required + any(period.from_ <= at < period.until for period in office.key_periods)


def return_version(office: AppContext, actor: Actor, campaign_id: str, number: int, meaning: str, note: str) -> None:
    """Return a submitted version to who made it, with a note that says why. Raises Refused as :func:`approve` does."""
    if not note.strip():
        raise refuse("said-missing", "note")
    with office.transaction(actor, "campaign.return", campaign_id, version=number, meaning=meaning, note=note) as tx:
        _get_reviewable_version(tx, actor, campaign_id, number, meaning)
        approval_decisions.record_decision(tx.connection, campaign_id, number, actor.id, "returned", tx.at, note)
        campaigns.set_version_state(tx.connection, campaign_id, number, "returned", tx.at)


def _get_reviewable_version(
    tx: AuditedTransaction, actor: Actor, campaign_id: str, number: int, meaning: str
) -> CampaignVersionRow:
    kept = require_campaign(tx.connection, campaign_id)
    version = campaigns.get_version(tx.connection, campaign_id, number)
    if version is None or kept.current_version != number or version.version_hash != meaning:
        raise refuse("version-changed", campaign_id, id=campaign_id, version=number, newest=kept.current_version)
    if version.state != "submitted" or kept.status != "active":
        raise refuse("version-not-in-review", campaign_id, id=campaign_id, version=number)
    if actor.id in list_contributors(tx.connection, campaign_id, number):
        raise refuse("own-work", campaign_id, id=campaign_id, who=actor.id)
    fault = _find_same_operator_fault(tx.connection, actor.id, campaign_id, number)
    if fault is not None:
        raise Refused([fault])
    return version


def list_contributors(connection: Connection, campaign_id: str, number: int) -> set[str]:
    """Who submitted a version or changed anything since the approved one."""
    changed = {one.made_by for one in campaigns.iter_versions_since_approval(connection, campaign_id)}
    said = approval_decisions.list_decisions(connection, campaign_id, number)
    return changed | {one.who for one in said if one.decision == "submitted"}


def find_approval_conflict(office: AppContext, actor: Actor, campaign_id: str, number: int) -> Fault | None:
    """Why *actor* could be one person with who made a version or approved it already, and how that is mended."""
    with office.store.read() as connection:
        return _find_same_operator_fault(connection, actor.id, campaign_id, number)


def _find_same_operator_fault(connection: Connection, who: str, campaign_id: str, number: int) -> Fault | None:
    others = list_contributors(connection, campaign_id, number) | set(
        approval_decisions.list_approvers(connection, campaign_id, number)
    )
    found = (hands.find_same_operator_fault(connection, who, other, campaign_id) for other in sorted(others - {who}))
    return next((fault for fault in found if fault is not None), None)
