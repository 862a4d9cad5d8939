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
from signage.model.campaign_file.partial_campaign import Context
from signage.model.campaign_file.read import examine
from signage.model.campaign_file.write import write
from signage.model.toml.findings import Found
from signage.model.users import Actor
from signage.services.campaigns.content_seal import shows
from signage.services.context import Office, Transaction
from signage.services.units import check_unit
from signage.store.campaigns import campaigns
from signage.store.campaigns.campaigns import Kept, Version


def save(office: Office, actor: Actor, campaign: Campaign, text: str, based_on: int | None) -> int:
    """Keep *campaign* as a draft, made from the version *based_on* (None: a new campaign); returns its number.

    Raises Refused: it is there already, a file's, in review, ended, or was changed by someone meanwhile.
    """
    meaning = campaigns.meaning(campaign)
    with office.act(actor, "campaign.save", campaign.id, meaning=meaning, based_on=based_on) as tx:
        check_unit(actor, campaign.unit, "unit")
        kept = campaigns.get(tx.connection, campaign.id)
        before = None
        if kept is not None:
            current = before = _editable(tx, kept, based_on)
            check_unit(actor, current.campaign.unit, campaign.id)
            if current.meaning == meaning and current.text == text:
                tx.unchanged()
                return current.version
        elif based_on is not None:
            raise refuse("campaign-unknown", campaign.id, id=campaign.id)
        number = campaigns.put(tx.connection, campaign, text, "console", "draft", tx.at, actor.id)
        tx.note(version=number, title=campaign.title, **_changes(before, campaign))
    return number


def _changes(before: Version | None, after: Campaign) -> dict[str, object]:
    """What an entry says of the version that was there: its number and meaning, and which facts are others now."""
    if before is None:
        return {}
    old = before.campaign
    changed = [one.name.rstrip("_") for one in fields(Campaign) if getattr(old, one.name) != getattr(after, one.name)]
    facts: dict[str, object] = {"version": before.version, "meaning": before.meaning}
    if old.title != after.title:
        facts["title"] = old.title
    return {"before": facts, "changed": changed}


def _editable(tx: Transaction, kept: Kept, based_on: int | None) -> Version:
    if based_on is None:
        raise refuse("campaign-exists", "id", id=kept.id)
    if kept.source == "file":
        raise refuse("campaign-of-file", kept.id, id=kept.id)
    if kept.status == "ended":
        raise refuse("campaign-ended", kept.id, id=kept.id)
    current = _version(tx, kept.id, kept.current)
    if current.version != based_on:
        facts = {"id": kept.id, "newest": current.version, "version": based_on, "who": current.made_by}
        raise refuse("campaign-overtaken", "", **facts)
    if current.state == "submitted":
        raise refuse("campaign-in-review", kept.id, id=kept.id, version=current.version)
    return current


def copy(office: Office, actor: Actor, source_id: str, new_id: str, title: str | None = None) -> int:
    """A draft called *new_id* with all that the newest version of *source_id* says; returns its number."""
    with office.store.read() as connection:
        kept = campaigns.get(connection, source_id)
        version = kept and campaigns.version(connection, source_id, kept.current)
    if not version:
        raise refuse("campaign-unknown", source_id, id=source_id)
    copied = replace(version.campaign, id=new_id, title=title or version.campaign.title)
    return save(office, actor, copied, write(copied), None)


def submit_saved(office: Office, actor: Actor, campaign_id: str, number: int, meaning: str) -> None:
    """Submit the saved version for review, frozen with the sha256 of all that it shows."""
    with office.act(actor, "campaign.submit", campaign_id, version=number, meaning=meaning) as tx:
        kept = _must_be(tx, campaign_id)
        version = _version(tx, campaign_id, kept.current)
        check_unit(actor, version.campaign.unit, campaign_id)
        if kept.current != number or version.meaning != meaning:
            raise refuse("version-changed", campaign_id, id=campaign_id, version=number, newest=kept.current)
        if kept.source == "file":
            raise refuse("campaign-of-file", campaign_id, id=campaign_id)
        if kept.status == "ended":
            raise refuse("campaign-ended", campaign_id, id=campaign_id)
        if version.state not in ("draft", "returned"):
            raise refuse("campaign-in-review", campaign_id, id=campaign_id, version=number)
        campaigns.set_state(tx.connection, campaign_id, number, "submitted", tx.at)
        campaigns.add_verdict(tx.connection, campaign_id, number, actor.id, "submitted", tx.at)
        tx.note(shows=[f"{one.item} {one.sha256}" for one in shows(version.campaign)])


def withdraw(office: Office, actor: Actor, campaign_id: str) -> None:
    """Take a submission back; it is a draft again, and approvals that it had count no more."""
    with office.act(actor, "campaign.withdraw", campaign_id) as tx:
        kept = _must_be(tx, campaign_id)
        version = _version(tx, campaign_id, kept.current)
        check_unit(actor, version.campaign.unit, campaign_id)
        if version.state != "submitted" or kept.source == "file":
            raise refuse("version-not-in-review", campaign_id, id=campaign_id, version=version.version)
        campaigns.set_state(tx.connection, campaign_id, version.version, "draft", tx.at)
        campaigns.drop_approvals(tx.connection, campaign_id, version.version)
        tx.note(version=version.version)


def take_up(office: Office, actor: Actor, campaign_id: str) -> int:
    """Let an ended campaign of the console be worked on again; returns the number of its new draft."""
    with office.act(actor, "campaign.restore", campaign_id) as tx:
        kept = _must_be(tx, campaign_id)
        if kept.source == "file":
            raise refuse("campaign-of-file", campaign_id, id=campaign_id)
        if kept.status != "ended":
            raise refuse("campaign-not-ended", campaign_id, id=campaign_id)
        last = _version(tx, campaign_id, kept.current)
        check_unit(actor, last.campaign.unit, campaign_id)
        number = campaigns.put(tx.connection, last.campaign, last.text, "console", "draft", tx.at, actor.id)
        campaigns.clear_approval(tx.connection, campaign_id)
        tx.note(version=number)
    return number


def _must_be(tx: Transaction, campaign_id: str) -> Kept:
    kept = campaigns.get(tx.connection, campaign_id)
    if kept is None:
        raise refuse("campaign-unknown", campaign_id, id=campaign_id)
    return kept


def _version(tx: Transaction, campaign_id: str, number: int) -> Version:
    version = campaigns.version(tx.connection, campaign_id, number)
    if version is None:
        raise refuse("campaign-unknown", campaign_id, id=campaign_id)
    return version


def examine_text(office: Office, text: str | bytes, name: str = "") -> tuple[Campaign | None, str, tuple[Fault, ...]]:
    """A campaign file that came by the console: the campaign where nothing keeps it from being one, its text, faults.

    Its clips are the library's, by their sha256: files of the machine are not named from outside.
    """
    kind = None if office.clips is None else office.clips.kind
    examined = examine(name, text, Context(clip_kind=kind))
    found = list(examined.faults)
    if examined.campaign is not None:
        named = [
            Found("error", "campaign-names-file", ("item", n, "file"), {"file": item.file})
            for n, item in enumerate(examined.campaign.items)
            if item.file is not None
        ]
        found += examined.place(named)
    broken = any(fault.level == "error" for fault in found)
    return (None if broken else examined.campaign), examined.text, tuple(found)
