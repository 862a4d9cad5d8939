"""Change counter: a number that every act increments in its transaction, so that other processes see the change.

Each topic (``screens``, ``campaigns``, ``takeovers``, …) has the number of its last change: a process that polls every
few hundred milliseconds knows what it has to reload.
"""

from sqlalchemy import BigInteger, Column, Connection, String, Table, func, insert, select, update

from signage.store.engine import metadata

change_counters = Table(
    "revisions",
    metadata,
    Column("subject", String, primary_key=True),
    Column("number", BigInteger, nullable=False),
)


def increment(connection: Connection, *topics: str) -> int:
    """Increment the counter and set it for *topics*; return the new number."""
    number = get_current(connection) + 1
    for topic in topics or ("office",):
        changed = connection.execute(
            update(change_counters).where(change_counters.c.subject == topic).values(number=number)
        )
        if not changed.rowcount:
            connection.execute(insert(change_counters).values(subject=topic, number=number))
    return number


def get_current(connection: Connection) -> int:
    """Return the number of the last change of any topic; 0 before the first."""
    return int(connection.scalar(select(func.max(change_counters.c.number))) or 0)


def get_counters(connection: Connection) -> dict[str, int]:
    """Return topic → number of its last change."""
    return {topic: int(number) for topic, number in connection.execute(select(change_counters))}
