"""Campaigns: every version of each is kept, with who made it and who approved it.

What shows is the *approved* version; a newer one that waits changes nothing. *meaning* is the sha256 of all that a
version says (clips by the sha256 of their bytes): the same meaning again is the same version, whatever the file's
comments and spaces.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

import msgspec
from sqlalchemy import Column, Connection, Integer, Row, String, Table, Text, delete, func, insert, select, update

from signage.model.campaign import Campaign, format_item_ref
from signage.store.column_types import Instant, Json
from signage.store.engine import metadata

CampaignSource = Literal["file", "console"]
CampaignStatus = Literal["active", "ended"]
VersionState = Literal["draft", "submitted", "returned", "approved"]

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("source", String(8), nullable=False),
    Column("status", String(8), nullable=False),
    Column("current", Integer, nullable=False),
    Column("approved", Integer),
    Column("changed_at", Instant, nullable=False),
)

campaign_versions = Table(
    "campaign_versions",
    metadata,
    Column("campaign", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("meaning", String(64), nullable=False),
    Column("value", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", String(200), nullable=False),
)

approval_decisions = Table(
    "campaign_verdicts",
    metadata,
    Column("campaign", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("who", String(200), primary_key=True),
    Column("verdict", String(10), nullable=False),
    Column("at", Instant, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
)

campaign_files = Table(
    "campaign_files",
    metadata,
    Column("campaign", String(255), primary_key=True),
    Column("name", String(1000), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("faults", Json),
    Column("at", Instant, nullable=False),
)


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign as it stands: *current* is its newest version, *approved* the one that may show."""

    id: str
    source: CampaignSource
    status: CampaignStatus
    current_version: int
    approved_version: int | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class CampaignVersionRow:
    """One version. *text* is the file as written; *campaign* what it means."""

    campaign: Campaign
    version: int
    version_hash: str
    text: str
    state: VersionState
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True)
class ApprovalDecisionRow:
    """What a person said of a version: ``submitted``, ``withdrawn``, ``approved`` or ``returned``."""

    who: str
    decision: str
    at: datetime
    note: str


def encode_campaign(campaign: Campaign) -> str:
    """A campaign as JSON, the same text for the same meaning."""
    return msgspec.json.encode(campaign, order="deterministic").decode()


@lru_cache(maxsize=1024)
def decode_campaign(value: str) -> Campaign:
    """The campaign that :func:`encode` wrote."""
    return msgspec.json.decode(value, type=Campaign)


def compute_version_hash(campaign: Campaign) -> str:
    """The sha256 of all that a campaign says."""
    return hashlib.sha256(encode_campaign(campaign).encode()).hexdigest()


def get_campaign(connection: Connection, campaign_id: str) -> CampaignRow | None:
    """The campaign of that id."""
    row = connection.execute(select(campaigns).where(campaigns.c.id == campaign_id)).first()
    return None if row is None else _build_campaign_row(row)


def list_campaigns(connection: Connection) -> tuple[CampaignRow, ...]:
    """All campaigns by id, those that ended too."""
    return tuple(_build_campaign_row(row) for row in connection.execute(select(campaigns).order_by(campaigns.c.id)))


def get_version(connection: Connection, campaign_id: str, number: int) -> CampaignVersionRow | None:
    """That version of a campaign."""
    query = select(campaign_versions).where(
        campaign_versions.c.campaign == campaign_id, campaign_versions.c.version == number
    )
    row = connection.execute(query).first()
    return None if row is None else _build_version_row(row)


def iter_versions(connection: Connection, campaign_id: str) -> Iterator[CampaignVersionRow]:
    """All versions, the newest first."""
    query = (
        select(campaign_versions)
        .where(campaign_versions.c.campaign == campaign_id)
        .order_by(campaign_versions.c.version.desc())
    )
    for row in connection.execute(query):
        yield _build_version_row(row)


def list_approved_campaigns(connection: Connection) -> tuple[Campaign, ...]:
    """What may show: the approved version of each campaign that has not ended, by id."""
    query = (
        select(campaign_versions.c.value)
        .join(
            campaigns,
            (campaigns.c.id == campaign_versions.c.campaign) & (campaigns.c.approved == campaign_versions.c.version),
        )
        .where(campaigns.c.status == "active")
        .order_by(campaigns.c.id)
    )
    return tuple(decode_campaign(value) for value in connection.scalars(query))


