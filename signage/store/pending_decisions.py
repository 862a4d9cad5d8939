"""Decisions that an upgrade leaves to the administrator of an existing installation.

A migration records one where a new rule would change what existing screens show; an installation that began with the
rule has none. The decision itself is a setting of ``config.toml``.
"""

from sqlalchemy import Column, Connection, String, Table, select

from signage.store.engine import metadata

CONSENT = "consent"

pending_decisions = Table("pending_decisions", metadata, Column("name", String(64), primary_key=True))


def is_pending(connection: Connection, name: str) -> bool:
    """Return whether the installation is older than the rule *name*."""
    query = select(pending_decisions.c.name).where(pending_decisions.c.name == name)
    return connection.scalar(query) is not None
