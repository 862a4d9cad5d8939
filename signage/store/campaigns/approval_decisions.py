"""Approval decisions: what users decided on versions of campaigns."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Integer, String, Table, Text, delete, insert, select

from signage.store.column_types import Instant
from signage.store.engine import metadata

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


@dataclass(frozen=True, slots=True)
class ApprovalDecisionRow:
    """The decision of a user on a version: ``submitted``, ``withdrawn``, ``approved`` or ``returned``."""

    who: str
    decision: str
    at: datetime
    note: str


def record_decision(
    connection: Connection, campaign_id: str, number: int, who: str, decision: str, at: datetime, note: str = ""
) -> None:
    """Store the decision of a user on a version, in place of an earlier one."""
    key = {"campaign": campaign_id, "version": number, "who": who}
    connection.execute(
        delete(approval_decisions).where(*(approval_decisions.c[name] == value for name, value in key.items()))
    )
    connection.execute(insert(approval_decisions).values(**key, verdict=decision, at=at, note=note))


def list_approvers(connection: Connection, campaign_id: str, number: int) -> list[str]:
    """List the users who approved a version, the earliest first."""
    query = select(approval_decisions.c.who).where(
        approval_decisions.c.campaign == campaign_id,
        approval_decisions.c.version == number,
        approval_decisions.c.verdict == "approved",
    )
    return list(connection.scalars(query.order_by(approval_decisions.c.at)))


def list_decisions(connection: Connection, campaign_id: str, number: int) -> list[ApprovalDecisionRow]:
    """List the decisions on a version, the earliest first."""
    query = select(approval_decisions).where(
        approval_decisions.c.campaign == campaign_id, approval_decisions.c.version == number
    )
    return [
        ApprovalDecisionRow(row.who, row.verdict, row.at, row.note)
        for row in connection.execute(query.order_by(approval_decisions.c.at))
    ]


def delete_approvals(connection: Connection, campaign_id: str, number: int, who: str | None = None) -> None:
    """Delete the approvals of a version (*who*: only those of that user)."""
    where = [
        approval_decisions.c.campaign == campaign_id,
        approval_decisions.c.version == number,
        approval_decisions.c.verdict == "approved",
    ]
    if who is not None:
        where.append(approval_decisions.c.who == who)
    connection.execute(delete(approval_decisions).where(*where))
