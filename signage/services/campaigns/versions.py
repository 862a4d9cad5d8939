"""Versions of campaigns: loaded from files, approved, returned, ended. Every version is stored.

1. Screens show the approved version. A newer unapproved version changes nothing on the screens.
2. Equal content is the same version (``version_hash``): a cosmetic edit of a file keeps version and approval.
3. With ``[approval] files = "trusted"`` a campaign file counts as approved by whoever may write the folder; the
   approval has an audit entry of its own.
4. Nobody approves a version that they submitted or edited, or that an account submitted or edited which counts as the
   same person (``account_control``). ``[approval] required`` people must approve, no two of whom count as one person.
5. A removed file ends its campaign; its plays stay. A file that returns resumes the campaign.
"""

from collections.abc import Callable
from datetime import datetime

from signage.faults import Fault, Refused, refuse
from signage.model.campaign import Campaign
from signage.model.users import FOLDER_ACTOR, Actor
from signage.services.campaigns.queries import require_campaign, require_version
from signage.services.consents.submission import take_back_requests
from signage.services.context import AppContext, AuditedTransaction, check_governed, find_unit_fault
from signage.services.users import account_control
from signage.store.campaigns import approval_decisions, campaigns
from signage.store.campaigns.campaigns import CampaignRow, CampaignVersionRow
from signage.store.engine import Connection


def load_campaign(context: AppContext, campaign: Campaign, text: str) -> bool:
    """Load the campaign of a file; returns False where its content is unchanged.

    Raises Refused where a campaign of that id was created in the console.
    """
    version_hash = campaigns.compute_version_hash(campaign)
    with context.transaction(FOLDER_ACTOR, "campaign.load", campaign.id, meaning=version_hash) as tx:
        row = campaigns.get_campaign(tx.connection, campaign.id)
        if row is not None and row.source == "console":
            raise refuse("campaign-of-console", campaign.id, id=campaign.id)
        current = None if row is None else campaigns.get_version(tx.connection, campaign.id, row.current_version)
        if row is not None and current is not None and current.version_hash == version_hash:
            return _resume_campaign(context, tx, row, current)
        number = campaigns.create_version(tx.connection, campaign, text, "file", "submitted", tx.at, FOLDER_ACTOR.id)
        if row is not None and row.status == "ended":
            campaigns.clear_approval(tx.connection, campaign.id)
        tx.add_details(version=number, title=campaign.title)
        if context.approval.files == "trusted":
            _approve_trusted_file(tx, campaign.id, number, version_hash)
        return True


def _resume_campaign(
    context: AppContext, tx: AuditedTransaction, row: CampaignRow, current: CampaignVersionRow
) -> bool:
    """Resume an ended campaign whose file returned, or approve one whose folder is trusted now (rules 3, 5)."""
    needs_approval = context.approval.files == "trusted" and row.approved_version != row.current_version
    if row.status == "active" and not needs_approval:
        tx.mark_unchanged()
        return False
    tx.add_details(version=row.current_version, again=True)
    campaigns.set_campaign_status(tx.connection, row.id, "active", tx.at)
    if needs_approval:
        _approve_trusted_file(tx, row.id, row.current_version, current.version_hash)
    return True


def _approve_trusted_file(tx: AuditedTransaction, campaign_id: str, number: int, version_hash: str) -> None:
    campaigns.set_version_state(tx.connection, campaign_id, number, "approved", tx.at)
    approval_decisions.record_decision(tx.connection, campaign_id, number, FOLDER_ACTOR.id, "approved", tx.at)
    tx.add_entry("campaign.approve", campaign_id, version=number, meaning=version_hash, by="the folder is trusted")


def end_campaign(context: AppContext, actor: Actor, campaign_id: str, why: str) -> None:
    """End a campaign: screens show it no more; its versions and plays stay. Raises Refused."""
    with context.transaction(actor, "campaign.end", campaign_id, why=why) as tx:
        row = require_campaign(tx.connection, campaign_id)
        if row.source == "file" and actor.channel in ("console", "api"):
            raise refuse("campaign-of-file", campaign_id, id=campaign_id)
        version = campaigns.get_version(tx.connection, campaign_id, row.current_version)
        check_governed(context, tx, actor, version.campaign.unit if version else None, campaign_id)
        if row.status == "ended":
            tx.mark_unchanged()
            return
        campaigns.set_campaign_status(tx.connection, campaign_id, "ended", tx.at)
        take_back_requests(tx, campaign_id)


