"""Approvals: the desk, what a version shows by its sha256, looking at it, approving exactly that, or returning it."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from signage.services.campaigns import approval as approvals
from signage.services.campaigns import board as desk
from signage.services.campaigns import versions as campaigns
from signage.services.campaigns.approval import Card, Statement
from signage.services.campaigns.content_seal import seal, shows
from signage.web.api.framework.operations import Asked, Page, Paging, Resource, page_of

api = Resource("approvals")


class Waiting(Struct, frozen=True, kw_only=True):
    """A campaign on the desk. *mine*: the reader's own work, which they cannot approve."""

    campaign: str
    title: str
    unit: str | None
    state: str
    version: int
    meaning: str
    made_by: str
    since: datetime
    approvers: tuple[str, ...]
    needed: int
    mine: bool


class ShownItem(Struct, frozen=True):
    """One item by what it is: a clip's bytes, a slogan's text with its look."""

    item: str
    kind: str
    sha256: str
    text: str | None


class Submitted(Waiting, frozen=True, kw_only=True):
    """A submission with all that it shows, the *seal* over it, and the items still to be looked at."""

    seal: str
    shows: tuple[ShownItem, ...]
    unseen: tuple[str, ...]
    note: str | None


class Looked(Struct, frozen=True, kw_only=True):
    """Items of a version that were looked at, films to their end."""

    version: int
    items: tuple[str, ...]


class Unseen(Struct, frozen=True):
    """The items that are still to be looked at."""

    unseen: tuple[str, ...]


class Approval(Struct, frozen=True, kw_only=True):
    """Exactly what is approved: the version, its meaning, the seal over all it shows; that it is public service."""

    version: int
    meaning: str
    seal: str
    public_service: bool


class Approved(Struct, frozen=True):
    """Whether it is live by that, or more people must approve."""

    live: bool


class Return(Struct, frozen=True, kw_only=True):
    """Exactly what is returned, and why."""

    version: int
    meaning: str
    note: str


class DeskQuery(Paging, frozen=True, kw_only=True):
    """*state*: draft, review, returned, approved, live or ended."""

    state: str = "review"
    unit: str = ""


@api.get("/approvals", "approval.view", query=DeskQuery, answer=Page[Waiting])
def list_(asked: Asked) -> Page[Waiting]:
    """The desk by campaign; what is in review where no state is named."""
    q = asked.query
    lines = [one for one in desk.lines(asked.office, q.unit or None) if one.id > q.cursor and one.column == q.state]
    found = [Waiting(**_facts(card)) for card in desk.cards(asked.office, asked.actor, lines[: q.limit + 1])]
    return page_of(found, q.limit, lambda one: one.campaign)


@api.get("/approvals/{id}", "approval.view", answer=Submitted, errors=(404,))
def show(asked: Asked) -> Submitted:
    """A campaign's newest version as it is to be judged; an approver's looking begins with this."""
    card = approvals.card(asked.office, asked.actor, asked.id)
    seen = approvals.open_version(asked.office, asked.actor, asked.id, card.version.version)
    items = {item.id: item for item in card.campaign.items}
    return Submitted(
        **_facts(card),
        seal=seal(card.campaign),
        shows=tuple(ShownItem(s.item, s.kind, s.sha256, items[s.item].text) for s in shows(card.campaign)),
        unseen=approvals.unseen(card.campaign, seen),
        note=card.note.note if card.note else None,
    )


@api.post("/approvals/{id}/look", "campaign.approve", body=Looked, answer=Unseen, errors=(404,))
def look(asked: Asked) -> Unseen:
    """Keep that one has looked at items."""
    body = asked.body
    return Unseen(approvals.look(asked.office, asked.actor, asked.id, body.version, body.items))


@api.post("/approvals/{id}/approve", "campaign.approve", body=Approval, answer=Approved, errors=(404, 409))
def approve(asked: Asked) -> Approved:
    """Approve exactly what the body names."""
    body = asked.body
    statement = Statement(body.seal, body.public_service)
    live = approvals.approve(asked.office, asked.actor, asked.id, body.version, body.meaning, statement)
    return Approved(live)


@api.post("/approvals/{id}/return", "campaign.return", body=Return, status=204, errors=(404, 409))
def send_back(asked: Asked) -> None:
    """Return it to who made it, with a note."""
    body = asked.body
    campaigns.send_back(asked.office, asked.actor, asked.id, body.version, body.meaning, body.note)


def _facts(card: Card) -> dict[str, Any]:
    return {
        "campaign": card.kept.id,
        "title": card.campaign.title,
        "unit": card.campaign.unit,
        "state": card.column,
        "version": card.version.version,
        "meaning": card.version.meaning,
        "made_by": card.version.made_by,
        "since": card.kept.changed_at,
        "approvers": card.approvers,
        "needed": card.needed,
        "mine": card.mine,
    }
