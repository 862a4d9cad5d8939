"""Takeovers: started and stopped by any one person on duty; every refusal names what is wrong.

1. An order has an end, and is not longer than ``[takeover] max_h``.
2. Its instants are whole seconds; it holds from the second in which it is given.
3. The screens that it names when it is given stay under it, whatever is changed about them meanwhile; one that joins
   by a selector of the order comes under it too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from signage.faults import Fault, Place, Refused, refuse
from signage.model.screen import Screen
from signage.model.takeover import Takeover
from signage.model.toml.findings import nearest, short
from signage.model.toml.forbidden_characters import forbidden
from signage.model.users import Actor
from signage.schedule import targets
from signage.services.context import Office, Transaction
from signage.services.selectors import named, read_selectors
from signage.store.campaigns import campaigns
from signage.store.screens import screens
from signage.store.takeovers import takeovers

MOST_TEXT, MOST_WHY = 500, 1000
_NUMBERS = range(2, 10_000)


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asks for: exactly one of *text*, *item* (``campaign/item``) and *blank*; an end, or a length."""

    screens: tuple[str, ...]
    why: str
    until: datetime | None = None
    lasts: timedelta | None = None
    text: str | None = None
    item: str | None = None
    blank: bool = False


def start(office: Office, actor: Actor, order: Order) -> Takeover:
    """Start a takeover. Raises Refused with all that is wrong with *order*; nothing was done then."""
    with office.act(actor, "takeover.start", "") as tx:
        until = _end(order, tx.at)
        faults = [*_content(tx, order), *_time(office, tx, until)]
        found: tuple[Screen, ...] = ()
        try:
            found = named([kept.screen for kept in screens.every(tx.connection)], order.screens)
        except Refused as refused:
            faults += refused.faults
        if faults or until is None:
            raise Refused(faults)
        kept = takeovers.start(tx.connection, _takeover(office, tx, actor, order, until), [s.id for s in found])
        tx.object_id = kept.id
        tx.note(order=kept, screens=len(found))
    return kept


def stop(office: Office, actor: Actor, takeover_id: str) -> Takeover:
    """End a takeover now. Raises Refused when there is none of that id, or it is over."""
    with office.act(actor, "takeover.stop", takeover_id) as tx:
        order = takeovers.get(tx.connection, takeover_id)
        now = tx.at.replace(microsecond=0)
        if order is None:
            known = [one.id for one in takeovers.every(tx.connection, now)]
            raise refuse("takeover-unknown", takeover_id, id=short(takeover_id), running=", ".join(known) or "—")
        if order.ends_at <= now:
            raise refuse("takeover-over", takeover_id, id=takeover_id)
        takeovers.stop(tx.connection, takeover_id, now, actor.id)
        tx.note(ordered_until=order.until)
        return takeovers.get(tx.connection, takeover_id) or order


def stop_all(office: Office, actor: Actor) -> tuple[Takeover, ...]:
    """End all takeovers that run; none is no fault."""
    return tuple(stop(office, actor, order.id) for order in running(office))


def running(office: Office) -> tuple[Takeover, ...]:
    """The takeovers that have not ended."""
    with office.store.read() as connection:
        return takeovers.every(connection, office.clock.now())


def every(office: Office) -> tuple[Takeover, ...]:
    """All takeovers that ever were."""
    with office.store.read() as connection:
        return takeovers.every(connection)


def one(office: Office, takeover_id: str) -> Takeover:
    """The takeover of that id. Raises Refused where there is none."""
    with office.store.read() as connection:
        found = takeovers.get(connection, takeover_id)
    if found is None:
        raise refuse("takeover-unknown", takeover_id[:64], id=short(takeover_id), running="—")
    return found


def screens_of(office: Office, takeover_id: str, most: int | None = None) -> list[str]:
    """The screens that a takeover named when it was given, by id; *most*: the first of them."""
    with office.store.read() as connection:
        return takeovers.screens_of(connection, takeover_id, most)


