"""Steps taken for a report that is due (reminder, draft, mail, download): each once per due time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Column, Connection, String, Table, insert, select

from signage.store.column_types import Instant
from signage.store.engine import metadata

ReportStep = Literal["remind", "draft", "mail", "download"]

report_steps = Table(
    "report_steps",
    metadata,
    Column("campaign", String(64), primary_key=True),
    Column("due", Instant, primary_key=True),
    Column("step", String(10), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("who", String(200), nullable=False),
)


@dataclass(frozen=True, slots=True)
class ReportStepRow:
    """A step that was taken."""

    campaign: str
    due: datetime
    step: ReportStep
    at: datetime
    who: str


def record_step(connection: Connection, step: ReportStepRow) -> bool:
    """Store a step; return False where it was taken already."""
    key = report_steps.c.campaign == step.campaign, report_steps.c.due == step.due, report_steps.c.step == step.step
    if connection.execute(select(report_steps.c.at).where(*key)).first() is not None:
        return False
    values = {"campaign": step.campaign, "due": step.due, "step": step.step, "at": step.at, "who": step.who}
    connection.execute(insert(report_steps).values(**values))
    return True


def list_steps(connection: Connection, campaign: str | None = None) -> list[ReportStepRow]:
    """List the steps taken, in order."""
    query = select(report_steps).order_by(report_steps.c.at)
    if campaign is not None:
        query = query.where(report_steps.c.campaign == campaign)
    return [ReportStepRow(row.campaign, row.due, row.step, row.at, row.who) for row in connection.execute(query)]
