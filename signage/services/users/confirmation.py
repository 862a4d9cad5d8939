"""A second person confirms that an account is really the person it names; from then on it is in nobody's hands.

1. Who confirms holds ``approver`` or ``admin``, governs the account's unit, and could not be the same person as the
   account: neither let the other in, and nobody has a hand in both (``hands``).
2. At the machine itself it always may be done.
3. An account for which nobody set a password is nobody yet. What else lets in (sessions, links, tokens, passkeys)
   ends by the confirmation: it may not be the person's own; nor may what the account did in review (``hands``).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from signage.faults import Fault, Place, Refused
from signage.model import permissions as duties
from signage.model.users import Actor
from signage.services.context import Office, Transaction
from signage.services.users import account_control as hands
from signage.services.users import accounts as people
from signage.store.users import account_control as kept
from signage.store.users import users as accounts
from signage.store.users.users import Account


@dataclass(frozen=True, slots=True)
class Waiting:
    """An account that waits for its confirmation, and in whose hands it is."""

    account: Account
    let_in_by: tuple[str, ...]


def confirm(office: Office, actor: Actor, person_id: str) -> None:
    """Confirm that *person_id* is really the person it names. Raises Refused where *actor* is none to do so."""
    with office.act(actor, "user.confirm", person_id) as tx:
        account = people.must_be_let_in(tx, person_id)
        people.must_govern(actor, account.person)
        if not kept.let_in_by(tx.connection, person_id):
            tx.unchanged()
            return
        fault = _fault(tx, actor, account)
        if fault is not None:
            raise Refused([fault])
        hands.forget(tx, person_id)


def _fault(tx: Transaction, actor: Actor, account: Account) -> Fault | None:
    person_id = account.person.id
    if account.password is None:
        return Fault("error", "confirm-invited", Place(key=person_id), {"user": person_id})
    hand = _shared(actor, person_id, kept.everybodys(tx.connection))
    if hand is None:
        return None
    return Fault("error", "confirm-own", Place(key=person_id), {"user": person_id, "who": actor.id, "hand": hand})


def _shared(actor: Actor, person_id: str, by: Mapping[str, set[str]]) -> str | None:
    """Who could be both *actor* and the account; None where nobody could."""
    if actor.via not in hands.OF_PEOPLE:
        return None
    both = ({actor.id} | by.get(actor.id, set())) & ({person_id} | by.get(person_id, set()))
    return min(both - {person_id}, default=person_id) if both else None


def let_in_by(office: Office, person_id: str) -> tuple[str, ...]:
    """In whose hands an account is; nobody's: none, or confirmed."""
    with office.store.read() as connection:
        return tuple(sorted(kept.let_in_by(connection, person_id)))


def everybodys(office: Office) -> dict[str, tuple[str, ...]]:
    """Person → in whose hands they are, of all who are in anybody's."""
    with office.store.read() as connection:
        return {person: tuple(sorted(by)) for person, by in kept.everybodys(connection).items()}


def may_confirm(office: Office, actor: Actor, person_id: str) -> bool:
    """Whether *actor* is one who may confirm that account now."""
    return person_id in {one.account.person.id for one in waiting_for(office, actor)}


def waiting_for(office: Office, actor: Actor, role: str | None = None) -> list[Waiting]:
    """The accounts (of those with *role*) that *actor* may confirm, by id."""
    if not duties.may(actor, "user.confirm"):
        return []
    with office.store.read() as connection:
        by = kept.everybodys(connection)
        found = [one for one in accounts.every(connection) if one.person.id in by] if by else []
    return [
        Waiting(one, tuple(sorted(by[one.person.id])))
        for one in found
        if (role is None or role in one.person.roles)
        and one.password is not None
        and one.disabled_at is None
        and duties.governs(actor, one.person.unit)
        and _shared(actor, one.person.id, by) is None
    ]
