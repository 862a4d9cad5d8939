"""Approvals: the desk, what a version shows by its sha256, looking at it, approving exactly that, or returning it."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from signage.services.campaigns import approval as approvals
from signage.services.campaigns import board as desk
from signage.services.campaigns import versions as campaigns
from signage.services.campaigns.approval import CampaignOverview, Statement
from signage.services.campaigns.content_seal import compute_content_seal, compute_item_hashes
from signage.web.api.framework.operations import ApiRequest, ApiResource, PageOut, PageQuery, build_page

api = ApiResource("approvals")


class ReviewItemOut(Struct, frozen=True, kw_only=True):
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


class ItemHashOut(Struct, frozen=True):
    """One item by what it is: a clip's bytes, a slogan's text with its look."""

    item: str
    kind: str
    sha256: str
    text: str | None


class SubmissionOut(ReviewItemOut, frozen=True, kw_only=True):
    """A submission with all that it shows, the *seal* over it, and the items still to be looked at."""

    seal: str
    shows: tuple[ItemHashOut, ...]
    unseen: tuple[str, ...]
    note: str | None


class ViewedItemsIn(Struct, frozen=True, kw_only=True):
    """Items of a version that were looked at, films to their end."""

    version: int
    items: tuple[str, ...]


class UnviewedItemsOut(Struct, frozen=True):
    """The items that are still to be looked at."""

    unseen: tuple[str, ...]


class ApprovalIn(Struct, frozen=True, kw_only=True):
    """Exactly what is approved: the version, its meaning, the seal over all it shows; that it is public service."""

    version: int
    meaning: str
    seal: str
    public_service: bool


class ApprovalOut(Struct, frozen=True):
    """Whether it is live by that, or more people must approve."""

    live: bool


class ReturnIn(Struct, frozen=True, kw_only=True):
    """Exactly what is returned, and why."""

    version: int
    meaning: str
    note: str


class ReviewQuery(PageQuery, frozen=True, kw_only=True):
    """*state*: draft, review, returned, approved, live or ended."""

    state: str = "review"
    unit: str = ""


@api.get("/approvals", "approval.view", query=ReviewQuery, answer=PageOut[ReviewItemOut])
def list_(api_request: ApiRequest) -> PageOut[ReviewItemOut]:
    """The desk by campaign; what is in review where no state is named."""
    query = api_request.query
    lines = [
        entry
        for entry in desk.list_campaigns(api_request.app, query.unit or None)
        if entry.id > query.cursor and entry.stage == query.state
    ]
    items = [
        ReviewItemOut(**_collect_fields(overview))
        for overview in desk.list_campaign_overviews(api_request.app, api_request.actor, lines[: query.limit + 1])
    ]
    return build_page(items, query.limit, lambda entry: entry.campaign)


@api.get("/approvals/{id}", "approval.view", answer=SubmissionOut, errors=(404,))
def show(api_request: ApiRequest) -> SubmissionOut:
    """A campaign's newest version as it is to be judged; an approver's looking begins with this."""
    overview = approvals.get_campaign_overview(api_request.app, api_request.actor, api_request.id)
    viewed = approvals.open_version(api_request.app, api_request.actor, api_request.id, overview.version.version)
    items = {item.id: item for item in overview.campaign.items}
    return SubmissionOut(
        **_collect_fields(overview),
        seal=compute_content_seal(overview.campaign),
        shows=tuple(
            ItemHashOut(s.item, s.kind, s.sha256, items[s.item].text) for s in compute_item_hashes(overview.campaign)
        ),
        unseen=approvals.list_unviewed_items(overview.campaign, viewed),
        note=overview.note.note if overview.note else None,
    )


@api.post("/approvals/{id}/look", "campaign.approve", body=ViewedItemsIn, answer=UnviewedItemsOut, errors=(404,))
def look(api_request: ApiRequest) -> UnviewedItemsOut:
    """Keep that one has looked at items."""
    body = api_request.body
    return UnviewedItemsOut(
        approvals.record_views(api_request.app, api_request.actor, api_request.id, body.version, body.items)
    )


@api.post("/approvals/{id}/approve", "campaign.approve", body=ApprovalIn, answer=ApprovalOut, errors=(404, 409))
def approve(api_request: ApiRequest) -> ApprovalOut:
    """Approve exactly what the body names."""
    body = api_request.body
    statement = Statement(body.seal, body.public_service)
    live = approvals.approve(api_request.app, api_request.actor, api_request.id, body.version, body.meaning, statement)
    return ApprovalOut(live)


@api.post("/approvals/{id}/return", "campaign.return", body=ReturnIn, status=204, errors=(404, 409))
def send_back(api_request: ApiRequest) -> None:
    """Return it to who made it, with a note."""
    body = api_request.body
    campaigns.return_version(api_request.app, api_request.actor, api_request.id, body.version, body.meaning, body.note)


def _collect_fields(overview: CampaignOverview) -> dict[str, Any]:
    return {
        "campaign": overview.row.id,
        "title": overview.campaign.title,
        "unit": overview.campaign.unit,
        "state": overview.column,
        "version": overview.version.version,
        "meaning": overview.version.version_hash,
        "made_by": overview.version.made_by,
        "since": overview.row.changed_at,
        "approvers": overview.approvers,
        "needed": overview.required_approvals,
        "mine": overview.is_own_work,
    }
