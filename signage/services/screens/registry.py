"""Screens: enrolled, changed, revoked, removed. A token is shown once; only its sha256 is kept."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields

from signage.faults import Fault, Place, Refused, refuse
from signage.model.screen import Screen
from signage.model.users import Actor
from signage.protocol.status import Enrolled
from signage.services.context import Office, Transaction
from signage.services.publishing import signing_keys as keys
from signage.services.screens.validation import faults_of
from signage.services.selectors import named
from signage.services.takeovers import takeovers
from signage.services.units import check_unit
from signage.store.screens import heartbeats as contacts
from signage.store.screens import screens
from signage.store.screens.screens import Kept, digest

TOKEN_BYTES = 20
MOST_TOLD = 200
"""Of how many screens an entry of the log tells what they were before."""
Entry = tuple[Screen, Place]
"""A screen and where it was written."""


def new_token() -> str:
    """A token that nobody can guess, of letters and digits that survive any controller's address field."""
    return secrets.token_hex(TOKEN_BYTES)


def add(office: Office, actor: Actor, screen: Screen, token: str | None = None, verb: str = "screen.add") -> Enrolled:
    """Enrol one screen. Raises Refused with all that is wrong with it; an id that exists is refused.

    *verb*: ``screen.enrol`` where it is let in by the code that it shows.
    """
    return add_many(office, actor, [(screen, Place())], {screen.id: token} if token else None, verb)[0]


def add_many(
    office: Office,
    actor: Actor,
    entries: Sequence[Entry],
    tokens: dict[str, str] | None = None,
    verb: str = "screen.add",
) -> list[Enrolled]:
    """Enrol all of *entries*, or none: Refused lists every fault with its place."""
    faults = [fault for screen, place in entries for fault in faults_of(screen, office.panels, place)]
    faults += twice(entries)
    key = keys.pin(office)
    name = entries[0][0].id if len(entries) == 1 else f"{len(entries)} screens"
    with office.act(actor, verb if len(entries) == 1 else "screen.import", name) as tx:
        faults += _there(tx, entries)
        if faults:
            raise Refused(sorted(faults, key=lambda f: f.place.line or 0))
        _check_units(actor, [screen for screen, _ in entries])
        made = [Enrolled(screen.id, (tokens or {}).get(screen.id) or new_token(), key) for screen, _ in entries]
        screens.add(
            tx.connection,
            ((screen, digest(one.token)) for (screen, _), one in zip(entries, made, strict=True)),
            tx.at,
        )
        _note(tx, [screen for screen, _ in entries])
    return made


def change(office: Office, actor: Actor, words: Iterable[str], edit: Callable[[Screen], Screen]) -> tuple[Screen, ...]:
    """Change the facts of all screens that *words* (ids, patterns, selectors) name; returns those that changed."""
    selectors = tuple(words)
    with office.act(actor, "screen.set", " ".join(selectors)) as tx:
        before = named([kept.screen for kept in screens.every(tx.connection)], selectors)
        pairs = [(old, edit(old)) for old in before]
        changed = tuple(new for old, new in pairs if new != old)
        faults = [fault for screen in changed for fault in faults_of(screen, office.panels, Place(file=screen.id))]
        if faults:
            raise Refused(faults)
        if not changed:
            tx.unchanged()
        _check_units(actor, [*(old for old, new in pairs if new != old), *changed])
        screens.change(tx.connection, changed, tx.at)
        takeovers.hold(tx, changed)
        _note_changes(tx, pairs)
    return changed


def put_many(office: Office, actor: Actor, entries: Sequence[Entry]) -> tuple[int, int]:
    """Set the facts of screens that are there to those of *entries*: how many there are, how many changed."""
    faults = [fault for screen, place in entries for fault in faults_of(screen, office.panels, place)]
    faults += twice(entries)
    with office.act(actor, "screen.import", f"{len(entries)} screens", update=True) as tx:
        there = {kept.screen.id: kept.screen for kept in screens.every(tx.connection)}
        faults += [_fault("screen-unknown", s.id, place) for s, place in entries if s.id not in there]
        if faults:
            raise Refused(sorted(faults, key=lambda f: f.place.line or 0))
        changed = [screen for screen, _ in entries if there[screen.id] != screen]
        if not changed:
            tx.unchanged()
        _check_units(actor, [*(there[screen.id] for screen in changed), *changed])
        screens.change(tx.connection, changed, tx.at)
        takeovers.hold(tx, changed)
        _note_changes(tx, [(there[screen.id], screen) for screen in changed])
    return len(entries), len(changed)


