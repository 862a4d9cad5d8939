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

from signage.model.local_time import When, instant
from signage.store.campaigns.campaigns import Kept, State, Verdict, Version, campaigns, decode, verdicts, versions

_MOST_HEADS = 50_000
_CHUNK = 400
_heads: dict[str, "Head"] = {}


class _Said(msgspec.Struct, frozen=True):
    title: str
    timezone: str
    from_: When
    until: When
    unit: str | None = None
    report_due: When | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """What a list says of a version. Instants are UTC."""

    title: str
    unit: str | None
    starts_at: datetime
    ends_at: datetime
    report_due: datetime | None


@dataclass(frozen=True, slots=True)
class Row:
    """A campaign with its newest version, without what that says in full."""

    kept: Kept
    state: State
    made_by: str
    head: Head


def rows(connection: Connection) -> list[Row]:
    """Each campaign, by id."""
    query = select(campaigns, versions.c.meaning, versions.c.state, versions.c.made_by).join(
        versions, and_(campaigns.c.id == versions.c.campaign, campaigns.c.current == versions.c.version)
    )
    found = connection.execute(query.order_by(campaigns.c.id)).all()
    heads = _known(connection, {row.meaning: (row.id, row.current) for row in found})
    return [
        Row(
            Kept(row.id, row.source, row.status, row.current, row.approved, row.changed_at),
            row.state,
            row.made_by,
            heads[row.meaning],
        )
        for row in found
    ]


def showing(connection: Connection) -> list[tuple[str, int, Head]]:
    """Of each campaign that has not ended the id and the version that may show, by id."""
    query = select(campaigns.c.id, campaigns.c.approved, versions.c.meaning).join(
        versions, and_(campaigns.c.id == versions.c.campaign, campaigns.c.approved == versions.c.version)
    )
    found = connection.execute(query.where(campaigns.c.status == "active").order_by(campaigns.c.id)).all()
    heads = _known(connection, {row.meaning: (row.id, row.approved) for row in found})
    return [(row.id, row.approved, heads[row.meaning]) for row in found]


def full(connection: Connection, wanted: Sequence[tuple[str, int]]) -> dict[str, Version]:
    """Those versions, by campaign."""
    found: dict[str, Version] = {}
    for start in range(0, len(wanted), _CHUNK):
        query = select(versions).where(_any_of(wanted[start : start + _CHUNK]))
        for row in connection.execute(query):
            told = (row.version, row.meaning, row.text, row.state, row.made_at, row.made_by)
            found[row.campaign] = Version(decode(row.value), *told)
    return found


def saying(connection: Connection, wanted: Sequence[tuple[str, int]], words: Iterable[str]) -> set[str]:
    """Those of the campaigns whose version has all *words* somewhere in it, letters of either case."""
    found: set[str] = set()
    held = [func.lower(versions.c.value).contains(word.lower(), autoescape=True) for word in words]
    for start in range(0, len(wanted), _CHUNK):
        query = select(versions.c.campaign).where(_any_of(wanted[start : start + _CHUNK]), *held)
        found.update(connection.scalars(query))
    return found


def in_review(connection: Connection) -> Mapping[str, tuple[set[str], set[str]]]:
    """Campaign in review → who submitted or changed what waits, and who approved it already."""
    ours = and_(campaigns.c.id == versions.c.campaign, campaigns.c.current == versions.c.version)
    waits = select(campaigns.c.id, campaigns.c.current, func.coalesce(campaigns.c.approved, 0).label("approved"))
    waiting = waits.join(versions, ours).where(campaigns.c.status == "active", versions.c.state == "submitted")
    inner = waiting.subquery()
    found: dict[str, tuple[set[str], set[str]]] = {}
    said = select(verdicts.c.campaign, verdicts.c.who, verdicts.c.verdict).join(
        inner, and_(inner.c.id == verdicts.c.campaign, inner.c.current == verdicts.c.version)
    )
    for campaign, who, verdict in connection.execute(said):
        makers, approvers = found.setdefault(campaign, (set(), set()))
        if verdict in ("submitted", "approved"):
            (makers if verdict == "submitted" else approvers).add(who)
    made = select(versions.c.campaign, versions.c.made_by).join(
        inner, and_(inner.c.id == versions.c.campaign, versions.c.version > inner.c.approved)
    )
    for campaign, who in connection.execute(made):
        found.setdefault(campaign, (set(), set()))[0].add(who)
    return found


def said(connection: Connection, wanted: Sequence[tuple[str, int]]) -> dict[str, tuple[Verdict, ...]]:
    """What people said of those versions, by campaign, the earliest first."""
    found: dict[str, tuple[Verdict, ...]] = {}
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        ours = or_(*(and_(verdicts.c.campaign == name, verdicts.c.version == number) for name, number in chunk))
        for row in connection.execute(select(verdicts).where(ours).order_by(verdicts.c.at)):
            one = Verdict(row.who, row.verdict, row.at, row.note)
            found[row.campaign] = (*found.get(row.campaign, ()), one)
    return found


def _any_of(wanted: Iterable[tuple[str, int]]) -> ColumnElement[bool]:
    return or_(*(and_(versions.c.campaign == name, versions.c.version == number) for name, number in wanted))


def _known(connection: Connection, wanted: Mapping[str, tuple[str, int]]) -> Mapping[str, Head]:
    missing = [place for meaning, place in wanted.items() if meaning not in _heads]
    if len(_heads) + len(missing) > _MOST_HEADS:
        _heads.clear()
        missing = list(wanted.values())
    for start in range(0, len(missing), _CHUNK):
        query = select(versions.c.meaning, versions.c.value).where(_any_of(missing[start : start + _CHUNK]))
        for meaning, value in connection.execute(query):
            _heads[meaning] = _head(value)
    return {meaning: _heads[meaning] for meaning in wanted}


def _head(value: str) -> Head:
    told = _decoder.decode(value)
    zone = ZoneInfo(told.timezone)
    due = None if told.report_due is None else instant(told.report_due, zone)
    return Head(told.title, told.unit, instant(told.from_, zone), instant(told.until, zone), due)


_decoder = msgspec.json.Decoder(_Said)
