"""The receipt of a takeover: what each screen that it names is known to have done with it.

A screen polled after the order was given has been told of it, for polls are answered by what holds at that second
(``_SETTLED`` lets the compiling pass); it has shown it when it says so itself, or sends a play of it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from signage.acts.act import Office
from signage.faults import refuse
from signage.model.takeover import Takeover
from signage.schedule.live import takeover_ref
from signage.store import contacts, takeovers
from signage.store.contacts import Contact

_SETTLED = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Receipt:
    """*state*: ``shown``, ``fetched``, or ``silent`` (not heard of since the order was given)."""

    screen: str
    state: Literal["shown", "fetched", "silent"]
    seen_at: datetime | None


def receipts(office: Office, takeover_id: str) -> list[Receipt]:
    """One for each screen that the takeover named. Raises Refused when there is none of that id."""
    with office.store.read() as connection:
        order = takeovers.get(connection, takeover_id)
        if order is None:
            raise refuse("takeover-unknown", takeover_id, id=takeover_id, running="—")
        ids = takeovers.screens_of(connection, takeover_id)
        heard = contacts.get(connection, ids)
    return [_receipt(order, screen, heard.get(screen)) for screen in ids]


def _receipt(order: Takeover, screen: str, contact: Contact | None) -> Receipt:
    if contact is None:
        return Receipt(screen, "silent", None)
    item = (contact.status or {}).get("item")
    said = contact.status_at is not None and contact.status_at >= order.from_
    if said and item == (order.item or takeover_ref(order.id)):
        return Receipt(screen, "shown", contact.seen_at)
    told = contact.seen_at is not None and contact.seen_at >= order.from_ + _SETTLED
    return Receipt(screen, "fetched" if told else "silent", contact.seen_at)
