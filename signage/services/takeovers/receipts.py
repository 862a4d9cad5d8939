"""Receipts of a takeover: what each of its screens is known to have done with it, and with its end.

1. A screen has *fetched* the takeover once it is known to have a playlist with it: a poll was answered with that
   playlist or a later one, or the screen reports such a serial. Other contact proves nothing.
2. A screen has *shown* it once it reported so or sent a play of it. A dark screen, or an item that campaigns show as
   well, counts only under a playlist with the takeover and while the takeover is active. A state is never taken back.
3. A screen was *told* of the end once it has a playlist that contains it; the end that was requested is in the first
   playlist with the takeover. It has *left* once it reports that it shows something else.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from signage.model.takeover import Takeover, format_takeover_ref
from signage.services.context import AppContext
from signage.services.takeovers.takeovers import require_takeover
from signage.store.screens.heartbeats import HeartbeatRow, get_heartbeats
from signage.store.takeovers import receipts
from signage.store.takeovers.receipts import DeliveryCounts, DeliveryRow

__all__ = ["DeliveryCounts", "EndState", "TakeoverReceipt", "get_delivery", "list_receipts"]

EndState = Literal["left", "told", "silent"]


@dataclass(frozen=True, slots=True)
class TakeoverReceipt:
    """The receipt of one screen.

    *state*: ``shown``, ``fetched``, or ``silent`` (not known to have the takeover). *end*, once the takeover is over:
    ``left`` (the screen reports that it shows something else), ``told``, or ``silent``.
    """

    screen: str
    state: str
    seen_at: datetime | None
    end: EndState | None = None


def get_delivery(context: AppContext, takeover_id: str) -> tuple[Takeover, DeliveryCounts]:
    """Return a takeover and its screens counted by state. Raises Refused: it does not exist."""
    with context.store.read() as connection:
        takeover = require_takeover(connection, takeover_id, context.clock.now())
        return takeover, receipts.get_delivery_counts(connection, takeover.id)


def list_receipts(
    context: AppContext, takeover_id: str, after: str = "", limit: int | None = None
) -> list[TakeoverReceipt]:
    """List one receipt for each screen that the takeover named, by screen id: at most *limit* after the id *after*.

    Raises Refused: the takeover does not exist.
    """
    now = context.clock.now()
    with context.store.read() as connection:
        takeover = require_takeover(connection, takeover_id, now)
        deliveries = receipts.list_deliveries(connection, takeover_id, after, limit)
        heartbeats = get_heartbeats(connection, [delivery.screen for delivery in deliveries])
    is_over = takeover.ends_at <= now
    return [_build_receipt(takeover, is_over, row, heartbeats.get(row.screen)) for row in deliveries]


def _build_receipt(
    takeover: Takeover, is_over: bool, delivery: DeliveryRow, heartbeat: HeartbeatRow | None
) -> TakeoverReceipt:
    seen_at = None if heartbeat is None else heartbeat.seen_at
    end = _get_end_state(takeover, delivery, heartbeat) if is_over else None
    return TakeoverReceipt(delivery.screen, delivery.state, seen_at, end)


def _get_end_state(takeover: Takeover, delivery: DeliveryRow, heartbeat: HeartbeatRow | None) -> EndState:
    if heartbeat is None:
        return "silent"
    status_at = heartbeat.status_at
    if status_at is not None and status_at >= takeover.ends_at and not _is_showing(takeover, heartbeat):
        return "left"
    serial = delivery.stop_serial if takeover.ends_at < takeover.until else delivery.serial
    return "told" if serial is not None and heartbeat.known_serial >= serial else "silent"


def _is_showing(takeover: Takeover, heartbeat: HeartbeatRow) -> bool:
    status = heartbeat.status or {}
    if "item" not in status:
        return False
    # Content that was frozen may go by the takeover's own name (``schedule.takeovers.resolve_item_names``).
    return status["item"] in (takeover.item_ref, format_takeover_ref(takeover.id))
