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

from signage.faults import Fault, Place, Refused, refuse
from signage.model import permissions as duties
from signage.model.campaign import Campaign
from signage.model.users import Actor
from signage.services.campaigns import versions as campaigns
from signage.services.campaigns.content_seal import seal
from signage.services.context import Office, Transaction
from signage.store.campaigns import campaigns as kept_campaigns
from signage.store.campaigns import review_views as looks
from signage.store.campaigns.campaigns import Kept, State, Verdict, Version
from signage.store.engine import Connection
from signage.store.library import clips

OPENED = looks.OPENED
Column = Literal["draft", "review", "returned", "approved", "live", "ended"]
_OF_STATE: dict[str, Column] = {"draft": "draft", "submitted": "review", "returned": "returned"}


@dataclass(frozen=True, slots=True)
class Statement:
    """What an approver states: the *seal* of what they were shown, and that it is public service."""

    seal: str
    public_service: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A campaign on the desk. *column*: where its newest version stands; *mine*: the reader's own work."""

    kept: Kept
    version: Version
    column: Column
    verdicts: tuple[Verdict, ...]
    needed: int
    mine: bool

    @property
    def campaign(self) -> Campaign:
        return self.version.campaign

    @property
    def approvers(self) -> tuple[str, ...]:
        return tuple(one.who for one in self.verdicts if one.verdict == "approved")

    @property
    def note(self) -> Verdict | None:
        """Why it was returned."""
        return next((one for one in reversed(self.verdicts) if one.verdict == "returned"), None)


def approve(office: Office, actor: Actor, campaign_id: str, number: int, meaning: str, statement: Statement) -> bool:
    """Record *actor*'s approval of exactly what they were shown; True when it is live by that. Raises Refused."""

    def looked(tx: Transaction, version: Version) -> None:
        faults = []
        if statement.seal != seal(version.campaign):
            facts = {"id": campaign_id, "version": number, "newest": version.version}
            faults.append(Fault("error", "version-changed", Place(key="seal"), facts))
        missing = unseen(version.campaign, looks.of(tx.connection, campaign_id, number, actor.id))
        if missing:
            facts = {"items": ", ".join(missing[:5]), "count": len(missing)}
            faults.append(Fault("error", "items-unseen", Place(key="items"), facts))
        if not statement.public_service:
            faults.append(Fault("error", "attestation-missing", Place(key="public_service")))
        if faults:
            raise Refused(faults)
        tx.note(seal=statement.seal, public_service=True, needed=campaigns.needed(office, tx.at))

    return campaigns.approve(office, actor, campaign_id, number, meaning, looked)


def open_version(office: Office, actor: Actor, campaign_id: str, number: int) -> dict[str, datetime]:
    """Note that *actor* opened a version to look at it; returns what they looked at before."""
    if not duties.may(actor, "campaign.approve"):
        return {}
    with office.store.read() as connection:
        known = looks.of(connection, campaign_id, number, actor.id)
    if looks.OPENED not in known:
        with office.store.write() as connection:
            looks.note(connection, campaign_id, number, actor.id, looks.OPENED, office.clock.now())
    return known


def look(office: Office, actor: Actor, campaign_id: str, number: int, item_ids: Iterable[str]) -> tuple[str, ...]:
    """Keep that *actor* has looked at items; returns those still to look at.

    A film counts once as much time has passed since the version was opened as it lasts.
    """
    if not duties.may(actor, "campaign.approve"):
        raise refuse("duty-missing", campaign_id, who=actor.id, verb="campaign.approve", needed="approver")
    now = office.clock.now()
    with office.store.write() as connection:
        version = kept_campaigns.version(connection, campaign_id, number)
        if version is None:
            raise refuse("campaign-unknown", campaign_id, id=campaign_id)
        known = looks.of(connection, campaign_id, number, actor.id)
        opened = known.get(looks.OPENED, now)
        there = {item.id: item for item in version.campaign.items}
        for item_id in item_ids:
            item = there.get(item_id)
            if item is not None and now - opened >= _lasts(connection, item.sha256):
                looks.note(connection, campaign_id, number, actor.id, item_id, now)
        return unseen(version.campaign, looks.of(connection, campaign_id, number, actor.id))


def _lasts(connection: Connection, sha256: str | None) -> timedelta:
    clip = clips.get(connection, sha256) if sha256 else None
    film = clip is not None and clip.facts.get("kind") == "film"
    return timedelta(milliseconds=int(clip.facts.get("duration_ms") or 0)) if film and clip else timedelta(0)


def unseen(campaign: Campaign, known: Iterable[str]) -> tuple[str, ...]:
    """The items of *campaign* that are not in *known*."""
    seen = set(known)
    return tuple(item.id for item in campaign.items if item.id not in seen)


def card(office: Office, actor: Actor, campaign_id: str) -> Card:
    """One campaign. Raises Refused where there is none."""
    with office.store.read() as connection:
        kept = kept_campaigns.get(connection, campaign_id)
        version = kept and kept_campaigns.version(connection, campaign_id, kept.current)
        if kept is None or not version:
            raise refuse("campaign-unknown", campaign_id, id=campaign_id)
        return _card(office, connection, actor, kept, version)


def _card(office: Office, connection: Connection, actor: Actor, kept: Kept, version: Version) -> Card:
    now = office.clock.now()
    verdicts = tuple(kept_campaigns.verdicts_on(connection, kept.id, version.version))
    makers = {one.who for one in verdicts if one.verdict == "submitted"}
    if version.state == "submitted":
        makers |= {one.made_by for one in kept_campaigns.since_approval(connection, kept.id)}
    campaign = version.campaign
    stands = column(kept, version.state, campaign.starts_at, campaign.ends_at, now)
    return Card(kept, version, stands, verdicts, campaigns.needed(office, now), actor.id in makers)


def column(kept: Kept, state: State, starts_at: datetime, ends_at: datetime, now: datetime) -> Column:
    """Where a campaign stands whose newest version is in *state* and has that window."""
    if kept.status == "ended" or (state == "approved" and ends_at <= now):
        return "ended"
    if state == "approved":
        return "live" if starts_at <= now else "approved"
    return _OF_STATE[state]