def record_approval(
    context: AppContext,
    actor: Actor,
    campaign_id: str,
    number: int,
    version_hash: str,
    check_views: Callable[[AuditedTransaction, CampaignVersionRow], None] | None = None,
) -> bool:
    """Record *actor*'s approval of exactly the version with that hash; returns whether it is approved thereby.

    *check_views* raises Refused where the actor has not viewed the version as required (``approval``). Raises Refused:
    not the newest version, not in review, changed since, or the actor's own work (rule 4).
    """
    with context.transaction(actor, "campaign.approve", campaign_id, version=number, meaning=version_hash) as tx:
        version = _get_reviewable_version(context, tx, actor, campaign_id, number, version_hash)
        if check_views is not None:
            check_views(tx, version)
        approval_decisions.record_decision(tx.connection, campaign_id, number, actor.id, "approved", tx.at)
        approvers = approval_decisions.list_approvers(tx.connection, campaign_id, number)
        is_approved = len(approvers) >= count_required_approvals(context, tx.at)
        if is_approved:
            campaigns.set_version_state(tx.connection, campaign_id, number, "approved", tx.at)
        tx.add_details(live=is_approved)
    return is_approved


def count_required_approvals(context: AppContext, at: datetime) -> int:
    """Return how many people must approve at the instant *at*: in a key period one more."""
    return context.approval.required + any(period.from_ <= at < period.until for period in context.key_periods)


def return_version(
    context: AppContext, actor: Actor, campaign_id: str, number: int, version_hash: str, note: str
) -> None:
    """Return a submitted version to its author with a *note*. Raises Refused as :func:`record_approval` does."""
    if not note.strip():
        raise refuse("said-missing", "note")
    details = {"version": number, "meaning": version_hash, "note": note}
    with context.transaction(actor, "campaign.return", campaign_id, **details) as tx:
        _get_reviewable_version(context, tx, actor, campaign_id, number, version_hash)
        approval_decisions.record_decision(tx.connection, campaign_id, number, actor.id, "returned", tx.at, note)
        campaigns.set_version_state(tx.connection, campaign_id, number, "returned", tx.at)


def _get_reviewable_version(
    context: AppContext, tx: AuditedTransaction, actor: Actor, campaign_id: str, number: int, version_hash: str
) -> CampaignVersionRow:
    row = require_campaign(tx.connection, campaign_id)
    version = campaigns.get_version(tx.connection, campaign_id, number)
    if version is None or row.current_version != number or version.version_hash != version_hash:
        raise refuse("version-changed", campaign_id, id=campaign_id, version=number, newest=row.current_version)
    if version.state != "submitted" or row.status != "active":
        raise refuse("version-not-in-review", campaign_id, id=campaign_id, version=number)
    check_governed(context, tx, actor, version.campaign.unit, campaign_id)
    if actor.id in list_contributors(tx.connection, campaign_id, number):
        raise refuse("own-work", campaign_id, id=campaign_id, who=actor.id)
    fault = _find_same_operator_fault(tx.connection, actor.id, campaign_id, number)
    if fault is not None:
        raise Refused([fault])
    return version


def list_contributors(connection: Connection, campaign_id: str, number: int) -> set[str]:
    """Return who submitted a version, or made any version since the approved one."""
    authors = {version.made_by for version in campaigns.iter_versions_since_approval(connection, campaign_id)}
    decisions = approval_decisions.list_decisions(connection, campaign_id, number)
    return authors | {decision.who for decision in decisions if decision.decision == "submitted"}


def find_approval_conflict(context: AppContext, actor: Actor, campaign_id: str, number: int) -> Fault | None:
    """Return why *actor* may not approve a version: not their unit's, or one person with a contributor or approver.

    None where they may. Raises Refused: it does not exist.
    """
    with context.store.read() as connection:
        unit = require_version(connection, campaign_id, number).campaign.unit
        fault = find_unit_fault(context, connection, actor, unit, campaign_id)
        return fault or _find_same_operator_fault(connection, actor.id, campaign_id, number)


def _find_same_operator_fault(connection: Connection, user_id: str, campaign_id: str, number: int) -> Fault | None:
    participants = list_contributors(connection, campaign_id, number)
    participants |= set(approval_decisions.list_approvers(connection, campaign_id, number))
    faults = (
        account_control.find_same_operator_fault(connection, user_id, other, campaign_id)
        for other in sorted(participants - {user_id})
    )
    return next((fault for fault in faults if fault is not None), None)
