"""Campaigns: the campaign file as JSON or as TOML; drafts, versions, submission, end."""

from datetime import datetime
from typing import Any

from flask import Response, request
from msgspec import UNSET, Struct, UnsetType

from signage.faults import refuse
from signage.model.campaign_file.json_to_toml import convert_json_to_toml
from signage.services.campaigns import approval, board
from signage.services.campaigns import drafts as campaign_drafts
from signage.services.campaigns import queries as campaign_queries
from signage.services.campaigns import versions as campaign_versions
from signage.services.campaigns.approval import CampaignOverview
from signage.services.campaigns.file_import import CampaignFileReader, CampaignImport
from signage.web.api.framework.decoding import decode_object
from signage.web.api.framework.operations import (
    JSON,
    MAX_BODY_BYTES,
    ApiRequest,
    ApiResource,
    PageOut,
    PageQuery,
    build_page,
    format_faults,
)
from signage.web.http.request_body import BodyError
from signage.web.request_context import read_body

api = ApiResource("campaigns")
TOML_TYPE = "application/toml"


class CampaignFileIn(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """The keys of a campaign file (docs/campaign-file.md); times as text. ``application/toml`` is accepted as well."""

    id: str
    title: str
    timezone: str
    from_: str
    until: str
    item: tuple[dict[str, Any], ...]
    placement: tuple[dict[str, Any], ...]
    daypart: dict[str, dict[str, Any]] | UnsetType = UNSET
    format: str | UnsetType = UNSET
    theme: str | UnsetType = UNSET
    unit: str | UnsetType = UNSET
    priority: int | UnsetType = UNSET
    report_due: str | UnsetType = UNSET


class CampaignOut(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """*state*: draft, review, returned, approved, live or ended; *approved*: the version that may show."""

    id: str
    title: str
    theme: str | None
    unit: str | None
    from_: datetime
    until: datetime
    priority: int
    source: str
    state: str
    version: int
    meaning: str
    approved: int | None
    made_by: str
    made_at: datetime
    approvers: tuple[str, ...]
    needed: int
    items: int


class CampaignWithFileOut(CampaignOut, frozen=True, kw_only=True):
    """A campaign with its file."""

    toml: str
    note: str | None


class CampaignVersionOut(Struct, frozen=True):
    """One version of a campaign."""

    version: int
    meaning: str
    state: str
    made_by: str
    made_at: datetime


class CampaignVersionsOut(Struct, frozen=True):
    """All versions of a campaign, the newest first."""

    id: str
    versions: tuple[CampaignVersionOut, ...]


class CampaignSavedOut(Struct, frozen=True):
    """The saved version. *warnings* do not prevent saving."""

    id: str
    version: int
    meaning: str
    warnings: tuple[dict[str, str], ...]


class VersionReferenceInOut(Struct, frozen=True, kw_only=True):
    """The version to submit (default: the newest)."""

    version: int | None = None
    meaning: str | None = None


class CampaignEndIn(Struct, frozen=True, kw_only=True):
    """The reason for the end."""

    why: str


class CampaignCopyIn(Struct, frozen=True, kw_only=True):
    """The id of the copy, and its title if it differs."""

    id: str
    title: str | None = None


class CampaignQuery(PageQuery, frozen=True, kw_only=True):
    """*unit*, *state*: filters."""

    unit: str = ""
    state: str = ""


class CampaignSaveQuery(Struct, frozen=True, kw_only=True):
    """*based_on*: the version that was edited."""

    based_on: int


@api.get("/campaigns", "campaign.view", query=CampaignQuery, answer=PageOut[CampaignOut])
def list_(api_request: ApiRequest) -> PageOut[CampaignOut]:
    """List campaigns by id."""
    query = api_request.query
    lines = [entry for entry in board.list_campaigns(api_request.app, query.unit or None) if entry.id > query.cursor]
    page = [entry for entry in lines if not query.state or entry.stage == query.state][: query.limit + 1]
    campaigns = [
        _build_campaign_out(overview)
        for overview in board.list_campaign_overviews(api_request.app, api_request.actor, page)
    ]
    return build_page(campaigns, query.limit, lambda entry: entry.id)


@api.post(
    "/campaigns",
    "campaign.save",
    body=CampaignFileIn,
    answer=CampaignSavedOut,
    status=201,
    raw=True,
    errors=(400, 409, 415),
)
def add(api_request: ApiRequest) -> CampaignSavedOut:
    """Save a new campaign as a draft."""
    read = _parse_campaign_file(api_request)
    number = campaign_drafts.save_draft(api_request.app, api_request.actor, read.campaign, read.text, None)
    return _build_saved_out(api_request, read, number)


@api.get("/campaigns/{id}", "campaign.view", answer=CampaignWithFileOut, errors=(404,))
def show(api_request: ApiRequest) -> CampaignWithFileOut:
    """Get the newest version of a campaign."""
    overview = approval.get_campaign_overview(api_request.app, api_request.actor, api_request.id)
    fields = {name: getattr(_build_campaign_out(overview), name) for name in CampaignOut.__struct_fields__}
    return CampaignWithFileOut(**fields, toml=overview.version.text, note=overview.note.note if overview.note else None)


@api.add(
    "PUT",
    "/campaigns/{id}",
    "campaign.save",
    query=CampaignSaveQuery,
    body=CampaignFileIn,
    answer=CampaignSavedOut,
    raw=True,
    errors=(400, 404, 409, 415),
)
def save(api_request: ApiRequest) -> CampaignSavedOut:
    """Save a version edited from the version *based_on*, as a draft."""
    read = _parse_campaign_file(api_request)
    if read.campaign.id != api_request.id:
        raise refuse("campaign-other-id", "id", id=read.campaign.id, wanted=api_request.id[:64])
    number = campaign_drafts.save_draft(
        api_request.app, api_request.actor, read.campaign, read.text, api_request.query.based_on
    )
    return _build_saved_out(api_request, read, number)


@api.get("/campaigns/{id}/file", "campaign.view", produces=TOML_TYPE, answer=str, errors=(404,))
def file(api_request: ApiRequest) -> Response:
    """Download the campaign file of the newest version."""
    overview = approval.get_campaign_overview(api_request.app, api_request.actor, api_request.id)
    response = Response(overview.version.text.encode(), content_type=f"{TOML_TYPE}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{overview.row.id}.toml"'
    return response


@api.get("/campaigns/{id}/versions", "campaign.view", answer=CampaignVersionsOut, errors=(404,))
def versions(api_request: ApiRequest) -> CampaignVersionsOut:
    """List the versions of a campaign, newest first."""
    version_rows = [entry.version for entry in campaign_queries.get_campaign(api_request.app, api_request.id)[1]]
    versions = (CampaignVersionOut(v.version, v.version_hash, v.state, v.made_by, v.made_at) for v in version_rows)
    return CampaignVersionsOut(api_request.id, tuple(versions))


@api.post("/campaigns/{id}/submit", "campaign.submit", body=VersionReferenceInOut, status=204, errors=(404, 409))
def submit(api_request: ApiRequest) -> None:
    """Submit the newest version for review; it cannot be edited until it is withdrawn."""
    overview = approval.get_campaign_overview(api_request.app, api_request.actor, api_request.id)
    newest, body = overview.version, api_request.body
    version = newest.version if body.version is None else body.version
    version_hash = newest.version_hash if body.meaning is None else body.meaning
    campaign_drafts.submit_draft(api_request.app, api_request.actor, api_request.id, version, version_hash)


@api.post("/campaigns/{id}/withdraw", "campaign.withdraw", status=204, errors=(404, 409))
def withdraw(api_request: ApiRequest) -> None:
    """Withdraw a submission."""
    campaign_drafts.withdraw_submission(api_request.app, api_request.actor, api_request.id)


@api.post("/campaigns/{id}/end", "campaign.end", body=CampaignEndIn, status=204, errors=(404, 409))
def end(api_request: ApiRequest) -> None:
    """End a campaign: it stops showing; its versions and plays are retained."""
    campaign_versions.end_campaign(api_request.app, api_request.actor, api_request.id, api_request.body.why)


@api.post("/campaigns/{id}/restore", "campaign.restore", answer=VersionReferenceInOut, errors=(404, 409))
def restore(api_request: ApiRequest) -> VersionReferenceInOut:
    """Restore an ended campaign as a draft."""
    return VersionReferenceInOut(
        version=campaign_drafts.restore_campaign(api_request.app, api_request.actor, api_request.id)
    )


@api.post(
    "/campaigns/{id}/copy",
    "campaign.save",
    body=CampaignCopyIn,
    answer=VersionReferenceInOut,
    status=201,
    errors=(404, 409),
)
def copy(api_request: ApiRequest) -> VersionReferenceInOut:
    """Copy a campaign to another id, as a draft."""
    version = campaign_drafts.copy_campaign(
        api_request.app, api_request.actor, api_request.id, api_request.body.id, api_request.body.title
    )
    return VersionReferenceInOut(version=version)


def _parse_campaign_file(api_request: ApiRequest) -> CampaignImport:
    data = read_body(MAX_BODY_BYTES)
    kind = (request.content_type or JSON).partition(";")[0].strip().lower()
    if kind == JSON or kind.endswith("+json"):
        data = convert_json_to_toml(decode_object(data)).encode()
    elif kind not in (TOML_TYPE, "text/plain", "text/x-toml"):
        raise BodyError(415, "api-media-type", ("Accept", f"{JSON}, {TOML_TYPE}"))
    return CampaignFileReader(api_request.app.root, api_request.app.clips).read("", data)


def _build_saved_out(api_request: ApiRequest, read: CampaignImport, number: int) -> CampaignSavedOut:
    version_hash = campaign_queries.get_version(api_request.app, read.campaign.id, number).version_hash
    return CampaignSavedOut(read.campaign.id, number, version_hash, format_faults(read.warnings))


def _build_campaign_out(overview: CampaignOverview) -> CampaignOut:
    campaign, version = overview.campaign, overview.version
    return CampaignOut(
        id=overview.row.id,
        title=campaign.title,
        theme=campaign.theme,
        unit=campaign.unit,
        from_=campaign.starts_at.astimezone(campaign.zone),
        until=campaign.ends_at.astimezone(campaign.zone),
        priority=campaign.priority,
        source=overview.row.source,
        state=overview.stage,
        version=version.version,
        meaning=version.version_hash,
        approved=overview.row.approved_version,
        made_by=version.made_by,
        made_at=version.made_at,
        approvers=overview.approvers,
        needed=overview.required_approvals,
        items=len(campaign.items),
    )
