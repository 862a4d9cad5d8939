"""The receipt of a takeover: what each screen that it names is known to have done with it, and with its end.

A screen polled after the order was given has been told of it, for polls are answered by what holds at that second
(``_SETTLED`` lets the compiling pass); it has shown it when it says so itself, or has sent a play of it. The same
holds of the end: told by the next poll, over on the screen that says it shows something else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from signage.acts.act import Office
from signage.faults import refuse
from signage.model.takeover import Takeover
from signage.schedule.live import takeover_ref
from signage.store import contacts, plays, takeovers
from signage.store.columns import to_ms
from signage.store.contacts import Contact

_SETTLED = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Receipt:
    """*state*: ``shown``, ``fetched``, or ``silent`` (not heard of since the order was given).

    *end*, once the order is over: ``left`` (the screen says that it shows something else), ``told``, or ``silent``.
    """

    screen: str
    state: Literal["shown", "fetched", "silent"]
    seen_at: datetime | None
    end: Literal["left", "told", "silent"] | None = None


def receipts(office: Office, takeover_id: str) -> list[Receipt]:
    """One for each screen that the takeover named. Raises Refused when there is none of that id."""
    with office.store.read() as connection:
        order = takeovers.get(connection, takeover_id)
        if order is None:
            raise refuse("takeover-unknown", takeover_id, id=takeover_id, running="—")
        ids = takeovers.screens_of(connection, takeover_id)
        heard = contacts.get(connection, ids)
        played = plays.screens_that_played(connection, _item(order), to_ms(order.from_))
    now = office.clock.now()
    return [_receipt(order, screen, heard.get(screen), screen in played, now) for screen in ids]


def _item(order: Takeover) -> str:
    return order.item or takeover_ref(order.id)


def _receipt(order: Takeover, screen: str, contact: Contact | None, played: bool, now: datetime) -> Receipt:
    over = order.ends_at <= now
    if contact is None:
        return Receipt(screen, "shown" if played else "silent", None, "silent" if over else None)
    item = (contact.status or {}).get("item")
    shows = item is None if order.blank else item == _item(order)
    said = contact.status_at is not None and contact.status_at >= order.from_
    told = contact.seen_at is not None and contact.seen_at >= order.from_ + _SETTLED
    state: Literal["shown", "fetched", "silent"] = "fetched" if told else "silent"
    if played or (said and shows):
        state = "shown"
    return Receipt(screen, state, contact.seen_at, _end(order, contact, shows) if over else None)


def _end(order: Takeover, contact: Contact, shows: bool) -> Literal["left", "told", "silent"]:
    if contact.status_at is not None and contact.status_at >= order.ends_at and not shows:
        return "left"
    told = contact.seen_at is not None and contact.seen_at >= order.ends_at + _SETTLED
    return "told" if told else "silent"
