"""Approvals: the review board, the content hashes of a version, recorded views, approval and return."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from signage.services.campaigns import approval, approval_rules, board
from signage.services.campaigns.approval import CampaignOverview, Statement
from signage.services.campaigns.content_seal import compute_content_seal, compute_item_hashes
from signage.web.api.framework.operations import ApiRequest, ApiResource, PageOut, PageQuery, build_page

api = ApiResource("approvals")


class ReviewItemOut(Struct, frozen=True, kw_only=True):
    """A campaign on the review board. *mine*: the reader's own work, which they cannot approve."""

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
    """The content hash of one item: of a clip's bytes, or of a slogan's text with its style."""

    item: str
    kind: str
    sha256: str
    text: str | None


class SubmissionOut(ReviewItemOut, frozen=True, kw_only=True):
    """A submission with the hashes of its content, the *seal* over all of them, and the items not viewed yet."""

    seal: str
    shows: tuple[ItemHashOut, ...]
    unseen: tuple[str, ...]
    note: str | None


class ViewedItemsIn(Struct, frozen=True, kw_only=True):
    """Items of a version that the approver has viewed, films to their end."""

    version: int
    items: tuple[str, ...]


class UnviewedItemsOut(Struct, frozen=True):
    """The items that the approver has not viewed yet."""

    unseen: tuple[str, ...]


class ApprovalIn(Struct, frozen=True, kw_only=True):
    """Exactly what is approved: version, version hash, content seal, and the attestation of public service."""

    version: int
    meaning: str
    seal: str
    public_service: bool


class ApprovalOut(Struct, frozen=True):
    """*live*: the approval was sufficient; false: more people must approve."""

    live: bool


class ReturnIn(Struct, frozen=True, kw_only=True):
    """Exactly what is returned, with a note to its author."""

    version: int
    meaning: str
    note: str


class ReviewQuery(PageQuery, frozen=True, kw_only=True):
    """*state*: draft, review, returned, approved, live or ended."""

    state: str = "review"
    unit: str = ""


@api.get("/approvals", "approval.view", query=ReviewQuery, answer=PageOut[ReviewItemOut])
def list_(api_request: ApiRequest) -> PageOut[ReviewItemOut]:
    """List campaigns on the review board; those in review by default."""
    query = api_request.query
    lines = [
        entry
        for entry in board.list_campaigns(api_request.app, query.unit or None)
        if entry.id > query.cursor and entry.stage == query.state
    ]
    items = [
        ReviewItemOut(**_collect_fields(overview))
        for overview in board.list_campaign_overviews(api_request.app, api_request.actor, lines[: query.limit + 1])
    ]
    return build_page(items, query.limit, lambda entry: entry.campaign)


@api.get("/approvals/{id}", "approval.view", answer=SubmissionOut, errors=(404,))
def show(api_request: ApiRequest) -> SubmissionOut:
    """Get the newest version of a campaign for review; starts the approver's viewing."""
    overview = approval.get_campaign_overview(api_request.app, api_request.actor, api_request.id)
    viewed = approval.open_version(api_request.app, api_request.actor, api_request.id, overview.version.version)
    items = {item.id: item for item in overview.campaign.items}
    return SubmissionOut(
        **_collect_fields(overview),
        seal=compute_content_seal(overview.campaign),
        shows=tuple(
            ItemHashOut(s.item, s.kind, s.sha256, items[s.item].text) for s in compute_item_hashes(overview.campaign)
        ),
        unseen=approval.list_unviewed_items(overview.campaign, viewed),
        note=overview.note.note if overview.note else None,
    )


@api.post("/approvals/{id}/look", "campaign.approve", body=ViewedItemsIn, answer=UnviewedItemsOut, errors=(404,))
def look(api_request: ApiRequest) -> UnviewedItemsOut:
    """Record that the approver has viewed items."""
    body = api_request.body
    return UnviewedItemsOut(
        approval.record_views(api_request.app, api_request.actor, api_request.id, body.version, body.items)
    )


@api.post("/approvals/{id}/approve", "campaign.approve", body=ApprovalIn, answer=ApprovalOut, errors=(404, 409))
def approve(api_request: ApiRequest) -> ApprovalOut:
    """Approve exactly the version and content that the body names."""
    body = api_request.body
    statement = Statement(body.seal, body.public_service)
    live = approval.approve(api_request.app, api_request.actor, api_request.id, body.version, body.meaning, statement)
    return ApprovalOut(live)


@api.post("/approvals/{id}/return", "campaign.return", body=ReturnIn, status=204, errors=(404, 409))
def send_back(api_request: ApiRequest) -> None:
    """Return a version to its author, with a note."""
    body = api_request.body
    approval_rules.return_version(
        api_request.app, api_request.actor, api_request.id, body.version, body.meaning, body.note
    )


def _collect_fields(overview: CampaignOverview) -> dict[str, Any]:
    return {
        "campaign": overview.row.id,
        "title": overview.campaign.title,
        "unit": overview.campaign.unit,
        "state": overview.stage,
        "version": overview.version.version,
        "meaning": overview.version.version_hash,
        "made_by": overview.version.made_by,
        "since": overview.row.changed_at,
        "approvers": overview.approvers,
        "needed": overview.required_approvals,
        "mine": overview.is_own_work,
    }
