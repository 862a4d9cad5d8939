"""Signing keys: the first is created on demand; during a rotation two keys sign."""

from signage.faults import refuse
from signage.model.users import SYSTEM_ACTOR, Actor
from signage.services.context import AppContext, AuditedTransaction
from signage.store import signing_keys
from signage.store.signing_keys import PLAYLIST_PURPOSE, SigningKey


def get_signing_keys(context: AppContext, purpose: str = PLAYLIST_PURPOSE) -> tuple[SigningKey, ...]:
    """Return the active keys, the oldest first; creates one where there is none."""
    with context.store.read() as connection:
        keys = signing_keys.list_active_keys(connection, purpose)
    if keys:
        return keys
    with context.transaction(SYSTEM_ACTOR, "key.make", purpose) as tx:
        keys = signing_keys.list_active_keys(tx.connection, purpose)
        if keys:  # another process created one
            tx.mark_unchanged()
            return keys
        return (_create_key(tx, purpose),)


def get_pinned_key_id(context: AppContext) -> str:
    """Return the KEYID that a new screen pins: that of the newest key, which will sign the longest."""
    return get_signing_keys(context)[-1].id


def rotate_signing_key(context: AppContext, actor: Actor, purpose: str = PLAYLIST_PURPOSE) -> SigningKey:
    """Create another key; the old keys continue to sign until they are retired."""
    with context.transaction(actor, "key.rotate", purpose) as tx:
        return _create_key(tx, purpose)


def retire_signing_key(context: AppContext, actor: Actor, key_id: str, purpose: str = PLAYLIST_PURPOSE) -> None:
    """Retire a key. Raises Refused: it is not active, or is the only one."""
    with context.transaction(actor, "key.retire", key_id) as tx:
        active = [key.id for key in signing_keys.list_active_keys(tx.connection, purpose)]
        if key_id not in active:
            raise refuse("signing-key-unknown", key_id, id=key_id)
        if len(active) == 1:
            raise refuse("key-last", key_id, id=key_id)
        signing_keys.retire_key(tx.connection, key_id, tx.at)


def _create_key(tx: AuditedTransaction, purpose: str) -> SigningKey:
    key = signing_keys.create_key(tx.connection, tx.at, purpose)
    tx.add_details(key=key.id)
    return key