def get_approved_version_hashes(connection: Connection) -> dict[str, str]:
    """Campaign → the meaning of the version that may show."""
    query = (
        select(campaigns.c.id, campaign_versions.c.meaning)
        .join(
            campaign_versions,
            (campaigns.c.id == campaign_versions.c.campaign) & (campaigns.c.approved == campaign_versions.c.version),
        )
        .where(campaigns.c.status == "active")
    )
    return {row.id: row.meaning for row in connection.execute(query)}


def list_unapproved_ids(connection: Connection) -> tuple[str, ...]:
    """The ids of campaigns of which nothing was approved yet, by id."""
    query = select(campaigns.c.id).where(campaigns.c.status == "active", campaigns.c.approved.is_(None))
    return tuple(connection.scalars(query.order_by(campaigns.c.id)))


def list_approved_item_names(connection: Connection) -> tuple[str, ...]:
    """``campaign/item`` of all items that may show."""
    return tuple(
        format_item_ref(campaign.id, item.id)
        for campaign in list_approved_campaigns(connection)
        for item in campaign.items
    )


def create_version(
    connection: Connection,
    campaign: Campaign,
    text: str,
    source: CampaignSource,
    state: VersionState,
    at: datetime,
    who: str,
) -> int:
    """Keep a new version as the current one, the campaign active; returns its number."""
    last = select(func.max(campaign_versions.c.version)).where(campaign_versions.c.campaign == campaign.id)
    number = (connection.scalar(last) or 0) + 1
    value = encode_campaign(campaign)
    connection.execute(
        insert(campaign_versions).values(
            campaign=campaign.id,
            version=number,
            meaning=hashlib.sha256(value.encode()).hexdigest(),
            value=value,
            text=text,
            state=state,
            made_at=at,
            made_by=who,
        )
    )
    values = {"source": source, "status": "active", "current": number, "changed_at": at}
    changed = connection.execute(update(campaigns).where(campaigns.c.id == campaign.id).values(**values))
    if not changed.rowcount:
        connection.execute(insert(campaigns).values(id=campaign.id, approved=None, **values))
    return number


def set_version_state(connection: Connection, campaign_id: str, number: int, state: VersionState, at: datetime) -> None:
    """Move a version on; an approved one is what shows from now on."""
    where = (campaign_versions.c.campaign == campaign_id, campaign_versions.c.version == number)
    connection.execute(update(campaign_versions).where(*where).values(state=state))
    values: dict[str, Any] = {"changed_at": at}
    if state == "approved":
        values["approved"] = number
    connection.execute(update(campaigns).where(campaigns.c.id == campaign_id).values(**values))


def set_campaign_status(connection: Connection, campaign_id: str, status: CampaignStatus, at: datetime) -> None:
    """End a campaign, or let it go on; its versions and its plays stay."""
    query = update(campaigns).where(campaigns.c.id == campaign_id).values(status=status, changed_at=at)
    connection.execute(query)


def clear_approval(connection: Connection, campaign_id: str) -> None:
    """Let nothing of a campaign show until a version is approved."""
    connection.execute(update(campaigns).where(campaigns.c.id == campaign_id).values(approved=None))


def iter_versions_since_approval(connection: Connection, campaign_id: str) -> Iterator[CampaignVersionRow]:
    """The versions after the approved one (all, where there is none), the newest first."""
    approved = select(func.coalesce(campaigns.c.approved, 0)).where(campaigns.c.id == campaign_id).scalar_subquery()
    query = select(campaign_versions).where(
        campaign_versions.c.campaign == campaign_id, campaign_versions.c.version > approved
    )
    for row in connection.execute(query.order_by(campaign_versions.c.version.desc())):
        yield _build_version_row(row)


