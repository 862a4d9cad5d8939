"""Autosaves: the unfinished campaign form of a user, stored while it is filled in.

An autosave is no version of a campaign: it may be incomplete, and nobody but its owner reads it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, Row, String, Table, delete, insert, select, update

from signage.store.column_types import Instant, Json
from signage.store.engine import metadata

FormFields = Mapping[str, Sequence[str]]
"""Field name → its values, as a form sends them."""

campaign_autosaves = Table(
    "campaign_autosaves",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("owner", String(200), nullable=False),
    Column("campaign", String(64)),
    Column("based_on", Integer),
    Column("revision", Integer, nullable=False),
    Column("fields", Json, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("discarded_at", Instant),
    Index("campaign_autosaves_owner", "owner", "changed_at"),
)


@dataclass(frozen=True, slots=True)
class AutosaveRow:
    """An unfinished form. *campaign*, *based_on*: the campaign and version that it changes; None: a new campaign.

    *revision* counts its changes, from 1.
    """

    number: int
    owner: str
    campaign: str | None
    based_on: int | None
    revision: int
    fields: FormFields
    changed_at: datetime
    discarded_at: datetime | None


def create_autosave(
    connection: Connection, owner: str, campaign: str | None, based_on: int | None, fields: FormFields, at: datetime
) -> int:
    """Store a new form; return its number."""
    row = {"owner": owner, "campaign": campaign, "based_on": based_on, "revision": 1, "changed_at": at}
    inserted = connection.execute(insert(campaign_autosaves).values(**row, fields=dict(fields)))
    assert inserted.inserted_primary_key is not None
    return int(inserted.inserted_primary_key[0])


def update_autosave(
    connection: Connection, number: int, revision: int, based_on: int | None, fields: FormFields, at: datetime
) -> bool:
    """Store the fields as the next revision; return False where *revision* is not the stored one."""
    change = (
        update(campaign_autosaves)
        .where(campaign_autosaves.c.number == number, campaign_autosaves.c.revision == revision)
        .values(fields=dict(fields), revision=revision + 1, based_on=based_on, changed_at=at, discarded_at=None)
    )
    return connection.execute(change).rowcount == 1


def set_discarded(connection: Connection, number: int, at: datetime | None) -> None:
    """Mark the form as discarded at *at*; None restores it."""
    table = campaign_autosaves
    connection.execute(update(table).where(table.c.number == number).values(discarded_at=at))


def delete_autosave(connection: Connection, number: int) -> None:
    """Delete the form."""
    connection.execute(delete(campaign_autosaves).where(campaign_autosaves.c.number == number))


def get_autosave(connection: Connection, number: int) -> AutosaveRow | None:
    """Return the form; None where there is none."""
    row = connection.execute(select(campaign_autosaves).where(campaign_autosaves.c.number == number)).first()
    return None if row is None else _build_row(row)


def list_autosaves(connection: Connection, owner: str) -> list[AutosaveRow]:
    """List the forms of *owner*, the last changed first, discarded ones too."""
    table = campaign_autosaves
    query = select(table).where(table.c.owner == owner).order_by(table.c.changed_at.desc(), table.c.number.desc())
    return [_build_row(row) for row in connection.execute(query)]


def _build_row(row: Row[Any]) -> AutosaveRow:
    return AutosaveRow(
        row.number,
        row.owner,
        row.campaign,
        row.based_on,
        row.revision,
        row.fields,
        row.changed_at,
        row.discarded_at,
    )
