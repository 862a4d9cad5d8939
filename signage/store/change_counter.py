"""The number by which processes see that something was done: every act moves it on in its own transaction.

A subject (``screens``, ``campaigns``, ``takeovers``, …) has the number of its last change, so that one who looks
every few hundred milliseconds can tell what there is to do.
"""

from sqlalchemy import BigInteger, Column, Connection, String, Table, func, insert, select, update

from signage.store.engine import metadata

revisions = Table(
    "revisions",
    metadata,
    Column("subject", String, primary_key=True),
    Column("number", BigInteger, nullable=False),
)


def bump(connection: Connection, *subjects: str) -> int:
    """Move the number on for *subjects* and give the new one."""
    number = current(connection) + 1
    for subject in subjects or ("office",):
        changed = connection.execute(update(revisions).where(revisions.c.subject == subject).values(number=number))
        if not changed.rowcount:
            connection.execute(insert(revisions).values(subject=subject, number=number))
    return number


def current(connection: Connection) -> int:
    """The number of the last change of anything; 0 before the first."""
    return int(connection.scalar(select(func.max(revisions.c.number))) or 0)


def subjects(connection: Connection) -> dict[str, int]:
    """The number of the last change of each subject."""
    return {subject: int(number) for subject, number in connection.execute(select(revisions))}
