"""Samples of the clocks of screens against the server's clock: on change, at most every few seconds, and hourly."""

from sqlalchemy import BigInteger, Column, Connection, String, Table, insert, select

from signage.store.engine import metadata

MIN_CHANGE_MS = 1_000
MIN_INTERVAL_MS = 5_000
MAX_INTERVAL_MS = 3_600_000

clock_observations = Table(
    "clock_observations",
    metadata,
    Column("screen", String(64), primary_key=True),
    Column("received_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("clock_ms", BigInteger, nullable=False),
)


def record_sample(connection: Connection, screen: str, clock_ms: int, received_ms: int) -> bool:
    """Store the reading of a screen's clock at *received_ms*; return False where it is nothing new."""
    query = select(clock_observations.c.received_ms, clock_observations.c.clock_ms).where(
        clock_observations.c.screen == screen
    )
    last = connection.execute(query.order_by(clock_observations.c.received_ms.desc()).limit(1)).first()
    if last is not None:
        change = (received_ms - clock_ms) - (last[0] - last[1])
        if received_ms - last[0] < MIN_INTERVAL_MS or (
            abs(change) < MIN_CHANGE_MS and received_ms - last[0] < MAX_INTERVAL_MS
        ):
            return False
    connection.execute(insert(clock_observations), {"screen": screen, "received_ms": received_ms, "clock_ms": clock_ms})
    return True


def list_samples(connection: Connection, screen: str) -> list[tuple[int, int]]:
    """List (clock ms, received ms) of a screen, in the order of receipt."""
    query = select(clock_observations.c.clock_ms, clock_observations.c.received_ms).where(
        clock_observations.c.screen == screen
    )
    rows = connection.execute(query.order_by(clock_observations.c.received_ms))
    return [(int(clock), int(received)) for clock, received in rows]
