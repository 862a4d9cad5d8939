"""Screens: enrolled, changed, revoked, removed. A token is shown once; only its sha256 is kept."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace

from signage.faults import Fault, FaultLocation, Refused, refuse
from signage.model.ids import normalize_word
from signage.model.screen import Screen
from signage.model.users import Actor
from signage.protocol.status import EnrolmentGrant
from signage.services.context import AppContext, AuditedTransaction, check_unit
from signage.services.publishing import signing_keys
from signage.services.screens.validation import validate_screen
from signage.services.selectors import select_screens
from signage.services.takeovers import takeovers
from signage.store.screens import heartbeats, screens
from signage.store.screens.screens import ScreenRow
from signage.store.token_hash import hash_token

TOKEN_BYTES = 20
MAX_LOGGED_CHANGES = 200
"""Of how many screens an entry of the log tells what they were before."""
ScreenEntry = tuple[Screen, FaultLocation]
"""A screen and where it was written."""


def generate_token() -> str:
    """A token that nobody can guess, of letters and digits that survive any controller's address field."""
    return secrets.token_hex(TOKEN_BYTES)


def create_screen(
    context: AppContext, actor: Actor, screen: Screen, token: str | None = None, verb: str = "screen.add"
) -> EnrolmentGrant:
    """Enrol one screen. Raises Refused with all that is wrong with it; an id that exists is refused.

    *verb*: ``screen.enrol`` where it is let in by the code that it shows.
    """
    return create_screens(context, actor, [(screen, FaultLocation())], {screen.id: token} if token else None, verb)[0]


def create_screens(
    context: AppContext,
    actor: Actor,
    entries: Sequence[ScreenEntry],
    tokens: dict[str, str] | None = None,
    verb: str = "screen.add",
) -> list[EnrolmentGrant]:
    """Enrol all of *entries*, or none: Refused lists every fault with its place."""
    entries = [(_normalize_words(screen), place) for screen, place in entries]
    faults = [fault for screen, place in entries for fault in validate_screen(screen, context.panels, place)]
    faults += find_duplicates(entries)
    key = signing_keys.get_pinned_key_id(context)
    name = entries[0][0].id if len(entries) == 1 else f"{len(entries)} screens"
    with context.transaction(actor, verb if len(entries) == 1 else "screen.import", name) as tx:
        faults += _find_existing(tx, entries)
        if faults:
            raise Refused(sorted(faults, key=lambda f: f.location.line or 0))
        _check_units(actor, [screen for screen, _ in entries])
        made = [
            EnrolmentGrant(screen.id, (tokens or {}).get(screen.id) or generate_token(), key) for screen, _ in entries
        ]
        screens.create_screens(
            tx.connection,
            ((screen, hash_token(one.token)) for (screen, _), one in zip(entries, made, strict=True)),
            tx.at,
        )
        _log_created(tx, [screen for screen, _ in entries])
    return made


def update_screens(
    context: AppContext, actor: Actor, words: Iterable[str], edit: Callable[[Screen], Screen]
) -> tuple[Screen, ...]:
    """Change the facts of all screens that *words* (ids, patterns, selectors) name; returns those that changed."""
    selectors = tuple(words)
    with context.transaction(actor, "screen.set", " ".join(selectors)) as tx:
        before = select_screens([kept.screen for kept in screens.iter_screens(tx.connection)], selectors)
        pairs = [(old, _normalize_words(edit(old))) for old in before]
        changed = tuple(new for old, new in pairs if new != old)
        faults = [
            fault
            for screen in changed
            for fault in validate_screen(screen, context.panels, FaultLocation(file=screen.id))
        ]
        if faults:
            raise Refused(faults)
        if not changed:
            tx.mark_unchanged()
        _check_units(actor, [*(old for old, new in pairs if new != old), *changed])
        screens.update_screens(tx.connection, changed, tx.at)
        takeovers.retain_screens(tx, changed)
        _log_changes(tx, pairs)
    return changed


def replace_screens(context: AppContext, actor: Actor, entries: Sequence[ScreenEntry]) -> tuple[int, int]:
    """Set the facts of screens that are there to those of *entries*: how many there are, how many changed."""
    entries = [(_normalize_words(screen), place) for screen, place in entries]
    faults = [fault for screen, place in entries for fault in validate_screen(screen, context.panels, place)]
    faults += find_duplicates(entries)
    with context.transaction(actor, "screen.import", f"{len(entries)} screens", update=True) as tx:
        there = {kept.screen.id: kept.screen for kept in screens.iter_screens(tx.connection)}
        faults += [_fault("screen-unknown", s.id, place) for s, place in entries if s.id not in there]
        if faults:
            raise Refused(sorted(faults, key=lambda f: f.location.line or 0))
        changed = [screen for screen, _ in entries if there[screen.id] != screen]
        if not changed:
            tx.mark_unchanged()
        _check_units(actor, [*(there[screen.id] for screen in changed), *changed])
        screens.update_screens(tx.connection, changed, tx.at)
        takeovers.retain_screens(tx, changed)
        _log_changes(tx, [(there[screen.id], screen) for screen in changed])
    return len(entries), len(changed)


