"""The receipt of a takeover: what each screen that it names is known to have done with it, and with its end.

1. A screen has fetched the order when it is known to have a document that carries it: a poll was answered with that
   document or a later one, or the screen tells of such a serial. That it was heard of otherwise says nothing.
2. It has shown it when it says so itself, or has sent a play of it. Dark, or an item that campaigns show as well, it
   shows by this order only under a document that carries the order.
3. It was told of the end when it has a document that knows it; the end that was ordered stands in the first one.
   Over is what the screen has left for something else by its own word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from signage.acts.act import Office
from signage.acts.carried import carried
from signage.faults import refuse
from signage.model.takeover import Takeover
from signage.schedule.live import takeover_ref
from signage.store import contacts, plays, takeovers
from signage.store.columns import to_ms
from signage.store.contacts import Contact


@dataclass(frozen=True, slots=True)
class Receipt:
    """*state*: ``shown``, ``fetched``, or ``silent`` (not known to have the order).

    *end*, once the order is over: ``left`` (the screen says that it shows something else), ``told``, or ``silent``.
    """

    screen: str
    state: Literal["shown", "fetched", "silent"]
    seen_at: datetime | None
    end: Literal["left", "told", "silent"] | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of all screens: by screen the first document with the order, the first that knows its end."""

    order: Takeover
    over: bool
    begins: Mapping[str, int]
    ends: Mapping[str, int]
    heard: Mapping[str, Contact]
    played: Mapping[str, int]


def receipts(office: Office, takeover_id: str) -> list[Receipt]:
    """One for each screen that the takeover named. Raises Refused when there is none of that id."""
    with office.store.read() as connection:
        order = takeovers.get(connection, takeover_id)
        if order is None:
            raise refuse("takeover-unknown", takeover_id, id=takeover_id, running="—")
        ids = takeovers.screens_of(connection, takeover_id)
        documents = carried(connection, order)
        begins = documents.begins(connection)
        played = {} if order.blank else plays.screens_that_played(connection, _item(order), to_ms(order.from_))
        over = order.ends_at <= office.clock.now()
        ends = documents.ends(connection, begins) if over else {}
        known = _Known(order, over, begins, ends, contacts.get(connection, ids), played)
    return [_receipt(known, screen) for screen in ids]


def _item(order: Takeover) -> str:
    return order.item or takeover_ref(order.id)


def _receipt(known: _Known, screen: str) -> Receipt:
    contact = known.heard.get(screen)
    state: Literal["shown", "fetched", "silent"] = "fetched" if _has(contact, known.begins.get(screen)) else "silent"
    if _shown(known, screen, contact, state == "fetched"):
        state = "shown"
    end = _end(known, screen, contact) if known.over else None
    return Receipt(screen, state, None if contact is None else contact.seen_at, end)


def _has(contact: Contact | None, serial: int | None) -> bool:
    return contact is not None and serial is not None and contact.has >= serial


def _shown(known: _Known, screen: str, contact: Contact | None, fetched: bool) -> bool:
    order, own = known.order, known.order.text is not None
    if screen in known.played and (own or known.played[screen] >= known.begins.get(screen, known.played[screen] + 1)):
        return True
    said = contact is not None and contact.status_at is not None and contact.status_at >= order.from_
    return said and _shows(order, contact) and (own or fetched)


def _shows(order: Takeover, contact: Contact | None) -> bool:
    status = (contact and contact.status) or {}
    return "item" in status and status["item"] == (None if order.blank else _item(order))


def _end(known: _Known, screen: str, contact: Contact | None) -> Literal["left", "told", "silent"]:
    at = None if contact is None else contact.status_at
    if at is not None and at >= known.order.ends_at and not _shows(known.order, contact):
        return "left"
    return "told" if _has(contact, known.ends.get(screen)) else "silent"
