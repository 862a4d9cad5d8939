"""People: let in by a one-time link, given roles, disabled; tokens for the API.

1. Nobody has a password that another chose: a link, good once and for ``LINK_HOURS``, lets a person set their own.
2. ``auditor`` is never held with another role.
3. Disabling ends everything that could let a person in.
4. An administrator who belongs to a unit governs the people of that unit alone.
5. Who had a hand in how a person is let in is kept (``hands``), until a second person confirms it (``confirming``).
"""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from signage.faults import Fault, Place, Refused, refuse
from signage.model import permissions as duties
from signage.model.ids import is_id
from signage.model.toml.findings import short
from signage.model.users import ROLES, SYSTEM, Actor, Person, Role
from signage.services.context import Office, Transaction
from signage.services.users import account_control as hands
from signage.store.screens.screens import digest
from signage.store.users import second_factors as factors
from signage.store.users import sessions
from signage.store.users import users as people
from signage.store.users.users import Account as Account
from signage.store.users.users import Token as Token

LINK_HOURS = 72
MOST_DAYS = 3650
FIRST = "admin"
_SECRET_BYTES = 24


def add(office: Office, actor: Actor, person_id: str, roles: Iterable[str], unit: str | None = None) -> str:
    """Add a person; returns the secret of their one-time link. Raises Refused with all that is wrong."""
    person, faults = _person(person_id, roles, unit)
    with office.act(actor, "user.add", person_id) as tx:
        if people.get(tx.connection, person_id) is not None:
            faults.append(Fault("error", "user-exists", Place(key="id"), {"user": person_id}))
        if faults:
            raise Refused(faults)
        must_govern(actor, person)
        people.add(tx.connection, person, tx.at)
        hands.note(tx, actor, person_id)
        tx.note(roles=sorted(person.roles), unit=unit)
        return _link(tx, person_id)


def change(office: Office, actor: Actor, person_id: str, roles: Iterable[str], unit: str | None) -> None:
    """Give a person other roles and another unit."""
    person, faults = _person(person_id, roles, unit)
    with office.act(actor, "user.set", person_id) as tx:
        before = must_be(tx, person_id).person
        if faults:
            raise Refused(faults)
        must_govern(actor, before)
        must_govern(actor, person)
        if (before.roles, before.unit) == (person.roles, unit):
            tx.unchanged()
            return
        people.change(tx.connection, person_id, person.roles, unit)
        hands.note(tx, actor, person_id)
        tx.note(roles=sorted(person.roles), unit=unit, roles_before=sorted(before.roles), unit_before=before.unit)


def disable(office: Office, actor: Actor, person_id: str) -> None:
    """Let a person in no more."""
    with office.act(actor, "user.disable", person_id) as tx:
        account = must_be(tx, person_id)
        must_govern(actor, account.person)
        if account.disabled_at is not None:
            tx.unchanged()
            return
        people.set_disabled(tx.connection, person_id, tx.at)
        sessions.end_of(tx.connection, person_id)


def enable(office: Office, actor: Actor, person_id: str) -> str:
    """Let a person in again, by a new link; returns its secret."""
    with office.act(actor, "user.enable", person_id) as tx:
        must_govern(actor, must_be(tx, person_id).person)
        people.set_disabled(tx.connection, person_id, None)
        people.set_password(tx.connection, person_id, None)
        hands.note(tx, actor, person_id, anew=True)
        return _link(tx, person_id)


def new_link(office: Office, actor: Actor, person_id: str) -> str:
    """A new one-time link for a person who lost theirs, or their password; returns its secret."""
    with office.act(actor, "user.link", person_id) as tx:
        must_govern(actor, must_be_let_in(tx, person_id).person)
        hands.note(tx, actor, person_id, anew=True)
        return _link(tx, person_id)


def address(secret: str) -> str:
    """Where a link's secret is used up, on this server."""
    return f"/console/link/{secret}"


def first_link(office: Office) -> str | None:
    """The address of the first administrator's link, as long as nobody has set a password yet; None after that."""
    with office.store.read() as connection:
        if any(account.password is not None for account in people.every(connection)):
            return None
        there = people.get(connection, FIRST) is not None
    return address(new_link(office, SYSTEM, FIRST) if there else add(office, SYSTEM, FIRST, ["admin"]))


def redeem(office: Office, secret: str, password: str) -> str:
    """Use a link up: its person's password is from now on the one whose hash is *password*; returns who it is.

    Raises Refused when the link is void.
    """
    with office.store.read() as connection:
        person_id = people.link_of(connection, digest(secret), office.clock.now())
        account = person_id and people.get(connection, person_id)
    if not account:
        raise refuse("link-void", "link")
    with office.act(actor_of(account.person, "console"), "user.redeem", account.person.id) as tx:
        if people.use_link(tx.connection, digest(secret), tx.at) is None:
            raise refuse("link-void", "link")
        people.set_password(tx.connection, account.person.id, password)
        sessions.end_of(tx.connection, account.person.id)
    return account.person.id


def set_password(office: Office, actor: Actor, password: str) -> None:
    """Give oneself another password, whose hash is *password*."""
    with office.act(actor, "user.password", actor.id) as tx:
        people.set_password(tx.connection, actor.id, password)