def how_many(office: Office, takeover_id: str) -> int:
    """How many screens a takeover named when it was given."""
    with office.store.read() as connection:
        return takeovers.how_many(connection, takeover_id)


def zone_for(office: Office, words: Iterable[str]) -> ZoneInfo:
    """The zone in which a time without offset is meant: the named screens', where they have one in common."""
    selectors = read_selectors(words)
    with office.store.read() as connection:
        found = {k.screen.timezone for k in screens.every(connection) if targets.matches(selectors, k.screen)}
    return ZoneInfo(found.pop() if len(found) == 1 else office.timezone)


def hold(tx: Transaction, changed: Sequence[Screen]) -> None:
    """Keep *changed* screens under the running orders that named them, although they may match them no more (3)."""
    by_id = {screen.id: screen for screen in changed}
    for takeover_id, ids in takeovers.orders_on(tx.connection, list(by_id), tx.at).items():
        order = takeovers.get(tx.connection, takeover_id)
        if order is not None:
            left = [one for one in ids if not targets.matches(order.screens, by_id[one])]
            if left:
                takeovers.hold(tx.connection, takeover_id, left)
                tx.touch("takeovers")


def _content(tx: Transaction, order: Order) -> list[Fault]:
    faults = []
    if sum((order.text is not None, order.item is not None, order.blank)) != 1:
        faults.append(_fault("takeover-content", "text"))
    if order.text is not None:
        faults += _text("text", order.text, MOST_TEXT)
    if order.item is not None:
        faults += _item(tx, order.item)
    return faults + _text("why", order.why, MOST_WHY)


def _text(key: str, text: str, most: int) -> list[Fault]:
    if not text.strip():
        return [_fault("said-missing", key)]
    if len(text) > most:
        return [_fault("said-too-long", key, most=most, length=len(text))]
    wrong = forbidden(text, lines=True)
    return [_fault("said-forbidden", key, character=wrong[0], place=wrong[1])] if wrong else []


def _item(tx: Transaction, name: str) -> list[Fault]:
    known = campaigns.item_names(tx.connection)
    if name in known:
        return []
    close = nearest(name, known)
    code = "item-unknown" if close is None else "item-unknown-near"
    return [_fault(code, "item", item=short(name), nearest=close)]


def _end(order: Order, at: datetime) -> datetime | None:
    now = at.replace(microsecond=0)
    try:
        until = order.until if order.lasts is None else now + order.lasts
    except OverflowError:
        until = datetime.max.replace(tzinfo=UTC)
    return None if until is None else until.replace(microsecond=0)


def _time(office: Office, tx: Transaction, until: datetime | None) -> list[Fault]:
    if until is None:
        return [_fault("takeover-endless", "until")]
    length = until - tx.at.replace(microsecond=0)
    if length <= timedelta(0):
        return [
            _fault(
                "takeover-ends-before",
                "until",
                until=until.astimezone(ZoneInfo(office.timezone)).isoformat(timespec="seconds"),
            )
        ]
    if length > timedelta(hours=office.takeover.max_h):
        return [_fault("takeover-too-long", "until", most=f"{office.takeover.max_h:g}")]
    return []


def _takeover(office: Office, tx: Transaction, actor: Actor, order: Order, until: datetime) -> Takeover:
    now = tx.at.replace(microsecond=0)
    base = now.astimezone(ZoneInfo(office.timezone)).strftime("t-%Y%m%d-%H%M%S")
    names = (base, *(f"{base}-{n}" for n in _NUMBERS))
    return Takeover(
        id=next(name for name in names if takeovers.get(tx.connection, name) is None),
        number=0,
        screens=read_selectors(order.screens),
        from_=now,
        until=until,
        who=actor.id,
        why=order.why.strip(),
        text=order.text,
        item=order.item,
        blank=order.blank,
    )


def _fault(code: str, key: str, **facts: object) -> Fault:
    return Fault("error", code, Place(key=key), facts)
