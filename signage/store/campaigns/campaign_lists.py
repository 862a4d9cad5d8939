"""Lists of campaigns: a light row per campaign, and the summary of its newest version.

A version is immutable and identified by its hash: its summary is decoded once per process, its items only for a page
that shows them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, and_, func, or_, select

from signage.model.local_time import LocalOrInstant, to_instant
from signage.store.campaigns.approval_decisions import ApprovalDecisionRow, approval_decisions
from signage.store.campaigns.campaigns import (
    CampaignRow,
    CampaignVersionRow,
    VersionState,
    build_version_row,
    campaign_versions,
    campaigns,
)

VersionKey = tuple[str, int]
"""Campaign id and version number."""

_MAX_SUMMARIES = 50_000
_CHUNK_SIZE = 400
_summary_cache: dict[str, "CampaignSummary"] = {}


class _SummaryFields(msgspec.Struct, frozen=True):
    title: str
    timezone: str
    from_: LocalOrInstant
    until: LocalOrInstant
    unit: str | None = None
    report_due: LocalOrInstant | None = None


@dataclass(frozen=True, slots=True)
class CampaignSummary:
    """The summary of a version for lists. Instants are UTC."""

    title: str
    unit: str | None
    starts_at: datetime
    ends_at: datetime
    report_due: datetime | None


@dataclass(frozen=True, slots=True)
class CampaignListRow:
    """A campaign with the summary of its newest version."""

    campaign: CampaignRow
    state: VersionState
    made_by: str
    summary: CampaignSummary


def list_campaigns(connection: Connection) -> list[CampaignListRow]:
    """List all campaigns by id."""
    query = select(campaigns, campaign_versions.c.meaning, campaign_versions.c.state, campaign_versions.c.made_by).join(
        campaign_versions,
        and_(campaigns.c.id == campaign_versions.c.campaign, campaigns.c.current == campaign_versions.c.version),
    )
    rows = connection.execute(query.order_by(campaigns.c.id)).all()
    summaries = _load_summaries(connection, {row.meaning: (row.id, row.current) for row in rows})
    return [
        CampaignListRow(
            CampaignRow(row.id, row.source, row.status, row.current, row.approved, row.changed_at),
            row.state,
            row.made_by,
            summaries[row.meaning],
        )
        for row in rows
    ]


def list_approved_summaries(connection: Connection) -> list[tuple[str, int, CampaignSummary]]:
    """List id, approved version and its summary of each campaign that has not ended, by id."""
    query = select(campaigns.c.id, campaigns.c.approved, campaign_versions.c.meaning).join(
        campaign_versions,
        and_(campaigns.c.id == campaign_versions.c.campaign, campaigns.c.approved == campaign_versions.c.version),
    )
    rows = connection.execute(query.where(campaigns.c.status == "active").order_by(campaigns.c.id)).all()
    summaries = _load_summaries(connection, {row.meaning: (row.id, row.approved) for row in rows})
    return [(row.id, row.approved, summaries[row.meaning]) for row in rows]


def get_versions(connection: Connection, versions: Sequence[VersionKey]) -> dict[str, CampaignVersionRow]:
    """Return campaign id → version row for *versions*."""
    by_campaign: dict[str, CampaignVersionRow] = {}
    for chunk in _split_chunks(versions):
        query = select(campaign_versions).where(_match_any_version(campaign_versions, chunk))
        by_campaign.update((row.campaign, build_version_row(row)) for row in connection.execute(query))
    return by_campaign


def search_campaigns(connection: Connection, versions: Sequence[VersionKey], words: Iterable[str]) -> set[str]:
    """Return the campaign ids of those *versions* that contain all *words*, case-insensitively."""
    matching: set[str] = set()
    has_words = [func.lower(campaign_versions.c.value).contains(word.lower(), autoescape=True) for word in words]
    for chunk in _split_chunks(versions):
        query = select(campaign_versions.c.campaign).where(_match_any_version(campaign_versions, chunk), *has_words)
        matching.update(connection.scalars(query))
    return matching


def get_review_participants(connection: Connection) -> Mapping[str, tuple[set[str], set[str]]]:
    """Return campaign in review → its contributors (who submitted or edited it), and who approved it already."""
    is_current = and_(
        campaigns.c.id == campaign_versions.c.campaign, campaigns.c.current == campaign_versions.c.version
    )
    review = (
        select(campaigns.c.id, campaigns.c.current, func.coalesce(campaigns.c.approved, 0).label("approved"))
        .join(campaign_versions, is_current)
        .where(campaigns.c.status == "active", campaign_versions.c.state == "submitted")
        .subquery()
    )
    participants: dict[str, tuple[set[str], set[str]]] = {}
    decisions = select(approval_decisions.c.campaign, approval_decisions.c.who, approval_decisions.c.verdict).join(
        review, and_(review.c.id == approval_decisions.c.campaign, review.c.current == approval_decisions.c.version)
    )
    for campaign_id, who, decision in connection.execute(decisions):
        contributors, approvers = participants.setdefault(campaign_id, (set(), set()))
        if decision in ("submitted", "approved"):
            (contributors if decision == "submitted" else approvers).add(who)
    edits = select(campaign_versions.c.campaign, campaign_versions.c.made_by).join(
        review, and_(review.c.id == campaign_versions.c.campaign, campaign_versions.c.version > review.c.approved)
    )
    for campaign_id, who in connection.execute(edits):
        participants.setdefault(campaign_id, (set(), set()))[0].add(who)
    return participants


def get_decisions(connection: Connection, versions: Sequence[VersionKey]) -> dict[str, tuple[ApprovalDecisionRow, ...]]:
    """Return campaign id → decisions on its version of *versions*, the earliest first."""
    by_campaign: dict[str, tuple[ApprovalDecisionRow, ...]] = {}
    for chunk in _split_chunks(versions):
        query = select(approval_decisions).where(_match_any_version(approval_decisions, chunk))
        for row in connection.execute(query.order_by(approval_decisions.c.at)):
            decision = ApprovalDecisionRow(row.who, row.verdict, row.at, row.note)
            by_campaign[row.campaign] = (*by_campaign.get(row.campaign, ()), decision)
    return by_campaign


def _split_chunks(versions: Sequence[VersionKey]) -> Iterator[Sequence[VersionKey]]:
    for start in range(0, len(versions), _CHUNK_SIZE):
        yield versions[start : start + _CHUNK_SIZE]


def _match_any_version(table: Table, versions: Iterable[VersionKey]) -> ColumnElement[bool]:
    return or_(*(and_(table.c.campaign == name, table.c.version == number) for name, number in versions))


def _load_summaries(connection: Connection, by_hash: Mapping[str, VersionKey]) -> Mapping[str, CampaignSummary]:
    missing = [key for version_hash, key in by_hash.items() if version_hash not in _summary_cache]
    if len(_summary_cache) + len(missing) > _MAX_SUMMARIES:
        _summary_cache.clear()
        missing = list(by_hash.values())
    for chunk in _split_chunks(missing):
        query = select(campaign_versions.c.meaning, campaign_versions.c.value)
        for version_hash, value in connection.execute(query.where(_match_any_version(campaign_versions, chunk))):
            _summary_cache[version_hash] = _parse_summary(value)
    return {version_hash: _summary_cache[version_hash] for version_hash in by_hash}


def _parse_summary(value: str) -> CampaignSummary:
    fields = _summary_decoder.decode(value)
    zone = ZoneInfo(fields.timezone)
    due = None if fields.report_due is None else to_instant(fields.report_due, zone)
    begin, end = to_instant(fields.from_, zone), to_instant(fields.until, zone)
    return CampaignSummary(fields.title, fields.unit, begin, end, due)


_summary_decoder = msgspec.json.Decoder(_SummaryFields)