def record_decision(
    connection: Connection, campaign_id: str, number: int, who: str, verdict: str, at: datetime, note: str = ""
) -> None:
    """Keep what a person said of a version; the same person again replaces it."""
    key = {"campaign": campaign_id, "version": number, "who": who}
    connection.execute(
        delete(approval_decisions).where(*(approval_decisions.c[name] == value for name, value in key.items()))
    )
    connection.execute(insert(approval_decisions).values(**key, verdict=verdict, at=at, note=note))


def list_approvers(connection: Connection, campaign_id: str, number: int) -> list[str]:
    """Who approved a version."""
    query = select(approval_decisions.c.who).where(
        approval_decisions.c.campaign == campaign_id,
        approval_decisions.c.version == number,
        approval_decisions.c.verdict == "approved",
    )
    return list(connection.scalars(query.order_by(approval_decisions.c.at)))


def list_decisions(connection: Connection, campaign_id: str, number: int) -> list[ApprovalDecisionRow]:
    """What people said of a version, the earliest first."""
    query = select(approval_decisions).where(
        approval_decisions.c.campaign == campaign_id, approval_decisions.c.version == number
    )
    return [
        ApprovalDecisionRow(row.who, row.verdict, row.at, row.note)
        for row in connection.execute(query.order_by(approval_decisions.c.at))
    ]


def iter_campaigns_in_use(connection: Connection) -> Iterator[Campaign]:
    """The newest and the approved version of each campaign that has not ended, by id."""
    ours = (campaign_versions.c.version == campaigns.c.current) | (campaign_versions.c.version == campaigns.c.approved)
    query = select(campaign_versions.c.value).join(campaigns, campaigns.c.id == campaign_versions.c.campaign)
    for value in connection.scalars(query.where(campaigns.c.status == "active", ours).order_by(campaigns.c.id)):
        yield decode_campaign(value)


def delete_approvals(connection: Connection, campaign_id: str, number: int, who: str | None = None) -> None:
    """Let no earlier approval of a version count (*who*: none of that person's)."""
    where = [
        approval_decisions.c.campaign == campaign_id,
        approval_decisions.c.version == number,
        approval_decisions.c.verdict == "approved",
    ]
    if who is not None:
        where.append(approval_decisions.c.who == who)
    connection.execute(delete(approval_decisions).where(*where))


def list_current_versions(connection: Connection) -> list[tuple[CampaignRow, CampaignVersionRow]]:
    """Each campaign with its newest version, by id."""
    query = select(
        campaigns,
        campaign_versions.c.value,
        campaign_versions.c.version,
        campaign_versions.c.meaning,
        campaign_versions.c.text,
        campaign_versions.c.state,
        campaign_versions.c.made_at,
        campaign_versions.c.made_by,
    ).join(
        campaign_versions,
        (campaigns.c.id == campaign_versions.c.campaign) & (campaigns.c.current == campaign_versions.c.version),
    )
    return [
        (_build_campaign_row(row), _build_version_row(row))
        for row in connection.execute(query.order_by(campaigns.c.id))
    ]


def record_campaign_file(
    connection: Connection, campaign_id: str, name: str, sha256: str, faults: list[Any] | None, at: datetime
) -> None:
    """Keep which bytes of a file were last looked at, and what was wrong with them."""
    connection.execute(delete(campaign_files).where(campaign_files.c.campaign == campaign_id))
    connection.execute(
        insert(campaign_files).values(campaign=campaign_id, name=name, sha256=sha256, faults=faults, at=at)
    )


def delete_campaign_file(connection: Connection, campaign_id: str) -> None:
    """Forget a file that is gone."""
    connection.execute(delete(campaign_files).where(campaign_files.c.campaign == campaign_id))


def get_campaign_files(connection: Connection) -> dict[str, tuple[str, str, list[Any] | None]]:
    """Campaign → name, sha256 and faults of the file last looked at."""
    return {row.campaign: (row.name, row.sha256, row.faults) for row in connection.execute(select(campaign_files))}


def _build_campaign_row(row: Row[Any]) -> CampaignRow:
    return CampaignRow(row.id, row.source, row.status, row.current, row.approved, row.changed_at)


def _build_version_row(row: Row[Any]) -> CampaignVersionRow:
    return CampaignVersionRow(
        decode_campaign(row.value), row.version, row.meaning, row.text, row.state, row.made_at, row.made_by
    )
