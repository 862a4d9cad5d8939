"""Account control: which users created, re-invited or issued credentials for an account.

*by* controls *user_id*: it made the account, its links, roles, second factors, or API tokens in its name.
"""

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


def add_controller(connection: Connection, user_id: str, by: str, at: datetime) -> None:
    """Record that *by* controls the account of a user."""
    where = (account_controllers.c.person == user_id, account_controllers.c.by == by)
    if connection.execute(select(account_controllers.c.at).where(*where)).first() is None:
        connection.execute(insert(account_controllers).values(person=user_id, by=by, at=at))


def delete_controllers(connection: Connection, user_id: str) -> None:
    """Delete the controllers of a user; they stay the controllers of those whom the user controls."""
    query = select(account_controllers.c.by, account_controllers.c.at).where(account_controllers.c.person == user_id)
    controllers: dict[str, datetime] = {row.by: row.at for row in connection.execute(query)}
    controlled = select(account_controllers.c.person).where(account_controllers.c.by == user_id)
    for controlled_id in list(connection.scalars(controlled)):
        for by, at in controllers.items():
            if by != controlled_id:
                add_controller(connection, controlled_id, by, at)
    connection.execute(delete(account_controllers).where(account_controllers.c.person == user_id))


def find_controllers(connection: Connection, user_id: str) -> set[str]:
    """Return the controllers of a user, their controllers, and so on."""
    controllers: set[str] = set()
    pending = {user_id}
    while pending:
        query = select(account_controllers.c.by).where(account_controllers.c.person.in_(sorted(pending)))
        by = set(connection.scalars(query))
        pending = by - controllers
        controllers |= by
    return controllers - {user_id}


def find_all_controllers(connection: Connection) -> dict[str, set[str]]:
    """Return user id → direct and indirect controllers, for all users that have any."""
    direct: dict[str, set[str]] = {}
    for user_id, by in connection.execute(select(account_controllers.c.person, account_controllers.c.by)):
        direct.setdefault(user_id, set()).add(by)
    return {user_id: _find_reachable(direct, user_id) - {user_id} for user_id in direct}


def _find_reachable(direct: dict[str, set[str]], user_id: str) -> set[str]:
    reachable: set[str] = set()
    pending = direct[user_id]
    while pending:
        reachable |= pending
        pending = {by for controller in pending for by in direct.get(controller, ())} - reachable
    return reachable
