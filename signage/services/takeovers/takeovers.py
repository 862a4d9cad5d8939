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
from signage.model.toml.findings import ellipsize, find_closest_match
from signage.model.toml.forbidden_characters import find_forbidden_character
from signage.model.users import Actor
from signage.schedule import targets
from signage.services.context import AppContext, AuditedTransaction
from signage.services.selectors import parse_selectors, select_screens
from signage.store.campaigns import campaigns
from signage.store.screens import screens
from signage.store.takeovers import takeovers

MAX_TEXT_CHARS, MAX_WHY_CHARS = 500, 1000
_ID_SUFFIXES = range(2, 10_000)


@dataclass(frozen=True, slots=True)
class TakeoverRequest:
    """What a person asks for: exactly one of *text*, *item* (``campaign/item``) and *blank*; an end, or a length."""

    screens: tuple[str, ...]
    why: str
    until: datetime | None = None
    duration: timedelta | None = None
    text: str | None = None
    item: str | None = None
    blank: bool = False


def start_takeover(office: AppContext, actor: Actor, order: TakeoverRequest) -> Takeover:
    """Start a takeover. Raises Refused with all that is wrong with *order*; nothing was done then."""
    with office.transaction(actor, "takeover.start", "") as tx:
        until = _resolve_end(order, tx.at)
        faults = [*_check_content(tx, order), *_check_duration(office, tx, until)]
        found: tuple[Screen, ...] = ()
        try:
            found = select_screens([kept.screen for kept in screens.iter_screens(tx.connection)], order.screens)
        except Refused as refused:
            faults += refused.faults
        if faults or until is None:
            raise Refused(faults)
        kept = takeovers.create_takeover(
            tx.connection, _build_takeover(office, tx, actor, order, until), [s.id for s in found]
        )
        tx.object_id = kept.id
        tx.add_details(order=kept, screens=len(found))
    return kept


def stop_takeover(office: AppContext, actor: Actor, takeover_id: str) -> Takeover:
    """End a takeover now. Raises Refused when there is none of that id, or it is over."""
    with office.transaction(actor, "takeover.stop", takeover_id) as tx:
        order = takeovers.get_takeover(tx.connection, takeover_id)
        now = tx.at.replace(microsecond=0)
        if order is None:
            known = [one.id for one in takeovers.list_takeovers(tx.connection, now)]
            raise refuse("takeover-unknown", takeover_id, id=ellipsize(takeover_id), running=", ".join(known) or "—")
        if order.ends_at <= now:
            raise refuse("takeover-over", takeover_id, id=takeover_id)
        takeovers.stop_takeover(tx.connection, takeover_id, now, actor.id)
        tx.add_details(ordered_until=order.until)
        return takeovers.get_takeover(tx.connection, takeover_id) or order


def stop_all_takeovers(office: AppContext, actor: Actor) -> tuple[Takeover, ...]:
    """End all takeovers that run; none is no fault."""
    return tuple(stop_takeover(office, actor, order.id) for order in list_running_takeovers(office))


def list_running_takeovers(office: AppContext) -> tuple[Takeover, ...]:
    """The takeovers that have not ended."""
    with office.store.read() as connection:
        return takeovers.list_takeovers(connection, office.clock.now())


def list_takeovers(office: AppContext) -> tuple[Takeover, ...]:
    """All takeovers that ever were."""
    with office.store.read() as connection:
        return takeovers.list_takeovers(connection)


def get_takeover(office: AppContext, takeover_id: str) -> Takeover:
    """The takeover of that id. Raises Refused where there is none."""
    with office.store.read() as connection:
        found = takeovers.get_takeover(connection, takeover_id)
    if found is None:
        raise refuse("takeover-unknown", takeover_id[:64], id=ellipsize(takeover_id), running="—")
    return found


def list_screens(office: AppContext, takeover_id: str, most: int | None = None) -> list[str]:
    """The screens that a takeover named when it was given, by id; *most*: the first of them."""
    with office.store.read() as connection:
        return takeovers.list_takeover_screens(connection, takeover_id, most)


def count_screens(office: AppContext, takeover_id: str) -> int:
    """How many screens a takeover named when it was given."""
    with office.store.read() as connection:
        return takeovers.count_takeover_screens(connection, takeover_id)


def get_selector_zone(office: AppContext, words: Iterable[str]) -> ZoneInfo:
    """The zone in which a time without offset is meant: the named screens', where they have one in common."""
    selectors = parse_selectors(words)
    with office.store.read() as connection:
        found = {
            k.screen.timezone for k in screens.iter_screens(connection) if targets.matches_screen(selectors, k.screen)
        }
    return ZoneInfo(found.pop() if len(found) == 1 else office.timezone)


def retain_screens(tx: AuditedTransaction, changed: Sequence[Screen]) -> None:
    """Keep *changed* screens under the running orders that named them, although they may match them no more (3)."""
    by_id = {screen.id: screen for screen in changed}
    for takeover_id, ids in takeovers.find_takeovers_on(tx.connection, list(by_id), tx.at).items():
        order = takeovers.get_takeover(tx.connection, takeover_id)
        if order is not None:
            left = [one for one in ids if not targets.matches_screen(order.screens, by_id[one])]
            if left:
                takeovers.pin_screens(tx.connection, takeover_id, left)
                tx.mark_changed("takeovers")


def _check_content(tx: AuditedTransaction, order: TakeoverRequest) -> list[Fault]:
    faults = []
    if sum((order.text is not None, order.item is not None, order.blank)) != 1:
        faults.append(_fault("takeover-content", "text"))
    if order.text is not None:
        faults += _check_text("text", order.text, MAX_TEXT_CHARS)
    if order.item is not None:
        faults += _check_item(tx, order.item)
    return faults + _check_text("why", order.why, MAX_WHY_CHARS)


def _check_text(key: str, text: str, most: int) -> list[Fault]:
    if not text.strip():
        return [_fault("said-missing", key)]
    if len(text) > most:
        return [_fault("said-too-long", key, most=most, length=len(text))]
    wrong = find_forbidden_character(text, multiline=True)
    return [_fault("said-forbidden", key, character=wrong[0], place=wrong[1])] if wrong else []


def _check_item(tx: AuditedTransaction, name: str) -> list[Fault]:
    known = campaigns.list_approved_item_names(tx.connection)
    if name in known:
        return []
    close = find_closest_match(name, known)
    code = "item-unknown" if close is None else "item-unknown-near"
    return [_fault(code, "item", item=ellipsize(name), nearest=close)]


def _resolve_end(order: TakeoverRequest, at: datetime) -> datetime | None:
    now = at.replace(microsecond=0)
    try:
        until = order.until if order.duration is None else now + order.duration
    except OverflowError:
        until = datetime.max.replace(tzinfo=UTC)
    return None if until is None else until.replace(microsecond=0)


def _check_duration(office: AppContext, tx: AuditedTransaction, until: datetime | None) -> list[Fault]:
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


def _build_takeover(
    office: AppContext, tx: AuditedTransaction, actor: Actor, order: TakeoverRequest, until: datetime
) -> Takeover:
    now = tx.at.replace(microsecond=0)
    base = now.astimezone(ZoneInfo(office.timezone)).strftime("t-%Y%m%d-%H%M%S")
    names = (base, *(f"{base}-{n}" for n in _ID_SUFFIXES))
    return Takeover(
        id=next(name for name in names if takeovers.get_takeover(tx.connection, name) is None),
        number=0,
        screens=parse_selectors(order.screens),
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
