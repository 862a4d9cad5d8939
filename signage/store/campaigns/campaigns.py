"""Campaigns and all their versions.

Screens show the *approved* version; a newer one that is not approved changes nothing. The version hash (column
``meaning``) is the sha256 of the content of a version (clips by the sha256 of their bytes): equal content is the same
version, whatever the comments and white space of its file.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

import msgspec
from sqlalchemy import Column, Connection, Integer, Row, String, Table, Text, func, insert, select, update

from signage.model.campaign import Campaign, format_item_ref
from signage.store.column_types import Instant
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


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign. *current_version*: its newest version; *approved_version*: the one that screens show."""

    id: str
    source: CampaignSource
    status: CampaignStatus
    current_version: int
    approved_version: int | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class CampaignVersionRow:
    """A version of a campaign. *text*: its file as written; *campaign*: its content."""

    campaign: Campaign
    version: int
    version_hash: str
    text: str
    state: VersionState
    made_at: datetime
    made_by: str


def encode_campaign(campaign: Campaign) -> str:
    """Encode a campaign as JSON: equal campaigns have equal text."""
    return msgspec.json.encode(campaign, order="deterministic").decode()


@lru_cache(maxsize=1024)
def decode_campaign(value: str) -> Campaign:
    """Decode a campaign that :func:`encode_campaign` wrote."""
    return msgspec.json.decode(value, type=Campaign)


def compute_version_hash(campaign: Campaign) -> str:
    """Return the sha256 of the content of a campaign."""
    return hashlib.sha256(encode_campaign(campaign).encode()).hexdigest()


def get_campaign(connection: Connection, campaign_id: str) -> CampaignRow | None:
    """Return the campaign of that id."""
    row = connection.execute(select(campaigns).where(campaigns.c.id == campaign_id)).first()
    return None if row is None else _build_campaign_row(row)


def list_campaigns(connection: Connection) -> tuple[CampaignRow, ...]:
    """List all campaigns by id, ended ones included."""
    return tuple(_build_campaign_row(row) for row in connection.execute(select(campaigns).order_by(campaigns.c.id)))


def get_version(connection: Connection, campaign_id: str, number: int) -> CampaignVersionRow | None:
    """Return a version of a campaign."""
    query = select(campaign_versions).where(
        campaign_versions.c.campaign == campaign_id, campaign_versions.c.version == number
    )
    row = connection.execute(query).first()
    return None if row is None else build_version_row(row)


def iter_versions(connection: Connection, campaign_id: str) -> Iterator[CampaignVersionRow]:
    """Iterate over all versions, the newest first."""
    query = (
        select(campaign_versions)
        .where(campaign_versions.c.campaign == campaign_id)
        .order_by(campaign_versions.c.version.desc())
    )
    for row in connection.execute(query):
        yield build_version_row(row)


def list_approved_campaigns(connection: Connection) -> tuple[Campaign, ...]:
    """List the approved version of each campaign that has not ended, by id."""
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


def get_approved_campaign(connection: Connection, campaign_id: str) -> Campaign | None:
    """Return the approved version of a campaign that has not ended."""
    row = get_campaign(connection, campaign_id)
    if row is None or row.status != "active" or row.approved_version is None:
        return None
    version = get_version(connection, campaign_id, row.approved_version)
    return None if version is None else version.campaign


def get_approved_version_hashes(connection: Connection) -> dict[str, str]:
    """Return campaign id → hash of the approved version, for campaigns that have not ended."""
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
    """List the ids of campaigns without an approved version that have not ended."""
    query = select(campaigns.c.id).where(campaigns.c.status == "active", campaigns.c.approved.is_(None))
    return tuple(connection.scalars(query.order_by(campaigns.c.id)))


def list_approved_item_names(connection: Connection) -> tuple[str, ...]:
    """List ``campaign/item`` of all items of approved campaigns."""
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
    """Store a new version as the current one of an active campaign; return its number."""
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
    updated = connection.execute(update(campaigns).where(campaigns.c.id == campaign.id).values(**values))
    if not updated.rowcount:
        connection.execute(insert(campaigns).values(id=campaign.id, approved=None, **values))
    return number


def set_version_state(connection: Connection, campaign_id: str, number: int, state: VersionState, at: datetime) -> None:
    """Set the state of a version; an approved version is shown from now on."""
    where = (campaign_versions.c.campaign == campaign_id, campaign_versions.c.version == number)
    connection.execute(update(campaign_versions).where(*where).values(state=state))
    values: dict[str, Any] = {"changed_at": at}
    if state == "approved":
        values["approved"] = number
    connection.execute(update(campaigns).where(campaigns.c.id == campaign_id).values(**values))


def set_campaign_status(connection: Connection, campaign_id: str, status: CampaignStatus, at: datetime) -> None:
    """End or reactivate a campaign; its versions and plays stay."""
    query = update(campaigns).where(campaigns.c.id == campaign_id).values(status=status, changed_at=at)
    connection.execute(query)


def clear_approval(connection: Connection, campaign_id: str) -> None:
    """Clear the approved version of a campaign: screens show none until a version is approved."""
    connection.execute(update(campaigns).where(campaigns.c.id == campaign_id).values(approved=None))


def iter_versions_since_approval(connection: Connection, campaign_id: str) -> Iterator[CampaignVersionRow]:
    """Iterate over the versions after the approved one (all, where there is none), the newest first."""
    approved = select(func.coalesce(campaigns.c.approved, 0)).where(campaigns.c.id == campaign_id).scalar_subquery()
    query = select(campaign_versions).where(
        campaign_versions.c.campaign == campaign_id, campaign_versions.c.version > approved
    )
    for row in connection.execute(query.order_by(campaign_versions.c.version.desc())):
        yield build_version_row(row)


def iter_campaigns_in_use(connection: Connection) -> Iterator[Campaign]:
    """Iterate over the newest and the approved version of each campaign that has not ended, by id."""
    is_in_use = (campaign_versions.c.version == campaigns.c.current) | (
        campaign_versions.c.version == campaigns.c.approved
    )
    query = select(campaign_versions.c.value).join(campaigns, campaigns.c.id == campaign_versions.c.campaign)
    for value in connection.scalars(query.where(campaigns.c.status == "active", is_in_use).order_by(campaigns.c.id)):
        yield decode_campaign(value)


def list_current_versions(connection: Connection) -> list[tuple[CampaignRow, CampaignVersionRow]]:
    """List each campaign with its newest version, by id."""
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
        (_build_campaign_row(row), build_version_row(row)) for row in connection.execute(query.order_by(campaigns.c.id))
    ]


def _build_campaign_row(row: Row[Any]) -> CampaignRow:
    return CampaignRow(row.id, row.source, row.status, row.current, row.approved, row.changed_at)


def build_version_row(row: Row[Any]) -> CampaignVersionRow:
    """Build the value of a row that has all columns of the table, among others."""
    return CampaignVersionRow(
        decode_campaign(row.value), row.version, row.meaning, row.text, row.state, row.made_at, row.made_by
    )