def give_token(office: Office, actor: Actor, screen_id: str, token: str | None = None) -> Enrolled:
    """A new token for a screen that is there: the old one is known no more, a revocation is over."""
    key, token = keys.pin(office), token or new_token()
    with office.act(actor, "screen.token", screen_id) as tx:
        _check_units(actor, [_must_be_there(tx, screen_id).screen])
        screens.set_token(tx.connection, screen_id, digest(token), tx.at)
    return Enrolled(screen_id, token, key)


def revoke(office: Office, actor: Actor, screen_id: str) -> None:
    """From now on the screen's token is refused (403); the screen and its facts stay."""
    with office.act(actor, "screen.revoke", screen_id) as tx:
        kept = _must_be_there(tx, screen_id)
        _check_units(actor, [kept.screen])
        if kept.revoked_at is not None:
            tx.unchanged()
            return
        screens.revoke(tx.connection, screen_id, tx.at)


def remove(office: Office, actor: Actor, screen_id: str) -> None:
    """Take a screen out of the office; its plays stay, its serials are kept in mind."""
    with office.act(actor, "screen.remove", screen_id) as tx:
        kept = _must_be_there(tx, screen_id)
        _check_units(actor, [kept.screen])
        screens.remove(tx.connection, screen_id)
        contacts.forget(tx.connection, screen_id)
        tx.note(kind=kept.screen.kind, panel=kept.screen.panel)


def _check_units(actor: Actor, touched: Iterable[Screen]) -> None:
    for screen in touched:
        check_unit(actor, screen.unit, screen.id)


def _must_be_there(tx: Transaction, screen_id: str) -> Kept:
    kept = screens.get(tx.connection, screen_id)
    if kept is None:
        raise refuse("screen-unknown", screen_id, screen=screen_id)
    return kept


def twice(entries: Sequence[Entry]) -> list[Fault]:
    """What is wrong with ids that are written more than once."""
    first: dict[str, Place] = {}
    faults = []
    for screen, place in entries:
        if screen.id in first:
            where = first[screen.id].line
            faults.append(Fault("error", "screen-twice", place, {"screen": screen.id, "first": where}))
        first.setdefault(screen.id, place)
    return faults


def _there(tx: Transaction, entries: Sequence[Entry]) -> list[Fault]:
    if len(entries) == 1:
        there = {entries[0][0].id} if screens.get(tx.connection, entries[0][0].id) else set()
    else:
        there = set(screens.ids(tx.connection))
    return [_fault("screen-exists", screen.id, place) for screen, place in entries if screen.id in there]


def _fault(code: str, screen_id: str, place: Place) -> Fault:
    return Fault("error", code, Place(place.file, place.line, place.key or "id"), {"screen": screen_id})


def _note(tx: Transaction, changed: Sequence[Screen]) -> None:
    if len(changed) == 1:
        tx.note(screen=changed[0])
    else:
        tx.note(count=len(changed), screens=[screen.id for screen in changed])


def _note_changes(tx: Transaction, pairs: Iterable[tuple[Screen, Screen]]) -> None:
    """What was there and what is there now, of the facts that changed; of more than ``MOST_TOLD`` screens the ids."""
    changed = [(old, new) for old, new in pairs if old != new]
    told = [_told(old, new) for old, new in changed[:MOST_TOLD]]
    if not changed:
        return
    if len(changed) == 1:
        tx.note(before=told[0][0], after=told[0][1])
        return
    tx.note(count=len(changed), screens=[new.id for _, new in changed])
    tx.note(keys=sorted({name for old, new in changed for name in _differing(old, new)}))
    tx.note(before={new.id: old for (_, new), (old, _) in zip(changed, told, strict=False)})
    after = [now for _, now in told]
    if all(now == after[0] for now in after):
        tx.note(after=after[0])
    else:
        tx.note(after={new.id: now for (_, new), now in zip(changed, after, strict=False)})


def _differing(old: Screen, new: Screen) -> list[str]:
    return [one.name for one in fields(Screen) if getattr(old, one.name) != getattr(new, one.name)]


def _told(old: Screen, new: Screen) -> tuple[dict[str, object], dict[str, object]]:
    names = _differing(old, new)
    return {name: getattr(old, name) for name in names}, {name: getattr(new, name) for name in names}
