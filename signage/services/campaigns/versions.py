"""Versions of campaigns: loaded from files, approved, returned, ended. Every version is stored.

1. Screens show the approved version. A newer unapproved version changes nothing on the screens.
2. Equal content is the same version (``version_hash``): a cosmetic edit of a file keeps version and approval.
3. With ``[approval] files = "trusted"`` a campaign file counts as approved by whoever may write the folder; the
   approval has an audit entry of its own.
4. Who may approve or return a version is decided in ``approval_rules``.
5. A removed file ends its campaign; its plays stay. A file that returns resumes the campaign.
"""

from signage.faults import refuse
from signage.model.campaign import Campaign
from signage.model.users import FOLDER_ACTOR, Actor
from signage.services.campaigns.queries import require_campaign
from signage.services.consents.submission import take_back_requests
from signage.services.context import AppContext, AuditedTransaction, check_governed
from signage.store.campaigns import approval_decisions, campaigns
from signage.store.campaigns.campaigns import CampaignRow, CampaignVersionRow


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
