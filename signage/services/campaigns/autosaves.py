"""Autosaves: the campaign form that a user has not finished, stored so that nothing typed is lost.

1. An autosave may be incomplete, and nothing of it shows: the audit log begins with the version that is saved from it.
2. Only its owner reads and changes it.
3. Of two open pages that change one form, the later is refused: it has not seen what the first one wrote.
4. A discarded form can be restored for a day.
"""

from datetime import timedelta

from signage.faults import refuse
from signage.model.users import Actor
from signage.services.context import AppContext
from signage.store.campaigns import autosaves
from signage.store.campaigns.autosaves import AutosaveRow, FormFields
from signage.store.engine import Connection

__all__ = ["AutosaveRow", "FormFields"]

RESTORE_PERIOD = timedelta(days=1)
MAX_AUTOSAVES = 100
"""Unfinished forms of one user; beyond, the oldest are deleted."""
_VERB = "campaign.save"
_MAX_NUMBER = 1 << 31


def create_autosave(
    context: AppContext, actor: Actor, fields: FormFields, campaign: str | None = None, based_on: int | None = None
) -> AutosaveRow:
    """Store a new unfinished form. *campaign*, *based_on*: the campaign and version that it changes."""
    context.check_permission(actor, _VERB, campaign or "")
    now = context.clock.now()
    with context.store.write() as connection:
        _delete_old_autosaves(context, connection, actor.id)
        number = autosaves.create_autosave(connection, actor.id, campaign, based_on, fields, now)
        return _require_autosave(connection, actor, number)


def update_autosave(
    context: AppContext, actor: Actor, number: int, revision: int, fields: FormFields, based_on: int | None
) -> AutosaveRow:
    """Store the fields as the next revision. Raises Refused: not the actor's, or changed since *revision* (3)."""
    context.check_permission(actor, _VERB, "")
    with context.store.write() as connection:
        row = _require_autosave(connection, actor, number)
        if dict(row.fields) == dict(fields) and row.revision == revision and row.based_on == based_on:
            return row
        if not autosaves.update_autosave(connection, number, revision, based_on, fields, context.clock.now()):
            raise refuse("form-overtaken")
        return _require_autosave(connection, actor, number)


def get_autosave(context: AppContext, actor: Actor, number: int) -> AutosaveRow:
    """Return an unfinished form. Raises Refused: there is none of the actor's with that number."""
    with context.store.read() as connection:
        return _require_autosave(connection, actor, number)


def find_autosave(context: AppContext, actor: Actor, campaign: str) -> AutosaveRow | None:
    """Return the actor's unfinished change of *campaign*, if there is one."""
    return next((row for row in list_autosaves(context, actor) if row.campaign == campaign), None)


def list_autosaves(context: AppContext, actor: Actor, discarded: bool = False) -> list[AutosaveRow]:
    """List the actor's unfinished forms, the last changed first; *discarded*: those that can be restored (4)."""
    with context.store.read() as connection:
        rows = autosaves.list_autosaves(connection, actor.id)
    oldest = context.clock.now() - RESTORE_PERIOD
    if discarded:
        return [row for row in rows if row.discarded_at is not None and row.discarded_at > oldest]
    return [row for row in rows if row.discarded_at is None]


def discard_autosave(context: AppContext, actor: Actor, number: int) -> None:
    """Discard an unfinished form (4)."""
    with context.store.write() as connection:
        _require_autosave(connection, actor, number)
        autosaves.set_discarded(connection, number, context.clock.now())


def restore_autosave(context: AppContext, actor: Actor, number: int) -> None:
    """Restore a discarded form."""
    with context.store.write() as connection:
        _require_autosave(connection, actor, number)
        autosaves.set_discarded(connection, number, None)


def delete_autosave(context: AppContext, actor: Actor, number: int) -> None:
    """Delete a form whose campaign is saved; nothing happens where it is gone."""
    with context.store.write() as connection:
        row = autosaves.get_autosave(connection, number)
        if row is not None and row.owner == actor.id:
            autosaves.delete_autosave(connection, number)


def _require_autosave(connection: Connection, actor: Actor, number: int) -> AutosaveRow:
    row = autosaves.get_autosave(connection, number) if number < _MAX_NUMBER else None
    if row is None or row.owner != actor.id:
        raise refuse("form-gone")
    return row


def _delete_old_autosaves(context: AppContext, connection: Connection, owner: str) -> None:
    rows = autosaves.list_autosaves(connection, owner)
    oldest = context.clock.now() - RESTORE_PERIOD
    for number, row in enumerate(rows, 1):
        is_expired = row.discarded_at is not None and row.discarded_at <= oldest
        if is_expired or number >= MAX_AUTOSAVES:
            autosaves.delete_autosave(connection, row.number)
