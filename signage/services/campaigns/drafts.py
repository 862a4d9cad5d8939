"""Drafts of campaigns: saved, copied, submitted, withdrawn, restored.

1. Every save creates a version. Screens show the approved version until a newer one is approved.
2. A save names the version on which it is based; where a newer one exists, it is refused.
3. A version in review cannot be changed: it must be withdrawn first, which voids its approvals.
4. A campaign that belongs to a file cannot be edited, only copied.
5. A user with a unit edits campaigns of that unit and campaigns without a unit.
6. A restored campaign is a draft: it needs approval again.
"""

from dataclasses import fields, replace

from signage.faults import Fault, refuse
from signage.model.campaign import Campaign
from signage.model.campaign_file.partial_campaign import FileCheckContext
from signage.model.campaign_file.read import check_campaign_file
from signage.model.campaign_file.write import format_campaign_file
from signage.model.toml.findings import Finding
from signage.model.users import Actor
from signage.services.campaigns.content_seal import compute_item_hashes
from signage.services.campaigns.queries import campaign_unknown, require_newest_version, require_version
from signage.services.consents.submission import request_missing_consents, take_back_requests
from signage.services.context import AppContext, AuditedTransaction, check_unit
from signage.store.campaigns import approval_decisions, campaigns
from signage.store.campaigns.campaigns import CampaignRow, CampaignVersionRow


def save_draft(context: AppContext, actor: Actor, campaign: Campaign, text: str, based_on: int | None) -> int:
    """Save *campaign* as a draft based on the version *based_on* (None: a new campaign); returns its number.

    Raises Refused: it exists already, belongs to a file, is in review, has ended, or a newer version exists.
    """
    version_hash = campaigns.compute_version_hash(campaign)
    with context.transaction(actor, "campaign.save", campaign.id, meaning=version_hash, based_on=based_on) as tx:
        check_unit(actor, campaign.unit, "unit")
        row = campaigns.get_campaign(tx.connection, campaign.id)
        before = None
        if row is not None:
            current = before = _get_editable_version(tx, row, based_on)
            check_unit(actor, current.campaign.unit, campaign.id)
            if current.version_hash == version_hash and current.text == text:
                tx.mark_unchanged()
                return current.version
        elif based_on is not None:
            raise campaign_unknown(campaign.id)
        number = campaigns.create_version(tx.connection, campaign, text, "console", "draft", tx.at, actor.id)
        tx.add_details(version=number, title=campaign.title, **_describe_changes(before, campaign))
    return number


def _describe_changes(before: CampaignVersionRow | None, after: Campaign) -> dict[str, object]:
    """Return the audit details of a change: number and hash of the version before, and the changed fields."""
    if before is None:
        return {}
    old = before.campaign
    changed = [
        field.name.rstrip("_") for field in fields(Campaign) if getattr(old, field.name) != getattr(after, field.name)
    ]
    facts: dict[str, object] = {"version": before.version, "meaning": before.version_hash}
    if old.title != after.title:
        facts["title"] = old.title
    return {"before": facts, "changed": changed}


def _get_editable_version(tx: AuditedTransaction, row: CampaignRow, based_on: int | None) -> CampaignVersionRow:
    if based_on is None:
        raise refuse("campaign-exists", "id", id=row.id)
    if row.source == "file":
        raise refuse("campaign-of-file", row.id, id=row.id)
    if row.status == "ended":
        raise refuse("campaign-ended", row.id, id=row.id)
    current = require_version(tx.connection, row.id, row.current_version)
    if current.version != based_on:
        facts = {"id": row.id, "newest": current.version, "version": based_on, "who": current.made_by}
        raise refuse("campaign-overtaken", "", **facts)
    if current.state == "submitted":
        raise refuse("campaign-in-review", row.id, id=row.id, version=current.version)
    return current


def copy_campaign(context: AppContext, actor: Actor, source_id: str, new_id: str, title: str | None = None) -> int:
    """Save a copy of the newest version of *source_id* as a draft *new_id*; returns its number. Raises Refused."""
    with context.store.read() as connection:
        _, version = require_newest_version(connection, source_id)
    copied = replace(version.campaign, id=new_id, title=title or version.campaign.title)
    return save_draft(context, actor, copied, format_campaign_file(copied), None)


