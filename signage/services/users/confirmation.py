"""A second person confirms that an account is really the person it names; from then on it is in nobody's hands.

1. Who confirms holds ``approver`` or ``admin``, governs the account's unit, and could not be the same person as the
   account: neither let the other in, and nobody has a hand in both (``hands``).
2. At the machine itself it always may be done.
3. An account for which nobody set a password is nobody yet. What else lets in (sessions, links, tokens, passkeys)
   ends by the confirmation: it may not be the person's own; nor may what the account did in review (``hands``).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from signage.faults import Fault, FaultLocation, Refused
from signage.model import permissions as duties
from signage.model.users import Actor
from signage.services.context import AppContext, AuditedTransaction
from signage.services.users import account_control as hands
from signage.services.users import accounts as people
from signage.store.users import account_control as kept
from signage.store.users import users as accounts
from signage.store.users.users import UserRow


@dataclass(frozen=True, slots=True)
class PendingConfirmation:
    """An account that waits for its confirmation, and in whose hands it is."""

    account: UserRow
    controllers: tuple[str, ...]


def confirm_account(office: AppContext, actor: Actor, person_id: str) -> None:
    """Confirm that *person_id* is really the person it names. Raises Refused where *actor* is none to do so."""
    with office.transaction(actor, "user.confirm", person_id) as tx:
        account = people.get_enabled_account(tx, person_id)
        people.check_may_manage(actor, account.user)
        if not kept.find_controllers(tx.connection, person_id):
            tx.mark_unchanged()
            return
        fault = _find_fault(tx, actor, account)
        if fault is not None:
            raise Refused([fault])
        hands.clear_controllers(tx, person_id)


def _find_fault(tx: AuditedTransaction, actor: Actor, account: UserRow) -> Fault | None:
    person_id = account.user.id
    if account.password_hash is None:
        return Fault("error", "confirm-invited", FaultLocation(key=person_id), {"user": person_id})
    hand = _find_shared_operator(actor, person_id, kept.find_all_controllers(tx.connection))
    if hand is None:
        return None
    return Fault(
        "error", "confirm-own", FaultLocation(key=person_id), {"user": person_id, "who": actor.id, "hand": hand}
    )


def _find_shared_operator(actor: Actor, person_id: str, by: Mapping[str, set[str]]) -> str | None:
    """Who could be both *actor* and the account; None where nobody could."""
    if actor.channel not in hands.HUMAN_CHANNELS:
        return None
    both = ({actor.id} | by.get(actor.id, set())) & ({person_id} | by.get(person_id, set()))
    return min(both - {person_id}, default=person_id) if both else None


def list_controllers(office: AppContext, person_id: str) -> tuple[str, ...]:
    """In whose hands an account is; nobody's: none, or confirmed."""
    with office.store.read() as connection:
        return tuple(sorted(kept.find_controllers(connection, person_id)))


def list_all_controllers(office: AppContext) -> dict[str, tuple[str, ...]]:
    """Person → in whose hands they are, of all who are in anybody's."""
    with office.store.read() as connection:
        return {person: tuple(sorted(by)) for person, by in kept.find_all_controllers(connection).items()}


def may_confirm(office: AppContext, actor: Actor, person_id: str) -> bool:
    """Whether *actor* is one who may confirm that account now."""
    return person_id in {one.account.user.id for one in list_pending_confirmations(office, actor)}


def list_pending_confirmations(office: AppContext, actor: Actor, role: str | None = None) -> list[PendingConfirmation]:
    """The accounts (of those with *role*) that *actor* may confirm, by id."""
    if not duties.is_allowed(actor, "user.confirm"):
        return []
    with office.store.read() as connection:
        by = kept.find_all_controllers(connection)
        found = [one for one in accounts.list_users(connection) if one.user.id in by] if by else []
    return [
        PendingConfirmation(one, tuple(sorted(by[one.user.id])))
        for one in found
        if (role is None or role in one.user.roles)
        and one.password_hash is not None
        and one.disabled_at is None
        and duties.may_manage_unit(actor, one.user.unit)
        and _find_shared_operator(actor, one.user.id, by) is None
    ]
