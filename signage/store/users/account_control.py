"""Who had a hand in how a person is let in: in their account, links, roles, factors, tokens in their name."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Column, Connection, String, Table, delete, insert, select

from signage.store.column_types import Instant
from signage.store.engine import metadata

account_controllers = Table(
    "people_hands",
    metadata,
    Column("person", String(64), primary_key=True),
    Column("by", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
)


def add_controller(connection: Connection, person_id: str, by: str, at: datetime) -> None:
    """Keep that *by* had a hand in how a person is let in."""
    where = (account_controllers.c.person == person_id, account_controllers.c.by == by)
    if connection.execute(select(account_controllers.c.at).where(*where)).first() is None:
        connection.execute(insert(account_controllers).values(person=person_id, by=by, at=at))


def delete_controllers(connection: Connection, person_id: str) -> None:
    """Nobody has a hand in it any more; whom the person let in until now stay in the hands that were in it."""
    query = select(account_controllers.c.by, account_controllers.c.at).where(account_controllers.c.person == person_id)
    had: dict[str, datetime] = {row.by: row.at for row in connection.execute(query)}
    for let_in in list(
        connection.scalars(select(account_controllers.c.person).where(account_controllers.c.by == person_id))
    ):
        for by, at in had.items():
            if by != let_in:
                add_controller(connection, let_in, by, at)
    connection.execute(delete(account_controllers).where(account_controllers.c.person == person_id))


def find_controllers(connection: Connection, person_id: str) -> set[str]:
    """Everybody who had a hand in how a person is let in, or in how those were, and so on."""
    found: set[str] = set()
    new = {person_id}
    while new:
        by = set(
            connection.scalars(select(account_controllers.c.by).where(account_controllers.c.person.in_(sorted(new))))
        )
        new = by - found
        found |= by
    return found - {person_id}


def find_all_controllers(connection: Connection) -> dict[str, set[str]]:
    """Person → everybody who had a hand in how they are let in, of all in whom somebody had one."""
    direct: dict[str, set[str]] = {}
    for person, by in connection.execute(select(account_controllers.c.person, account_controllers.c.by)):
        direct.setdefault(person, set()).add(by)
    return {person: _find_reachable(direct, person) - {person} for person in direct}


def _find_reachable(direct: dict[str, set[str]], person: str) -> set[str]:
    found: set[str] = set()
    new: Iterable[str] = direct[person]
    while new:
        found.update(new)
        new = {by for one in new for by in direct.get(one, ())} - found
    return found
