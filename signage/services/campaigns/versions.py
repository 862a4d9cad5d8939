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
from signage.model.users import FOLDER, Actor
from signage.services.context import Office, Transaction
from signage.services.units import check_unit
from signage.services.users import account_control as hands
from signage.store.campaigns import campaigns
from signage.store.campaigns.campaigns import Kept, Version
from signage.store.engine import Connection


def load(office: Office, campaign: Campaign, text: str) -> bool:
    """Take over what the folder's file of *campaign* says; False when that is what it said before.

    Raises Refused when a campaign of that id was made in the console.
    """
    meaning = campaigns.meaning(campaign)
    with office.act(FOLDER, "campaign.load", campaign.id, meaning=meaning) as tx:
        kept = campaigns.get(tx.connection, campaign.id)
        if kept is not None and kept.source == "console":
            raise refuse("campaign-of-console", campaign.id, id=campaign.id)
        current = None if kept is None else campaigns.version(tx.connection, campaign.id, kept.current)
        if kept is not None and current is not None and current.meaning == meaning:
            return _goes_on(office, tx, kept, current)
        number = campaigns.put(tx.connection, campaign, text, "file", "submitted", tx.at, FOLDER.id)
        if kept is not None and kept.status == "ended":
            campaigns.clear_approval(tx.connection, campaign.id)
        tx.note(version=number, title=campaign.title)
        if office.approval.files == "trusted":
            _trust(tx, campaign.id, number, meaning)
        return True


def _goes_on(office: Office, tx: Transaction, kept: Kept, current: Version) -> bool:
    trusted = office.approval.files == "trusted" and kept.approved != kept.current
    if kept.status == "active" and not trusted:
        tx.unchanged()
        return False
    tx.note(version=kept.current, again=True)
    campaigns.set_status(tx.connection, kept.id, "active", tx.at)
    if trusted:
        _trust(tx, kept.id, kept.current, current.meaning)
    return True


def _trust(tx: Transaction, campaign_id: str, number: int, meaning: str) -> None:
    campaigns.set_state(tx.connection, campaign_id, number, "approved", tx.at)
    campaigns.add_verdict(tx.connection, campaign_id, number, FOLDER.id, "approved", tx.at)
    tx.also("campaign.approve", campaign_id, version=number, meaning=meaning, by="the folder is trusted")


def end(office: Office, actor: Actor, campaign_id: str, why: str) -> None:
    """End a campaign: it shows no more, its versions and plays stay."""
    with office.act(actor, "campaign.end", campaign_id, why=why) as tx:
        kept = _must_be(tx, campaign_id)
        if kept.source == "file" and actor.via in ("console", "api"):
            raise refuse("campaign-of-file", campaign_id, id=campaign_id)
        version = campaigns.version(tx.connection, campaign_id, kept.current)
        check_unit(actor, version.campaign.unit if version else None, campaign_id)
        if kept.status == "ended":
            tx.unchanged()
            return
        campaigns.set_status(tx.connection, campaign_id, "ended", tx.at)


def submit(office: Office, actor: Actor, campaign: Campaign, text: str) -> int:
    """Keep a new version made by a person, frozen for review; returns its number.

    Raises Refused when the campaign belongs to a file.
    """
    with office.act(actor, "campaign.submit", campaign.id, meaning=campaigns.meaning(campaign)) as tx:
        kept = campaigns.get(tx.connection, campaign.id)
        if kept is not None and kept.source == "file" and kept.status == "active":
            raise refuse("campaign-of-file", campaign.id, id=campaign.id)
        number = campaigns.put(tx.connection, campaign, text, "console", "submitted", tx.at, actor.id)
        if kept is not None and kept.status == "ended":
            campaigns.clear_approval(tx.connection, campaign.id)
        tx.note(version=number)
    return number


def approve(
    office: Office,
    actor: Actor,
    campaign_id: str,
    number: int,
    meaning: str,
    looked: Callable[[Transaction, Version], None] | None = None,
) -> bool:
    """Record *actor*'s approval of exactly the version whose meaning is *meaning*; True when it is live by that.

    *looked* raises Refused where the actor has not looked at it as they must (``approvals``). Raises Refused: not the
    newest version, not in review, changed since, or the actor's own work.
    """
    with office.act(actor, "campaign.approve", campaign_id, version=number, meaning=meaning) as tx:
        version = _judged(tx, actor, campaign_id, number, meaning)
        if looked is not None:
            looked(tx, version)
        campaigns.add_verdict(tx.connection, campaign_id, number, actor.id, "approved", tx.at)
        enough = len(campaigns.approvers(tx.connection, campaign_id, number)) >= needed(office, tx.at)
        if enough:
            campaigns.set_state(tx.connection, campaign_id, number, "approved", tx.at)
        tx.note(live=enough)
    return enough


def needed(office: Office, at: datetime) -> int:
    """How many people must approve at the instant *at*: in a key period one more."""
    return office.approval.required + any(period.from_ <= at < period.until for period in office.key_periods)


def send_back(office: Office, actor: Actor, campaign_id: str, number: int, meaning: str, note: str) -> None:
    """Return a submitted version to who made it, with a note that says why. Raises Refused as :func:`approve` does."""
    if not note.strip():
        raise refuse("said-missing", "note")
    with office.act(actor, "campaign.return", campaign_id, version=number, meaning=meaning, note=note) as tx:
        _judged(tx, actor, campaign_id, number, meaning)
        campaigns.add_verdict(tx.connection, campaign_id, number, actor.id, "returned", tx.at, note)
        campaigns.set_state(tx.connection, campaign_id, number, "returned", tx.at)


def _judged(tx: Transaction, actor: Actor, campaign_id: str, number: int, meaning: str) -> Version:
    kept = _must_be(tx, campaign_id)
    version = campaigns.version(tx.connection, campaign_id, number)
    if version is None or kept.current != number or version.meaning != meaning:
        raise refuse("version-changed", campaign_id, id=campaign_id, version=number, newest=kept.current)
    if version.state != "submitted" or kept.status != "active":
        raise refuse("version-not-in-review", campaign_id, id=campaign_id, version=number)
    if actor.id in makers(tx.connection, campaign_id, number):
        raise refuse("own-work", campaign_id, id=campaign_id, who=actor.id)
    fault = _one_person(tx.connection, actor.id, campaign_id, number)
    if fault is not None:
        raise Refused([fault])
    return version


def makers(connection: Connection, campaign_id: str, number: int) -> set[str]:
    """Who submitted a version or changed anything since the approved one."""
    changed = {one.made_by for one in campaigns.since_approval(connection, campaign_id)}
    said = campaigns.verdicts_on(connection, campaign_id, number)
    return changed | {one.who for one in said if one.verdict == "submitted"}


def doubt(office: Office, actor: Actor, campaign_id: str, number: int) -> Fault | None:
    """Why *actor* could be one person with who made a version or approved it already, and how that is mended."""
    with office.store.read() as connection:
        return _one_person(connection, actor.id, campaign_id, number)


def _one_person(connection: Connection, who: str, campaign_id: str, number: int) -> Fault | None:
    others = makers(connection, campaign_id, number) | set(campaigns.approvers(connection, campaign_id, number))
    found = (hands.one_person(connection, who, other, campaign_id) for other in sorted(others - {who}))
    return next((fault for fault in found if fault is not None), None)


def _must_be(tx: Transaction, campaign_id: str) -> Kept:
    kept = campaigns.get(tx.connection, campaign_id)
    if kept is None:
        raise refuse("campaign-unknown", campaign_id, id=campaign_id)
    return kept
