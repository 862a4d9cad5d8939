"""The receipt of a takeover: what each screen that it names is known to have done with it, and with its end.

1. A screen has fetched the order when it is known to have a document that carries it: a poll was answered with that
   document or a later one, or the screen tells of such a serial. That it was heard of otherwise says nothing.
2. It has shown it once it said so itself, or sent a play of it. Dark, or an item that campaigns show as well, it
   shows by this order only under a document that carries the order, and while the order holds.
   What was once known is not taken back.
3. It was told of the end when it has a document that knows it; the end that was ordered stands in the first one.
   Over is what the screen has left for something else by its own word.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from signage.faults import refuse
from signage.model.takeover import Takeover
from signage.model.toml.findings import ellipsize
from signage.schedule.live_content import format_takeover_ref
from signage.services.context import AppContext
from signage.store.screens import heartbeats as contacts
from signage.store.screens.heartbeats import HeartbeatRow
from signage.store.takeovers import audience as reach
from signage.store.takeovers import takeovers
from signage.store.takeovers.audience import DeliveryRow

EndState = Literal["left", "told", "silent"]


@dataclass(frozen=True, slots=True)
class TakeoverReceipt:
    """*state*: ``shown``, ``fetched``, or ``silent`` (not known to have the order).

    *end*, once the order is over: ``left`` (the screen says that it shows something else), ``told``, or ``silent``.
    """

    screen: str
    state: str
    seen_at: datetime | None
    end: EndState | None = None


def list_receipts(
    office: AppContext, takeover_id: str, after: str = "", limit: int | None = None
) -> list[TakeoverReceipt]:
    """One for each screen that the takeover named, by id: those after *after*, *limit* at most.

    Raises Refused when there is none of that id.
    """
    with office.store.read() as connection:
        order = takeovers.get_takeover(connection, takeover_id)
        if order is None:
            raise refuse("takeover-unknown", takeover_id[:64], id=ellipsize(takeover_id), running="—")
        rows = reach.list_deliveries(connection, takeover_id, after, limit)
        heard = contacts.get_heartbeats(connection, [row.screen for row in rows])
    over = order.ends_at <= office.clock.now()
    return [_build_receipt(order, over, row, heard.get(row.screen)) for row in rows]


def _build_receipt(order: Takeover, over: bool, row: DeliveryRow, contact: HeartbeatRow | None) -> TakeoverReceipt:
    end = _get_end_state(order, row, contact) if over else None
    return TakeoverReceipt(row.screen, row.state, None if contact is None else contact.seen_at, end)


def _get_end_state(order: Takeover, row: DeliveryRow, contact: HeartbeatRow | None) -> EndState:
    if contact is None:
        return "silent"
    if contact.status_at is not None and contact.status_at >= order.ends_at and not _is_showing(order, contact):
        return "left"
    serial = row.stop_serial if order.ends_at < order.until else row.serial
    return "told" if serial is not None and contact.known_serial >= serial else "silent"


def _is_showing(order: Takeover, contact: HeartbeatRow) -> bool:
    status = contact.status or {}
    shows = None if order.blank else order.item or format_takeover_ref(order.id)
    return "item" in status and status["item"] == shows
