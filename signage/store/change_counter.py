"""The number by which processes see that something was done: every act moves it on in its own transaction.

A subject (``screens``, ``campaigns``, ``takeovers``, …) has the number of its last change, so that one who looks
every few hundred milliseconds can tell what there is to do.
"""

from sqlalchemy import BigInteger, Column, Connection, String, Table, func, insert, select, update

from signage.store.engine import metadata

change_counters = Table(
    "revisions",
    metadata,
    Column("subject", String, primary_key=True),
    Column("number", BigInteger, nullable=False),
)


def increment(connection: Connection, *subjects: str) -> int:
    """Move the number on for *subjects* and give the new one."""
    number = get_current(connection) + 1
    for subject in subjects or ("office",):
        changed = connection.execute(
            update(change_counters).where(change_counters.c.subject == subject).values(number=number)
        )
        if not changed.rowcount:
            connection.execute(insert(change_counters).values(subject=subject, number=number))
    return number


def get_current(connection: Connection) -> int:
    """The number of the last change of anything; 0 before the first."""
    return int(connection.scalar(select(func.max(change_counters.c.number))) or 0)


def get_counters(connection: Connection) -> dict[str, int]:
    """The number of the last change of each subject."""
    return {subject: int(number) for subject, number in connection.execute(select(change_counters))}
