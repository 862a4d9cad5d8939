"""The registry of screens: created, updated, revoked, deleted. A token is shown once; only its sha256 is stored."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace

from signage.faults import Fault, FaultLocation, Refused, refuse
from signage.model.ids import normalize_word
from signage.model.screen import Screen
from signage.model.users import Actor
from signage.protocol.status import EnrolmentGrant
from signage.services.context import AppContext, AuditedTransaction, check_governed
from signage.services.publishing import signing_keys
from signage.services.screens.validation import validate_screen
from signage.services.selector_input import select_screens
from signage.services.takeovers import takeovers
from signage.store.screens import heartbeats, screens
from signage.store.screens.screens import ScreenRow
from signage.store.token_hash import hash_token

TOKEN_BYTES = 20
MAX_LOGGED_CHANGES = 200
"""Maximum number of screens whose values before and after are in one audit entry."""
ScreenEntry = tuple[Screen, FaultLocation]
"""A screen and where its values were entered."""


def generate_token() -> str:
    """Generate an unguessable token of letters and digits that every controller's address field accepts."""
    return secrets.token_hex(TOKEN_BYTES)


def create_screen(
    context: AppContext, actor: Actor, screen: Screen, token: str | None = None, verb: str = "screen.add"
) -> EnrolmentGrant:
    """Create one screen. Raises Refused with all its faults; an existing id is one.

    *verb*: ``screen.enrol`` for a screen that is enrolled by its pairing code.
    """
    return create_screens(context, actor, [(screen, FaultLocation())], {screen.id: token} if token else None, verb)[0]


def create_screens(
    context: AppContext,
    actor: Actor,
    entries: Sequence[ScreenEntry],
    tokens: dict[str, str] | None = None,
    verb: str = "screen.add",
) -> list[EnrolmentGrant]:
    """Create all screens of *entries*, or none. Raises Refused with every fault and its location."""
    entries = [(_normalize_words(screen), location) for screen, location in entries]
    faults = [fault for screen, location in entries for fault in validate_screen(screen, context.panels, location)]
    faults += find_duplicates(entries)
    key = signing_keys.get_pinned_key_id(context)
    name = entries[0][0].id if len(entries) == 1 else f"{len(entries)} screens"
    with context.transaction(actor, verb if len(entries) == 1 else "screen.import", name) as tx:
        faults += _find_existing(tx, entries)
        if faults:
            raise Refused(sorted(faults, key=lambda f: f.location.line or 0))
        _check_units(context, tx, actor, [screen for screen, _ in entries])
        grants = [
            EnrolmentGrant(screen.id, (tokens or {}).get(screen.id) or generate_token(), key) for screen, _ in entries
        ]
        screens.create_screens(
            tx.connection,
            ((screen, hash_token(grant.token)) for (screen, _), grant in zip(entries, grants, strict=True)),
            tx.at,
        )
        _log_created(tx, [screen for screen, _ in entries])
    return grants


def update_screens(
    context: AppContext, actor: Actor, selectors: Iterable[str], edit: Callable[[Screen], Screen]
) -> tuple[Screen, ...]:
    """Apply *edit* to all screens that *selectors* (or ids, patterns) match; returns those that changed."""
    selectors = tuple(selectors)
    with context.transaction(actor, "screen.set", " ".join(selectors)) as tx:
        known = [row.screen for row in screens.iter_screens(tx.connection)]
        before = select_screens(known, selectors, context.kind_labels)
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
        _check_units(context, tx, actor, [*(old for old, new in pairs if new != old), *changed])
        screens.update_screens(tx.connection, changed, tx.at)
        takeovers.retain_screens(tx, changed)
        _log_changes(tx, pairs)
    return changed


def replace_screens(context: AppContext, actor: Actor, entries: Sequence[ScreenEntry]) -> tuple[int, int]:
    """Set the values of existing screens to *entries*; returns how many there are and how many changed."""
    entries = [(_normalize_words(screen), location) for screen, location in entries]
    faults = [fault for screen, location in entries for fault in validate_screen(screen, context.panels, location)]
    faults += find_duplicates(entries)
    with context.transaction(actor, "screen.import", f"{len(entries)} screens", update=True) as tx:
        existing = {row.screen.id: row.screen for row in screens.iter_screens(tx.connection)}
        faults += [_fault("screen-unknown", s.id, location) for s, location in entries if s.id not in existing]
        if faults:
            raise Refused(sorted(faults, key=lambda f: f.location.line or 0))
        changed = [screen for screen, _ in entries if existing[screen.id] != screen]
        if not changed:
            tx.mark_unchanged()
        _check_units(context, tx, actor, [*(existing[screen.id] for screen in changed), *changed])
        screens.update_screens(tx.connection, changed, tx.at)
        takeovers.retain_screens(tx, changed)
        _log_changes(tx, [(existing[screen.id], screen) for screen in changed])
    return len(entries), len(changed)


