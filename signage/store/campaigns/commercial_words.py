"""Commercial words that reviewers are warned of: the list of this installation."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Column, Connection, String, Table, delete, insert, select

from signage.store.column_types import Instant
from signage.store.engine import metadata

commercial_words = Table(
    "wording",
    metadata,
    Column("word", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("who", String(200), nullable=False),
)


def list_words(connection: Connection) -> tuple[str, ...]:
    """List the words; none where this installation has no list of its own."""
    return tuple(connection.scalars(select(commercial_words.c.word).order_by(commercial_words.c.word)))


def replace_words(connection: Connection, words: Iterable[str], at: datetime, who: str) -> None:
    """Replace the list by *words*."""
    connection.execute(delete(commercial_words))
    rows = [{"word": word, "at": at, "who": who} for word in words]
    if rows:
        connection.execute(insert(commercial_words), rows)
