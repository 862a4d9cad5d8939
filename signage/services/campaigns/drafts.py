"""Campaigns as people work on them: drafts saved, copied, submitted, withdrawn, taken up again.

1. Every save is a version of its own. What shows stays the approved one.
2. Who saves says on which version the work stands; where another was made meanwhile, the later one is told.
3. A version in review is frozen: to change it, it is withdrawn first, and approvals that it had count no more.
4. A campaign of a file is its file's: it is copied to be edited.
5. Who belongs to a unit works on what is that unit's, or nobody's.
6. One that ended and is taken up again is a draft: it needs approval anew.
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
from signage.services.context import AppContext, AuditedTransaction, check_unit
from signage.store.campaigns import approval_decisions, campaigns
from signage.store.campaigns.campaigns import CampaignRow, CampaignVersionRow


def save_draft(office: AppContext, actor: Actor, campaign: Campaign, text: str, based_on: int | None) -> int:
    """Keep *campaign* as a draft, made from the version *based_on* (None: a new campaign); returns its number.

    Raises Refused: it is there already, a file's, in review, ended, or was changed by someone meanwhile.
    """
    meaning = campaigns.compute_version_hash(campaign)
    with office.transaction(actor, "campaign.save", campaign.id, meaning=meaning, based_on=based_on) as tx:
        check_unit(actor, campaign.unit, "unit")
        kept = campaigns.get_campaign(tx.connection, campaign.id)
        before = None
        if kept is not None:
            current = before = _get_editable_version(tx, kept, based_on)
            check_unit(actor, current.campaign.unit, campaign.id)
            if current.version_hash == meaning and current.text == text:
                tx.mark_unchanged()
                return current.version
        elif based_on is not None:
            raise campaign_unknown(campaign.id)
        number = campaigns.create_version(tx.connection, campaign, text, "console", "draft", tx.at, actor.id)
        tx.add_details(version=number, title=campaign.title, **_describe_changes(before, campaign))
    return number


def _describe_changes(before: CampaignVersionRow | None, after: Campaign) -> dict[str, object]:
    """What an entry says of the version that was there: its number and meaning, and which facts are others now."""
    if before is None:
        return {}
    old = before.campaign
    changed = [one.name.rstrip("_") for one in fields(Campaign) if getattr(old, one.name) != getattr(after, one.name)]
    facts: dict[str, object] = {"version": before.version, "meaning": before.version_hash}
    if old.title != after.title:
        facts["title"] = old.title
    return {"before": facts, "changed": changed}


def _get_editable_version(tx: AuditedTransaction, kept: CampaignRow, based_on: int | None) -> CampaignVersionRow:
    if based_on is None:
        raise refuse("campaign-exists", "id", id=kept.id)
    if kept.source == "file":
        raise refuse("campaign-of-file", kept.id, id=kept.id)
    if kept.status == "ended":
        raise refuse("campaign-ended", kept.id, id=kept.id)
    current = require_version(tx.connection, kept.id, kept.current_version)
    if current.version != based_on:
        facts = {"id": kept.id, "newest": current.version, "version": based_on, "who": current.made_by}
        raise refuse("campaign-overtaken", "", **facts)
    if current.state == "submitted":
        raise refuse("campaign-in-review", kept.id, id=kept.id, version=current.version)
    return current


def copy_campaign(office: AppContext, actor: Actor, source_id: str, new_id: str, title: str | None = None) -> int:
    """A draft called *new_id* with all that the newest version of *source_id* says; returns its number."""
    with office.store.read() as connection:
        _, version = require_newest_version(connection, source_id)
    copied = replace(version.campaign, id=new_id, title=title or version.campaign.title)
    return save_draft(office, actor, copied, format_campaign_file(copied), None)


def submit_draft(office: AppContext, actor: Actor, campaign_id: str, number: int, meaning: str) -> None:
    """Submit the saved version for review, frozen with the sha256 of all that it shows."""
    with office.transaction(actor, "campaign.submit", campaign_id, version=number, meaning=meaning) as tx:
        kept, version = require_newest_version(tx.connection, campaign_id)
        check_unit(actor, version.campaign.unit, campaign_id)
        if kept.current_version != number or version.version_hash != meaning:
            raise refuse("version-changed", campaign_id, id=campaign_id, version=number, newest=kept.current_version)
        if kept.source == "file":
            raise refuse("campaign-of-file", campaign_id, id=campaign_id)
        if kept.status == "ended":
            raise refuse("campaign-ended", campaign_id, id=campaign_id)
        if version.state not in ("draft", "returned"):
            raise refuse("campaign-in-review", campaign_id, id=campaign_id, version=number)
        campaigns.set_version_state(tx.connection, campaign_id, number, "submitted", tx.at)
        approval_decisions.record_decision(tx.connection, campaign_id, number, actor.id, "submitted", tx.at)
        tx.add_details(shows=[f"{one.item} {one.sha256}" for one in compute_item_hashes(version.campaign)])


def withdraw_submission(office: AppContext, actor: Actor, campaign_id: str) -> None:
    """Take a submission back; it is a draft again, and approvals that it had count no more."""
    with office.transaction(actor, "campaign.withdraw", campaign_id) as tx:
        kept, version = require_newest_version(tx.connection, campaign_id)
        check_unit(actor, version.campaign.unit, campaign_id)
        if version.state != "submitted" or kept.source == "file":
            raise refuse("version-not-in-review", campaign_id, id=campaign_id, version=version.version)
        campaigns.set_version_state(tx.connection, campaign_id, version.version, "draft", tx.at)
        approval_decisions.delete_approvals(tx.connection, campaign_id, version.version)
        tx.add_details(version=version.version)


def restore_campaign(office: AppContext, actor: Actor, campaign_id: str) -> int:
    """Let an ended campaign of the console be worked on again; returns the number of its new draft."""
    with office.transaction(actor, "campaign.restore", campaign_id) as tx:
        kept, last = require_newest_version(tx.connection, campaign_id)
        if kept.source == "file":
            raise refuse("campaign-of-file", campaign_id, id=campaign_id)
        if kept.status != "ended":
            raise refuse("campaign-not-ended", campaign_id, id=campaign_id)
        check_unit(actor, last.campaign.unit, campaign_id)
        number = campaigns.create_version(tx.connection, last.campaign, last.text, "console", "draft", tx.at, actor.id)
        campaigns.clear_approval(tx.connection, campaign_id)
        tx.add_details(version=number)
    return number


def examine_campaign_text(
    office: AppContext, text: str | bytes, name: str = ""
) -> tuple[Campaign | None, str, tuple[Fault, ...]]:
    """A campaign file that came by the console: the campaign where nothing keeps it from being one, its text, faults.

    Its clips are the library's, by their sha256: files of the machine are not named from outside.
    """
    kind = None if office.clips is None else office.clips.get_kind
    examined = check_campaign_file(name, text, FileCheckContext(clip_kind=kind))
    found = list(examined.faults)
    if examined.campaign is not None:
        named = [
            Finding("error", "campaign-names-file", ("item", n, "file"), {"file": item.file})
            for n, item in enumerate(examined.campaign.items)
            if item.file is not None
        ]
        found += examined.locate(named)
    broken = any(fault.level == "error" for fault in found)
    return (None if broken else examined.campaign), examined.text, tuple(found)
