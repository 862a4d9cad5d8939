"""All campaigns as lists need them: light rows, and what stands in the heads of their versions.

A version never changes and is named by its meaning: its head is read once a process, its items only for a page that
shows them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from signage.model.local_time import LocalOrInstant, to_instant
from signage.store.campaigns.campaigns import (
    ApprovalDecisionRow,
    CampaignRow,
    CampaignVersionRow,
    VersionState,
    approval_decisions,
    campaign_versions,
    campaigns,
    decode_campaign,
)

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
    """What a list says of a version. Instants are UTC."""

    title: str
    unit: str | None
    starts_at: datetime
    ends_at: datetime
    report_due: datetime | None


@dataclass(frozen=True, slots=True)
class CampaignListRow:
    """A campaign with its newest version, without what that says in full."""

    campaign: CampaignRow
    state: VersionState
    made_by: str
    summary: CampaignSummary


def list_campaigns(connection: Connection) -> list[CampaignListRow]:
    """Each campaign, by id."""
    query = select(campaigns, campaign_versions.c.meaning, campaign_versions.c.state, campaign_versions.c.made_by).join(
        campaign_versions,
        and_(campaigns.c.id == campaign_versions.c.campaign, campaigns.c.current == campaign_versions.c.version),
    )
    found = connection.execute(query.order_by(campaigns.c.id)).all()
    heads = _load_summaries(connection, {row.meaning: (row.id, row.current) for row in found})
    return [
        CampaignListRow(
            CampaignRow(row.id, row.source, row.status, row.current, row.approved, row.changed_at),
            row.state,
            row.made_by,
            heads[row.meaning],
        )
        for row in found
    ]


def list_approved_summaries(connection: Connection) -> list[tuple[str, int, CampaignSummary]]:
    """Of each campaign that has not ended the id and the version that may show, by id."""
    query = select(campaigns.c.id, campaigns.c.approved, campaign_versions.c.meaning).join(
        campaign_versions,
        and_(campaigns.c.id == campaign_versions.c.campaign, campaigns.c.approved == campaign_versions.c.version),
    )
    found = connection.execute(query.where(campaigns.c.status == "active").order_by(campaigns.c.id)).all()
    heads = _load_summaries(connection, {row.meaning: (row.id, row.approved) for row in found})
    return [(row.id, row.approved, heads[row.meaning]) for row in found]


def get_versions(connection: Connection, wanted: Sequence[tuple[str, int]]) -> dict[str, CampaignVersionRow]:
    """Those versions, by campaign."""
    found: dict[str, CampaignVersionRow] = {}
    for start in range(0, len(wanted), _CHUNK_SIZE):
        query = select(campaign_versions).where(_match_any_version(wanted[start : start + _CHUNK_SIZE]))
        for row in connection.execute(query):
            told = (row.version, row.meaning, row.text, row.state, row.made_at, row.made_by)
            found[row.campaign] = CampaignVersionRow(decode_campaign(row.value), *told)
    return found


def search_campaigns(connection: Connection, wanted: Sequence[tuple[str, int]], words: Iterable[str]) -> set[str]:
    """Those of the campaigns whose version has all *words* somewhere in it, letters of either case."""
    found: set[str] = set()
    held = [func.lower(campaign_versions.c.value).contains(word.lower(), autoescape=True) for word in words]
    for start in range(0, len(wanted), _CHUNK_SIZE):
        query = select(campaign_versions.c.campaign).where(
            _match_any_version(wanted[start : start + _CHUNK_SIZE]), *held
        )
        found.update(connection.scalars(query))
    return found


def get_review_participants(connection: Connection) -> Mapping[str, tuple[set[str], set[str]]]:
    """Campaign in review → who submitted or changed what waits, and who approved it already."""
    ours = and_(campaigns.c.id == campaign_versions.c.campaign, campaigns.c.current == campaign_versions.c.version)
    waits = select(campaigns.c.id, campaigns.c.current, func.coalesce(campaigns.c.approved, 0).label("approved"))
    waiting = waits.join(campaign_versions, ours).where(
        campaigns.c.status == "active", campaign_versions.c.state == "submitted"
    )
    inner = waiting.subquery()
    found: dict[str, tuple[set[str], set[str]]] = {}
    said = select(approval_decisions.c.campaign, approval_decisions.c.who, approval_decisions.c.verdict).join(
        inner, and_(inner.c.id == approval_decisions.c.campaign, inner.c.current == approval_decisions.c.version)
    )
    for campaign, who, verdict in connection.execute(said):
        makers, approvers = found.setdefault(campaign, (set(), set()))
        if verdict in ("submitted", "approved"):
            (makers if verdict == "submitted" else approvers).add(who)
    made = select(campaign_versions.c.campaign, campaign_versions.c.made_by).join(
        inner, and_(inner.c.id == campaign_versions.c.campaign, campaign_versions.c.version > inner.c.approved)
    )
    for campaign, who in connection.execute(made):
        found.setdefault(campaign, (set(), set()))[0].add(who)
    return found


def get_decisions(
    connection: Connection, wanted: Sequence[tuple[str, int]]
) -> dict[str, tuple[ApprovalDecisionRow, ...]]:
    """What people said of those versions, by campaign, the earliest first."""
    found: dict[str, tuple[ApprovalDecisionRow, ...]] = {}
    for start in range(0, len(wanted), _CHUNK_SIZE):
        chunk = wanted[start : start + _CHUNK_SIZE]
        ours = or_(
            *(
                and_(approval_decisions.c.campaign == name, approval_decisions.c.version == number)
                for name, number in chunk
            )
        )
        for row in connection.execute(select(approval_decisions).where(ours).order_by(approval_decisions.c.at)):
            one = ApprovalDecisionRow(row.who, row.verdict, row.at, row.note)
            found[row.campaign] = (*found.get(row.campaign, ()), one)
    return found


def _match_any_version(wanted: Iterable[tuple[str, int]]) -> ColumnElement[bool]:
    return or_(
        *(and_(campaign_versions.c.campaign == name, campaign_versions.c.version == number) for name, number in wanted)
    )


def _load_summaries(connection: Connection, wanted: Mapping[str, tuple[str, int]]) -> Mapping[str, CampaignSummary]:
    missing = [place for meaning, place in wanted.items() if meaning not in _summary_cache]
    if len(_summary_cache) + len(missing) > _MAX_SUMMARIES:
        _summary_cache.clear()
        missing = list(wanted.values())
    for start in range(0, len(missing), _CHUNK_SIZE):
        query = select(campaign_versions.c.meaning, campaign_versions.c.value).where(
            _match_any_version(missing[start : start + _CHUNK_SIZE])
        )
        for meaning, value in connection.execute(query):
            _summary_cache[meaning] = _parse_summary(value)
    return {meaning: _summary_cache[meaning] for meaning in wanted}


def _parse_summary(value: str) -> CampaignSummary:
    told = _summary_decoder.decode(value)
    zone = ZoneInfo(told.timezone)
    due = None if told.report_due is None else to_instant(told.report_due, zone)
    return CampaignSummary(told.title, told.unit, to_instant(told.from_, zone), to_instant(told.until, zone), due)


_summary_decoder = msgspec.json.Decoder(_SummaryFields)
