"""Review views: one row for each item of a version and each approver who viewed it to its end."""

from datetime import datetime

from sqlalchemy import Column, Connection, Integer, String, Table, insert, select

from signage.store.column_types import Instant
from signage.store.engine import metadata

review_views = Table(
    "campaign_looks",
    metadata,
    Column("campaign", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("who", String(200), primary_key=True),
    Column("item", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
)

VERSION_OPENED = ""
"""Stands for an item: the row records when the approver first opened the version."""


def record_view(connection: Connection, campaign: str, version: int, who: str, item: str, at: datetime) -> bool:
    """Record that *who* viewed *item*; return False where it is recorded already."""
    if item in get_views(connection, campaign, version, who):
        return False
    connection.execute(insert(review_views).values(campaign=campaign, version=version, who=who, item=item, at=at))
    return True


def get_views(connection: Connection, campaign: str, version: int, who: str) -> dict[str, datetime]:
    """Return item id → when *who* viewed it; under ``VERSION_OPENED`` when the version was first opened."""
    query = select(review_views.c.item, review_views.c.at).where(
        review_views.c.campaign == campaign, review_views.c.version == version, review_views.c.who == who
    )
    return {row.item: row.at for row in connection.execute(query)}
