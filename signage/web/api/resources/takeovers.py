"""Takeovers: started and stopped by anyone on duty, with a receipt for each screen."""

from datetime import datetime

from msgspec import Struct

from signage.faults import refuse
from signage.model.takeover import Takeover
from signage.services.takeovers import takeovers
from signage.services.takeovers.receipts import receipts
from signage.services.takeovers.takeovers import Order, zone_for
from signage.services.time_input import parse_length, parse_time
from signage.web.api.framework.operations import Asked, Page, Paging, Resource, page_of

api = Resource("takeovers")
MOST_SCREENS = 100


class TakeoverShown(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """An order. *selectors*: how it named its screens; *count*: how many it named when it was given.

    *screens*: the first hundred of them, by id; the receipt has them all.
    """

    id: str
    screens: tuple[str, ...]
    count: int
    selectors: tuple[str, ...]
    from_: datetime
    until: datetime
    who: str
    why: str
    text: str | None
    item: str | None
    blank: bool
    stopped_at: datetime | None
    running: bool


class NewTakeover(Struct, frozen=True, kw_only=True, rename={"for_": "for"}):
    """*screens*: selectors. Exactly one of *text*, *item* (``campaign/item``) and *blank*; one of *until* and *for*."""

    screens: tuple[str, ...]
    why: str
    until: str | None = None
    for_: str | None = None
    text: str | None = None
    item: str | None = None
    blank: bool = False


class ReceiptShown(Struct, frozen=True):
    """*state*: shown, fetched, or silent (not heard of since)."""

    screen: str
    state: str
    seen_at: datetime | None


class Receipts(Struct, frozen=True):
    """A page of the receipt of a takeover. *cursor*: what to ask with for the next one; null at the end."""

    id: str
    screens: tuple[ReceiptShown, ...]
    cursor: str | None


class TakeoverQuery(Paging, frozen=True, kw_only=True):
    """*running*: only those that have not ended."""

    running: bool = False


@api.get("/takeovers", "takeover.view", query=TakeoverQuery, answer=Page[TakeoverShown])
def list_(asked: Asked) -> Page[TakeoverShown]:
    """Takeovers, the newest first."""
    office, q = asked.office, asked.query
    orders = takeovers.running(office) if q.running else takeovers.every(office)
    newest = sorted(orders, key=lambda order: -order.number)
    before = int(q.cursor) if q.cursor.isdecimal() and len(q.cursor) < 18 else 1 << 62
    found = [order for order in newest if order.number < before][: q.limit + 1]
    page = page_of(found, q.limit, lambda order: str(order.number))
    return Page(tuple(_shown(asked, order) for order in page.items), page.cursor)


@api.post("/takeovers", "takeover.start", body=NewTakeover, answer=TakeoverShown, status=201)
def start(asked: Asked) -> TakeoverShown:
    """Replace everything on the screens that the selectors name, until it ends."""
    body = asked.body
    until = lasts = None
    if body.until is not None and body.for_ is not None:
        raise refuse("takeover-ends-twice", "until")
    if body.until is not None:
        until = parse_time(body.until, zone_for(asked.office, body.screens), "until")
    if body.for_ is not None:
        lasts = parse_length(body.for_, "for")
    order = Order(body.screens, body.why, until, lasts, body.text, body.item, body.blank)
    return _shown(asked, takeovers.start(asked.office, asked.actor, order))


@api.get("/takeovers/{id}", "takeover.view", answer=TakeoverShown, errors=(404,))
def show(asked: Asked) -> TakeoverShown:
    """One takeover."""
    return _shown(asked, takeovers.one(asked.office, asked.id))


@api.post("/takeovers/{id}/stop", "takeover.stop", answer=TakeoverShown, errors=(404, 409))
def stop(asked: Asked) -> TakeoverShown:
    """End a takeover now."""
    return _shown(asked, takeovers.stop(asked.office, asked.actor, asked.id))


@api.get("/takeovers/{id}/receipt", "takeover.view", query=Paging, answer=Receipts, errors=(404,))
def receipt(asked: Asked) -> Receipts:
    """What each screen is known to have done with it, by id."""
    q = asked.query
    found = receipts(asked.office, asked.id, q.cursor, q.limit + 1)
    page = page_of([ReceiptShown(r.screen, r.state, r.seen_at) for r in found], q.limit, lambda one: one.screen)
    return Receipts(asked.id, page.items, page.cursor)


def _shown(asked: Asked, order: Takeover) -> TakeoverShown:
    zone = asked.zone
    return TakeoverShown(
        id=order.id,
        screens=tuple(takeovers.screens_of(asked.office, order.id, MOST_SCREENS)),
        count=takeovers.how_many(asked.office, order.id),
        selectors=order.screens,
        from_=order.from_.astimezone(zone),
        until=order.until.astimezone(zone),
        who=order.who,
        why=order.why,
        text=order.text,
        item=order.item,
        blank=order.blank,
        stopped_at=order.stopped_at,
        running=order.ends_at > asked.office.clock.now(),
    )