def issue_token(context: AppContext, actor: Actor, screen_id: str, token: str | None = None) -> EnrolmentGrant:
    """A new token for a screen that is there: the old one is known no more, a revocation is over."""
    key, token = signing_keys.get_pinned_key_id(context), token or generate_token()
    with context.transaction(actor, "screen.token", screen_id) as tx:
        _check_units(actor, [_get_screen(tx, screen_id).screen])
        screens.set_token(tx.connection, screen_id, hash_token(token), tx.at)
    return EnrolmentGrant(screen_id, token, key)


def revoke_screen(context: AppContext, actor: Actor, screen_id: str) -> None:
    """From now on the screen's token is refused (403); the screen and its facts stay."""
    with context.transaction(actor, "screen.revoke", screen_id) as tx:
        kept = _get_screen(tx, screen_id)
        _check_units(actor, [kept.screen])
        if kept.revoked_at is not None:
            tx.mark_unchanged()
            return
        screens.revoke_screen(tx.connection, screen_id, tx.at)


def delete_screen(context: AppContext, actor: Actor, screen_id: str) -> None:
    """Take a screen out of the context; its plays stay, its serials are kept in mind."""
    with context.transaction(actor, "screen.remove", screen_id) as tx:
        kept = _get_screen(tx, screen_id)
        _check_units(actor, [kept.screen])
        screens.delete_screen(tx.connection, screen_id)
        heartbeats.delete_heartbeat(tx.connection, screen_id)
        tx.add_details(kind=kept.screen.kind, panel=kept.screen.panel)


def _normalize_words(screen: Screen) -> Screen:
    groups, tags = (tuple(dict.fromkeys(map(normalize_word, words))) for words in (screen.groups, screen.tags))
    unit = None if screen.unit is None else normalize_word(screen.unit)
    return replace(screen, groups=groups, tags=tags, unit=unit)


def _check_units(actor: Actor, touched: Iterable[Screen]) -> None:
    for screen in touched:
        check_unit(actor, screen.unit, screen.id)


def _get_screen(tx: AuditedTransaction, screen_id: str) -> ScreenRow:
    kept = screens.get_screen(tx.connection, screen_id)
    if kept is None:
        raise refuse("screen-unknown", screen_id, screen=screen_id)
    return kept


def find_duplicates(entries: Sequence[ScreenEntry]) -> list[Fault]:
    """What is wrong with ids that are written more than once."""
    first: dict[str, FaultLocation] = {}
    faults = []
    for screen, place in entries:
        if screen.id in first:
            where = first[screen.id].line
            faults.append(Fault("error", "screen-twice", place, {"screen": screen.id, "first": where}))
        first.setdefault(screen.id, place)
    return faults


def _find_existing(tx: AuditedTransaction, entries: Sequence[ScreenEntry]) -> list[Fault]:
    if len(entries) == 1:
        there = {entries[0][0].id} if screens.get_screen(tx.connection, entries[0][0].id) else set()
    else:
        there = set(screens.list_screen_ids(tx.connection))
    return [_fault("screen-exists", screen.id, place) for screen, place in entries if screen.id in there]


def _fault(code: str, screen_id: str, place: FaultLocation) -> Fault:
    return Fault("error", code, FaultLocation(place.file, place.line, place.key or "id"), {"screen": screen_id})


def _log_created(tx: AuditedTransaction, changed: Sequence[Screen]) -> None:
    if len(changed) == 1:
        tx.add_details(screen=changed[0])
    else:
        tx.add_details(count=len(changed), screens=[screen.id for screen in changed])


def _log_changes(tx: AuditedTransaction, pairs: Iterable[tuple[Screen, Screen]]) -> None:
    """What was there and what is there now, of the facts that changed; of more than ``MOST_TOLD`` screens the ids."""
    changed = [(old, new) for old, new in pairs if old != new]
    told = [_get_changed_values(old, new) for old, new in changed[:MAX_LOGGED_CHANGES]]
    if not changed:
        return
    if len(changed) == 1:
        tx.add_details(before=told[0][0], after=told[0][1])
        return
    tx.add_details(count=len(changed), screens=[new.id for _, new in changed])
    tx.add_details(keys=sorted({name for old, new in changed for name in _list_changed_fields(old, new)}))
    tx.add_details(before={new.id: old for (_, new), (old, _) in zip(changed, told, strict=False)})
    after = [now for _, now in told]
    if all(now == after[0] for now in after):
        tx.add_details(after=after[0])
    else:
        tx.add_details(after={new.id: now for (_, new), now in zip(changed, after, strict=False)})


def _list_changed_fields(old: Screen, new: Screen) -> list[str]:
    return [one.name for one in fields(Screen) if getattr(old, one.name) != getattr(new, one.name)]


def _get_changed_values(old: Screen, new: Screen) -> tuple[dict[str, object], dict[str, object]]:
    names = _list_changed_fields(old, new)
    return {name: getattr(old, name) for name in names}, {name: getattr(new, name) for name in names}
