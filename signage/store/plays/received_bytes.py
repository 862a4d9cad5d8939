"""How much each screen had stored on each day (UTC): its budget is looked at before a batch is stored."""

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Integer,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from signage.store.engine import metadata

DAY_MS = 86_400_000

received_bytes = Table(
    "plays_received_bytes",
    metadata,
    Column("screen", String(64), primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("bytes", BigInteger, nullable=False),
)


def get_received_bytes(connection: Connection, screen: str, received_ms: int) -> int:
    """Return how many bytes were stored for *screen* on the day of *received_ms*."""
    query = select(received_bytes.c.bytes).where(*_match_day(screen, received_ms))
    return int(connection.scalar(query) or 0)


def add_received_bytes(connection: Connection, screen: str, received_ms: int, added: int) -> None:
    """Add *added* bytes to the day of *received_ms*; earlier days of the screen are deleted."""
    where = _match_day(screen, received_ms)
    query = update(received_bytes).where(*where).values(bytes=received_bytes.c.bytes + added)
    if connection.execute(query).rowcount:
        return
    day = received_ms // DAY_MS
    connection.execute(delete(received_bytes).where(received_bytes.c.screen == screen, received_bytes.c.day < day))
    connection.execute(insert(received_bytes).values(screen=screen, day=day, bytes=added))


def _match_day(screen: str, received_ms: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return received_bytes.c.screen == screen, received_bytes.c.day == received_ms // DAY_MS
