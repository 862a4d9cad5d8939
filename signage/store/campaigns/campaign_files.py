"""Campaign files of the watched folder: the bytes last read of each, and their faults."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, String, Table, delete, insert, select

from signage.store.column_types import Instant, Json
from signage.store.engine import metadata

campaign_files = Table(
    "campaign_files",
    metadata,
    Column("campaign", String(255), primary_key=True),
    Column("name", String(1000), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("faults", Json),
    Column("at", Instant, nullable=False),
)


def record_campaign_file(
    connection: Connection, campaign_id: str, name: str, sha256: str, faults: list[Any] | None, at: datetime
) -> None:
    """Record the bytes of a file that were last read, and their faults."""
    connection.execute(delete(campaign_files).where(campaign_files.c.campaign == campaign_id))
    connection.execute(
        insert(campaign_files).values(campaign=campaign_id, name=name, sha256=sha256, faults=faults, at=at)
    )


def delete_campaign_file(connection: Connection, campaign_id: str) -> None:
    """Delete the record of a file that was removed."""
    connection.execute(delete(campaign_files).where(campaign_files.c.campaign == campaign_id))


def get_campaign_files(connection: Connection) -> dict[str, tuple[str, str, list[Any] | None]]:
    """Return campaign id → name, sha256 and faults of the file as last read."""
    return {row.campaign: (row.name, row.sha256, row.faults) for row in connection.execute(select(campaign_files))}
