"""Campaigns: the whole of the campaign file as JSON, or the file itself; drafts, versions, submissions, the end."""

from datetime import datetime
from typing import Any

import msgspec
from flask import Response, request
from msgspec import UNSET, Struct, UnsetType

from signage.faults import refuse
from signage.model.campaign_file.json_to_toml import toml_of
from signage.services.campaigns import approval as approvals
from signage.services.campaigns import board as desk
from signage.services.campaigns import drafts as campaign_drafts
from signage.services.campaigns import queries as campaign_lists
from signage.services.campaigns import versions as campaigns
from signage.services.campaigns.approval import Card
from signage.services.campaigns.file_import import Read, Reader
from signage.web.api.framework.language import told
from signage.web.api.framework.operations import BODY_BYTES, JSON, Asked, Page, Paging, Resource, page_of
from signage.web.http.request_body import BodyError
from signage.web.request_context import read_body

api = Resource("campaigns")
TOML = "application/toml"


class CampaignFile(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """The keys of a campaign file (docs/campaign-file.md); times as text. ``application/toml`` is taken as well."""

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


class CampaignShown(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
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


class CampaignWhole(CampaignShown, frozen=True, kw_only=True):
    """A campaign with its file."""

    toml: str
    note: str | None


class VersionShown(Struct, frozen=True):
    """One version; every one is kept."""

    version: int
    meaning: str
    state: str
    made_by: str
    made_at: datetime


class Versions(Struct, frozen=True):
    """All versions of a campaign, the newest first."""

    id: str
    versions: tuple[VersionShown, ...]


class Saved(Struct, frozen=True):
    """The version that was saved; *warnings* are told, and keep nothing back."""

    id: str
    version: int
    meaning: str
    warnings: tuple[dict[str, str], ...]


class Submission(Struct, frozen=True, kw_only=True):
    """Exactly which version is submitted (default: the newest)."""

    version: int | None = None
    meaning: str | None = None


class Why(Struct, frozen=True, kw_only=True):
    """Why."""

    why: str


class CopyTo(Struct, frozen=True, kw_only=True):
    """The copy's id, and its title where it is to have another."""

    id: str
    title: str | None = None


class CampaignQuery(Paging, frozen=True, kw_only=True):
    """*unit*: only that office's; *state*: only those."""

    unit: str = ""
    state: str = ""


class Basis(Struct, frozen=True, kw_only=True):
    """*based_on*: the version that was changed."""

    based_on: int


@api.get("/campaigns", "campaign.view", query=CampaignQuery, answer=Page[CampaignShown])
def list_(asked: Asked) -> Page[CampaignShown]:
    """Campaigns by id."""
    q = asked.query
    lines = [one for one in desk.lines(asked.office, q.unit or None) if one.id > q.cursor]
    wanted = [one for one in lines if not q.state or one.column == q.state][: q.limit + 1]
    found = [_shown(card) for card in desk.cards(asked.office, asked.actor, wanted)]
    return page_of(found, q.limit, lambda one: one.id)


@api.post("/campaigns", "campaign.save", body=CampaignFile, answer=Saved, status=201, raw=True, errors=(400, 409, 415))
def add(asked: Asked) -> Saved:
    """Save a new campaign as a draft."""
    read = _read(asked)
    number = campaign_drafts.save(asked.office, asked.actor, read.campaign, read.text, None)
    return _saved(asked, read, number)


@api.get("/campaigns/{id}", "campaign.view", answer=CampaignWhole, errors=(404,))
def show(asked: Asked) -> CampaignWhole:
    """A campaign's newest version."""
    card = approvals.card(asked.office, asked.actor, asked.id)
    facts = {name: getattr(_shown(card), name) for name in CampaignShown.__struct_fields__}
    return CampaignWhole(**facts, toml=card.version.text, note=card.note.note if card.note else None)


@api.add(
    "PUT",
    "/campaigns/{id}",
    "campaign.save",
    query=Basis,
    body=CampaignFile,
    answer=Saved,
    raw=True,
    errors=(400, 404, 409, 415),
)
def save(asked: Asked) -> Saved:
    """Save another version of a campaign, made from the version *based_on*, as a draft."""
    read = _read(asked)
    if read.campaign.id != asked.id:
        raise refuse("campaign-other-id", "id", id=read.campaign.id, wanted=asked.id[:64])
    number = campaign_drafts.save(asked.office, asked.actor, read.campaign, read.text, asked.query.based_on)
    return _saved(asked, read, number)


@api.get("/campaigns/{id}/file", "campaign.view", gives=TOML, answer=str, errors=(404,))
def file(asked: Asked) -> Response:
    """The campaign file of the newest version."""
    card = approvals.card(asked.office, asked.actor, asked.id)
    response = Response(card.version.text.encode(), content_type=f"{TOML}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{card.kept.id}.toml"'
    return response


@api.get("/campaigns/{id}/versions", "campaign.view", answer=Versions, errors=(404,))
def versions(asked: Asked) -> Versions:
    """All versions of a campaign."""
    found = [one.version for one in campaign_lists.get(asked.office, asked.id)[1]]
    shown = (VersionShown(v.version, v.meaning, v.state, v.made_by, v.made_at) for v in found)
    return Versions(asked.id, tuple(shown))


@api.post("/campaigns/{id}/submit", "campaign.submit", body=Submission, status=204, errors=(404, 409))
def submit(asked: Asked) -> None:
    """Submit the newest version for review, frozen."""
    card = approvals.card(asked.office, asked.actor, asked.id)
    version, meaning = asked.body.version, asked.body.meaning
    campaign_drafts.submit_saved(
        asked.office,
        asked.actor,
        asked.id,
        card.version.version if version is None else version,
        card.version.meaning if meaning is None else meaning,
    )


@api.post("/campaigns/{id}/withdraw", "campaign.withdraw", status=204, errors=(404, 409))
def withdraw(asked: Asked) -> None:
    """Take a submission back."""
    campaign_drafts.withdraw(asked.office, asked.actor, asked.id)


@api.post("/campaigns/{id}/end", "campaign.end", body=Why, status=204, errors=(404, 409))
def end(asked: Asked) -> None:
    """End a campaign: it shows no more, its versions and plays stay."""
    campaigns.end(asked.office, asked.actor, asked.id, asked.body.why)


@api.post("/campaigns/{id}/restore", "campaign.restore", answer=Submission, errors=(404, 409))
def restore(asked: Asked) -> Submission:
    """Take an ended campaign up again, as a draft."""
    return Submission(version=campaign_drafts.take_up(asked.office, asked.actor, asked.id))


@api.post("/campaigns/{id}/copy", "campaign.save", body=CopyTo, answer=Submission, status=201, errors=(404, 409))
def copy(asked: Asked) -> Submission:
    """A draft with all that a campaign says, under another id."""
    made = campaign_drafts.copy(asked.office, asked.actor, asked.id, asked.body.id, asked.body.title)
    return Submission(version=made)


def _read(asked: Asked) -> Read:
    data = read_body(BODY_BYTES)
    kind = (request.content_type or JSON).partition(";")[0].strip().lower()
    if kind == JSON or kind.endswith("+json"):
        data = toml_of(_object(data)).encode()
    elif kind not in (TOML, "text/plain", "text/x-toml"):
        raise BodyError(415, "api-media-type", ("Accept", f"{JSON}, {TOML}"))
    return Reader(asked.office.root, asked.office.clips).read("", data)


def _object(data: bytes) -> dict[str, Any]:
    try:
        said = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise refuse("json-unreadable", "body", why=str(error)[:200]) from error
    if not isinstance(said, dict):
        raise refuse("json-no-object", "body")
    return said


def _saved(asked: Asked, read: Read, number: int) -> Saved:
    meaning = campaign_lists.version(asked.office, read.campaign.id, number).meaning
    return Saved(read.campaign.id, number, meaning, told(read.warnings))


def _shown(card: Card) -> CampaignShown:
    campaign, version = card.campaign, card.version
    return CampaignShown(
        id=card.kept.id,
        title=campaign.title,
        theme=campaign.theme,
        unit=campaign.unit,
        from_=campaign.starts_at.astimezone(campaign.zone),
        until=campaign.ends_at.astimezone(campaign.zone),
        priority=campaign.priority,
        source=card.kept.source,
        state=card.column,
        version=version.version,
        meaning=version.meaning,
        approved=card.kept.approved,
        made_by=version.made_by,
        made_at=version.made_at,
        approvers=card.approvers,
        needed=card.needed,
        items=len(campaign.items),
    )