def forget_factors(office: Office, actor: Actor, person_id: str) -> None:
    """Take a person's second factors away, for one who lost them."""
    with office.act(actor, "user.factors", person_id) as tx:
        must_govern(actor, must_be(tx, person_id).person)
        hands.note(tx, actor, person_id)
        factors.forget(tx.connection, person_id)
        sessions.end_of(tx.connection, person_id)


def account(office: Office, person_id: str) -> Account | None:
    """The person of that id."""
    with office.store.read() as connection:
        return people.get(connection, person_id)


def holder_of_link(office: Office, secret: str) -> str | None:
    """Whose one-time link it is; None where it is void. Nothing is used up."""
    with office.store.read() as connection:
        return people.link_of(connection, digest(secret), office.clock.now())


def add_token(
    office: Office,
    actor: Actor,
    person_id: str,
    days: int = 90,
    scope: Iterable[str] = (),
    name: str | None = None,
) -> str:
    """A token for the API in the name of a person, good for *days*; returned this once.

    *scope* narrows what it is good for (``signage.model.permissions``). Raises Refused: no such person, disabled,
    somebody     else's by one who is no administrator.
    """
    words = tuple(dict.fromkeys(scope))
    with office.act(actor, "token.add", person_id, days=days, scope=words) as tx:
        faults = [
            Fault("error", "scope-unknown", Place(key="scope"), {"word": short(word)})
            for word in words
            if not duties.known_scope(word)
        ]
        if not 1 <= days <= MOST_DAYS:
            faults.append(Fault("error", "days-impossible", Place(key="days"), {"most": MOST_DAYS}))
        if faults:
            raise Refused(faults)
        if actor.id != person_id and "admin" not in actor.roles:
            raise refuse("duty-missing", person_id, who=actor.id, verb="token.add", needed="admin")
        if not duties.narrower(words, actor.scope):
            raise refuse("scope-wider", "scope", scope=", ".join(actor.scope))
        must_govern(actor, must_be_let_in(tx, person_id).person)
        hands.note(tx, actor, person_id)
        secret = secrets.token_hex(_SECRET_BYTES)
        expires_at = tx.at + timedelta(days=days)
        number = people.add_token(tx.connection, person_id, digest(secret), tx.at, expires_at, words, name)
        tx.note(number=number)
    return secret


def revoke_token(office: Office, actor: Actor, number: int) -> None:
    """Let a token be good no more: one's own, or anybody's by an administrator."""
    with office.store.read() as connection:
        found = people.token(connection, number)
        holder = found and people.get(connection, found.person)
    own = found is not None and found.person == actor.id
    with office.act(actor, "token.drop" if own else "token.revoke", str(number)) as tx:
        if holder:
            must_govern(actor, holder.person)
        if not people.revoke_token(tx.connection, number, tx.at):
            raise refuse("token-unknown", str(number), number=number)


def authenticate(office: Office, token: str) -> Actor | None:
    """Whom a token for the API lets in; None where it is good for nobody."""
    key = digest(token)
    with office.store.read() as connection:
        found = people.holder_of(connection, key, office.clock.now())
    return None if found is None else replace(actor_of(found[0], "api"), scope=found[1], came_by=f"token:{key}")


def actor_of(person: Person, via: str) -> Actor:
    """A person as one who acts."""
    return Actor(person.id, person.roles, person.unit, via)


def every(office: Office) -> list[Account]:
    """All people by id."""
    with office.store.read() as connection:
        return people.every(connection)


def tokens(office: Office) -> list[Token]:
    """All tokens for the API."""
    with office.store.read() as connection:
        return people.tokens_of(connection)


def _person(person_id: str, roles: Iterable[str], unit: str | None) -> tuple[Person, list[Fault]]:
    words = list(dict.fromkeys(roles))
    held: frozenset[Role] = frozenset(role for role in ROLES if role in words)
    faults = [
        Fault("error", "id-malformed", Place(key=key), {"id": short(text)})
        for key, text in (("id", person_id), ("unit", unit))
        if text is not None and not is_id(text)
    ]
    faults += [
        Fault("error", "role-unknown", Place(key="roles"), {"role": short(word), "known": ", ".join(ROLES)})
        for word in words
        if word not in ROLES
    ]
    if not words:
        faults.append(Fault("error", "roles-missing", Place(key="roles"), {"known": ", ".join(ROLES)}))
    if duties.mixed(held):
        faults.append(Fault("error", "auditor-mixed", Place(key="roles"), {"user": person_id}))
    return Person(person_id, held, unit), faults


def must_be(tx: Transaction, person_id: str) -> Account:
    """The person of that id. Raises Refused where there is none."""
    account = people.get(tx.connection, person_id)
    if account is None:
        raise refuse("user-unknown", person_id, user=short(person_id))
    return account


def must_be_let_in(tx: Transaction, person_id: str) -> Account:
    """The person of that id. Raises Refused where there is none, or one who is let in no more."""
    account = must_be(tx, person_id)
    if account.disabled_at is not None:
        raise refuse("user-disabled", person_id, user=person_id)
    return account


def must_govern(actor: Actor, person: Person) -> None:
    """Raises Refused where *person* is another unit's (4)."""
    if actor.id != person.id and not duties.governs(actor, person.unit):
        raise refuse("not-your-unit", person.id, unit=person.unit or "—", own=actor.unit)


def _link(tx: Transaction, person_id: str) -> str:
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    people.add_link(tx.connection, person_id, digest(secret), tx.at, tx.at + timedelta(hours=LINK_HOURS))
    return secret
