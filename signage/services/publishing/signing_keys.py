"""Signing keys: the first is made when it is needed; a change goes through a time in which two sign."""

from signage.faults import refuse
from signage.model.users import SYSTEM, Actor
from signage.services.context import Office, Transaction
from signage.store import signing_keys as keys
from signage.store.signing_keys import PLAYLISTS, SigningKey


def signing_keys(office: Office, purpose: str = PLAYLISTS) -> tuple[SigningKey, ...]:
    """The keys that sign now, the oldest first; one is made where there is none."""
    with office.store.read() as connection:
        found = keys.active(connection, purpose)
    if found:
        return found
    with office.act(SYSTEM, "key.make", purpose) as tx:
        found = keys.active(tx.connection, purpose)
        if found:  # another process was quicker
            tx.unchanged()
            return found
        return (_make(tx, purpose),)


def pin(office: Office) -> str:
    """The KEYID that a new screen is told: the newest key's, which will sign for longest."""
    return signing_keys(office)[-1].id


def rotate(office: Office, actor: Actor, purpose: str = PLAYLISTS) -> SigningKey:
    """Make a further key; the old ones go on signing beside it until they are retired."""
    with office.act(actor, "key.rotate", purpose) as tx:
        return _make(tx, purpose)


def retire(office: Office, actor: Actor, key_id: str, purpose: str = PLAYLISTS) -> None:
    """Let a key sign no more. Raises Refused when it is not in use, or is the only one."""
    with office.act(actor, "key.retire", key_id) as tx:
        active = [key.id for key in keys.active(tx.connection, purpose)]
        if key_id not in active:
            raise refuse("signing-key-unknown", key_id, id=key_id)
        if len(active) == 1:
            raise refuse("key-last", key_id, id=key_id)
        keys.retire(tx.connection, key_id, tx.at)


def _make(tx: Transaction, purpose: str) -> SigningKey:
    key = keys.make(tx.connection, tx.at, purpose)
    tx.note(key=key.id)
    return key
