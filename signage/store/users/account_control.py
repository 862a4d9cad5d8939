"""Who had a hand in how a person is let in: in their account, links, roles, factors, tokens in their name."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Column, Connection, String, Table, delete, insert, select

from signage.store.column_types import Instant
from signage.store.engine import metadata

hands = Table(
    "people_hands",
    metadata,
    Column("person", String(64), primary_key=True),
    Column("by", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
)


def note(connection: Connection, person_id: str, by: str, at: datetime) -> None:
    """Keep that *by* had a hand in how a person is let in."""
    where = (hands.c.person == person_id, hands.c.by == by)
    if connection.execute(select(hands.c.at).where(*where)).first() is None:
        connection.execute(insert(hands).values(person=person_id, by=by, at=at))


def forget(connection: Connection, person_id: str) -> None:
    """Nobody has a hand in it any more; whom the person let in until now stay in the hands that were in it."""
    query = select(hands.c.by, hands.c.at).where(hands.c.person == person_id)
    had: dict[str, datetime] = {row.by: row.at for row in connection.execute(query)}
    for let_in in list(connection.scalars(select(hands.c.person).where(hands.c.by == person_id))):
        for by, at in had.items():
            if by != let_in:
                note(connection, let_in, by, at)
    connection.execute(delete(hands).where(hands.c.person == person_id))


def let_in_by(connection: Connection, person_id: str) -> set[str]:
    """Everybody who had a hand in how a person is let in, or in how those were, and so on."""
    found: set[str] = set()
    new = {person_id}
    while new:
        by = set(connection.scalars(select(hands.c.by).where(hands.c.person.in_(sorted(new)))))
        new = by - found
        found |= by
    return found - {person_id}


def everybodys(connection: Connection) -> dict[str, set[str]]:
    """Person → everybody who had a hand in how they are let in, of all in whom somebody had one."""
    direct: dict[str, set[str]] = {}
    for person, by in connection.execute(select(hands.c.person, hands.c.by)):
        direct.setdefault(person, set()).add(by)
    return {person: _reached(direct, person) - {person} for person in direct}


def _reached(direct: dict[str, set[str]], person: str) -> set[str]:
    found: set[str] = set()
    new: Iterable[str] = direct[person]
    while new:
        found.update(new)
        new = {by for one in new for by in direct.get(one, ())} - found
    return found