def submit_draft(context: AppContext, actor: Actor, campaign_id: str, number: int, version_hash: str) -> None:
    """Submit a version for review; the audit entry has the hashes of its content. Raises Refused."""
    with context.transaction(actor, "campaign.submit", campaign_id, version=number, meaning=version_hash) as tx:
        row, version = require_newest_version(tx.connection, campaign_id)
        check_unit(actor, version.campaign.unit, campaign_id)
        if row.current_version != number or version.version_hash != version_hash:
            raise refuse("version-changed", campaign_id, id=campaign_id, version=number, newest=row.current_version)
        if row.source == "file":
            raise refuse("campaign-of-file", campaign_id, id=campaign_id)
        if row.status == "ended":
            raise refuse("campaign-ended", campaign_id, id=campaign_id)
        if version.state not in ("draft", "returned"):
            raise refuse("campaign-in-review", campaign_id, id=campaign_id, version=number)
        campaigns.set_version_state(tx.connection, campaign_id, number, "submitted", tx.at)
        approval_decisions.record_decision(tx.connection, campaign_id, number, actor.id, "submitted", tx.at)
        request_missing_consents(context, tx, version.campaign)
        tx.add_details(shows=[f"{item.item} {item.sha256}" for item in compute_item_hashes(version.campaign)])


def withdraw_submission(context: AppContext, actor: Actor, campaign_id: str) -> None:
    """Withdraw a submitted version: it is a draft again, and its approvals are void. Raises Refused."""
    with context.transaction(actor, "campaign.withdraw", campaign_id) as tx:
        row, version = require_newest_version(tx.connection, campaign_id)
        check_unit(actor, version.campaign.unit, campaign_id)
        if version.state != "submitted" or row.source == "file":
            raise refuse("version-not-in-review", campaign_id, id=campaign_id, version=version.version)
        campaigns.set_version_state(tx.connection, campaign_id, version.version, "draft", tx.at)
        approval_decisions.delete_approvals(tx.connection, campaign_id, version.version)
        take_back_requests(tx, campaign_id)
        tx.add_details(version=version.version)


def restore_campaign(context: AppContext, actor: Actor, campaign_id: str) -> int:
    """Restore an ended campaign of the console as a draft; returns its number. Raises Refused."""
    with context.transaction(actor, "campaign.restore", campaign_id) as tx:
        row, newest = require_newest_version(tx.connection, campaign_id)
        if row.source == "file":
            raise refuse("campaign-of-file", campaign_id, id=campaign_id)
        if row.status != "ended":
            raise refuse("campaign-not-ended", campaign_id, id=campaign_id)
        check_unit(actor, newest.campaign.unit, campaign_id)
        number = campaigns.create_version(
            tx.connection, newest.campaign, newest.text, "console", "draft", tx.at, actor.id
        )
        campaigns.clear_approval(tx.connection, campaign_id)
        tx.add_details(version=number)
    return number


def examine_campaign_text(
    context: AppContext, text: str | bytes, name: str = ""
) -> tuple[Campaign | None, str, tuple[Fault, ...]]:
    """Check a campaign file that was entered in the console; returns the campaign (None with errors), text and faults.

    Its clips are clips of the library, by sha256: a user cannot name files of the machine.
    """
    clip_kind = None if context.clips is None else context.clips.get_kind
    checked = check_campaign_file(name, text, FileCheckContext(clip_kind=clip_kind))
    faults = list(checked.faults)
    if checked.campaign is not None:
        file_items = [
            Finding("error", "campaign-names-file", ("item", n, "file"), {"file": item.file})
            for n, item in enumerate(checked.campaign.items)
            if item.file is not None
        ]
        faults += checked.locate(file_items)
    has_errors = any(fault.level == "error" for fault in faults)
    return (None if has_errors else checked.campaign), checked.text, tuple(faults)