def issue_token(context: AppContext, actor: Actor, screen_id: str, token: str | None = None) -> EnrolmentGrant:
    """Issue a new token for a screen; the old one becomes invalid, a revocation ends. Raises Refused."""
    key, token = signing_keys.get_pinned_key_id(context), token or generate_token()
    with context.transaction(actor, "screen.token", screen_id) as tx:
        _check_units(context, tx, actor, [_get_screen(tx, screen_id).screen])
        screens.set_token(tx.connection, screen_id, hash_token(token), tx.at)
    return EnrolmentGrant(screen_id, token, key)


def revoke_screen(context: AppContext, actor: Actor, screen_id: str) -> None:
    """Revoke a screen: its token is refused (403), the screen itself stays. Raises Refused."""
    with context.transaction(actor, "screen.revoke", screen_id) as tx:
        row = _get_screen(tx, screen_id)
        _check_units(context, tx, actor, [row.screen])
        if row.revoked_at is not None:
            tx.mark_unchanged()
            return
        screens.revoke_screen(tx.connection, screen_id, tx.at)


def delete_screen(context: AppContext, actor: Actor, screen_id: str) -> None:
    """Delete a screen; its plays stay, and its playlist serials are never used again. Raises Refused."""
    with context.transaction(actor, "screen.remove", screen_id) as tx:
        row = _get_screen(tx, screen_id)
        _check_units(context, tx, actor, [row.screen])
        screens.delete_screen(tx.connection, screen_id)
        heartbeats.delete_heartbeat(tx.connection, screen_id)
        tx.add_details(kind=row.screen.kind, panel=row.screen.panel)


def _normalize_words(screen: Screen) -> Screen:
    groups, tags = (tuple(dict.fromkeys(map(normalize_word, words))) for words in (screen.groups, screen.tags))
    unit = None if screen.unit is None else normalize_word(screen.unit)
    return replace(screen, groups=groups, tags=tags, unit=unit)


def _check_units(context: AppContext, tx: AuditedTransaction, actor: Actor, edited: Iterable[Screen]) -> None:
    for unit, name in {screen.unit: screen.id for screen in edited}.items():
        check_governed(context, tx, actor, unit, name)


def _get_screen(tx: AuditedTransaction, screen_id: str) -> ScreenRow:
    row = screens.get_screen(tx.connection, screen_id)
    if row is None:
        raise refuse("screen-unknown", screen_id, screen=screen_id)
    return row


def find_duplicates(entries: Sequence[ScreenEntry]) -> list[Fault]:
    """Return a fault for each repeated id."""
    first: dict[str, FaultLocation] = {}
    faults = []
    for screen, location in entries:
        if screen.id in first:
            where = first[screen.id].line
            faults.append(Fault("error", "screen-twice", location, {"screen": screen.id, "first": where}))
        first.setdefault(screen.id, location)
    return faults


def _find_existing(tx: AuditedTransaction, entries: Sequence[ScreenEntry]) -> list[Fault]:
    if len(entries) == 1:
        existing = {entries[0][0].id} if screens.get_screen(tx.connection, entries[0][0].id) else set()
    else:
        existing = set(screens.list_screen_ids(tx.connection))
    return [_fault("screen-exists", screen.id, location) for screen, location in entries if screen.id in existing]


def _fault(code: str, screen_id: str, location: FaultLocation) -> Fault:
    return Fault(
        "error", code, FaultLocation(location.file, location.line, location.key or "id"), {"screen": screen_id}
    )


def _log_created(tx: AuditedTransaction, changed: Sequence[Screen]) -> None:
    if len(changed) == 1:
        tx.add_details(screen=changed[0])
    else:
        tx.add_details(count=len(changed), screens=[screen.id for screen in changed])


def _log_changes(tx: AuditedTransaction, pairs: Iterable[tuple[Screen, Screen]]) -> None:
    """Add the changed values before and after to the audit entry, for up to ``MAX_LOGGED_CHANGES`` screens."""
    changed = [(old, new) for old, new in pairs if old != new]
    values = [_get_changed_values(old, new) for old, new in changed[:MAX_LOGGED_CHANGES]]
    if not changed:
        return
    if len(changed) == 1:
        tx.add_details(before=values[0][0], after=values[0][1])
        return
    tx.add_details(count=len(changed), screens=[new.id for _, new in changed])
    tx.add_details(keys=sorted({name for old, new in changed for name in _list_changed_fields(old, new)}))
    tx.add_details(before={new.id: old for (_, new), (old, _) in zip(changed, values, strict=False)})
    after = [new_values for _, new_values in values]
    if all(new_values == after[0] for new_values in after):
        tx.add_details(after=after[0])
    else:
        tx.add_details(after={new.id: new_values for (_, new), new_values in zip(changed, after, strict=False)})


def _list_changed_fields(old: Screen, new: Screen) -> list[str]:
    return [field.name for field in fields(Screen) if getattr(old, field.name) != getattr(new, field.name)]


def _get_changed_values(old: Screen, new: Screen) -> tuple[dict[str, object], dict[str, object]]:
    names = _list_changed_fields(old, new)
    return {name: getattr(old, name) for name in names}, {name: getattr(new, name) for name in names}
