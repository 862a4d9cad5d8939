"""Reads the delivery of a takeover on its screens: counted and paged by index."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from signage.store.screens.heartbeats import heartbeats
from signage.store.takeovers.takeovers import FETCHED, SHOWN, UNDELIVERED, takeover_screens


@dataclass(frozen=True, slots=True)
class DeliveryCounts:
    """How many screens of a takeover show it, have fetched it, have not got it.

    *missing*: some of the screens that do not show it, each with its state and its last poll.
    """

    shown: int
    fetched: int
    undelivered: int
    missing: tuple[tuple[str, str, datetime | None], ...]

    @property
    def screens(self) -> int:
        """The number of screens that the takeover named when it started."""
        return self.shown + self.fetched + self.undelivered


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """The delivery of a takeover to one screen.

    *state*: ``silent`` (undelivered), ``fetched`` or ``shown``; *serial*: of the first playlist that shows the
    takeover; *stop_serial*: of the first playlist that contains its stop.
    """

    screen: str
    state: str
    serial: int | None
    stop_serial: int | None


def get_delivery_counts(connection: Connection, takeover_id: str, max_missing: int = 50) -> DeliveryCounts:
    """Count the screens of a takeover by delivery state, and list up to *max_missing* that do not show it."""
    is_of_takeover = takeover_screens.c.takeover == takeover_id
    by_state = select(takeover_screens.c.state, func.count()).where(is_of_takeover).group_by(takeover_screens.c.state)
    counts = {str(state): int(number) for state, number in connection.execute(by_state)}
    missing: list[tuple[str, str, datetime | None]] = []
    for state in (UNDELIVERED, FETCHED):
        joined = takeover_screens.outerjoin(heartbeats, heartbeats.c.screen == takeover_screens.c.screen)
        query = select(takeover_screens.c.screen, takeover_screens.c.state, heartbeats.c.seen_at).select_from(joined)
        query = query.where(is_of_takeover, takeover_screens.c.state == state).order_by(takeover_screens.c.screen)
        missing += [(row[0], row[1], row[2]) for row in connection.execute(query.limit(max_missing - len(missing)))]
    return DeliveryCounts(counts.get(SHOWN, 0), counts.get(FETCHED, 0), counts.get(UNDELIVERED, 0), tuple(missing))


def list_deliveries(
    connection: Connection, takeover_id: str, after: str = "", limit: int | None = None
) -> list[DeliveryRow]:
    """List the delivery to each screen of a takeover, by screen id: at most *limit* after the id *after*."""
    query = select(takeover_screens).where(
        takeover_screens.c.takeover == takeover_id, takeover_screens.c.screen > after
    )
    return [
        DeliveryRow(row.screen, row.state, row.serial, row.told)
        for row in connection.execute(query.order_by(takeover_screens.c.screen).limit(limit))
    ]
