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

from signage.faults import Fault, FaultLocation, Refused, refuse
from signage.model import permissions as duties
from signage.model.ids import is_id
from signage.model.toml.findings import ellipsize
from signage.model.users import ROLES, SYSTEM_ACTOR, Actor, Role, User
from signage.services.context import AppContext, AuditedTransaction
from signage.services.users import account_control as hands
from signage.store.token_hash import hash_token
from signage.store.users import second_factors as factors
from signage.store.users import sessions
from signage.store.users import users as people
from signage.store.users.users import ApiTokenRow as ApiTokenRow
from signage.store.users.users import UserRow as UserRow

LINK_HOURS = 72
MAX_TOKEN_DAYS = 3650
FIRST_ADMIN_ID = "admin"
_SECRET_BYTES = 24


def create_user(office: AppContext, actor: Actor, person_id: str, roles: Iterable[str], unit: str | None = None) -> str:
    """Add a person; returns the secret of their one-time link. Raises Refused with all that is wrong."""
    person, faults = _parse_user(person_id, roles, unit)
    with office.transaction(actor, "user.add", person_id) as tx:
        if people.get_user(tx.connection, person_id) is not None:
            faults.append(Fault("error", "user-exists", FaultLocation(key="id"), {"user": person_id}))
        if faults:
            raise Refused(faults)
        check_may_manage(actor, person)
        people.create_user(tx.connection, person, tx.at)
        hands.record_control(tx, actor, person_id)
        tx.add_details(roles=sorted(person.roles), unit=unit)
        return _create_link(tx, person_id)


def update_user(office: AppContext, actor: Actor, person_id: str, roles: Iterable[str], unit: str | None) -> None:
    """Give a person other roles and another unit."""
    person, faults = _parse_user(person_id, roles, unit)
    with office.transaction(actor, "user.set", person_id) as tx:
        before = get_account(tx, person_id).user
        if faults:
            raise Refused(faults)
        check_may_manage(actor, before)
        check_may_manage(actor, person)
        if (before.roles, before.unit) == (person.roles, unit):
            tx.mark_unchanged()
            return
        people.update_user(tx.connection, person_id, person.roles, unit)
        hands.record_control(tx, actor, person_id)
        tx.add_details(
            roles=sorted(person.roles), unit=unit, roles_before=sorted(before.roles), unit_before=before.unit
        )


def disable_user(office: AppContext, actor: Actor, person_id: str) -> None:
    """Let a person in no more."""
    with office.transaction(actor, "user.disable", person_id) as tx:
        account = get_account(tx, person_id)
        check_may_manage(actor, account.user)
        if account.disabled_at is not None:
            tx.mark_unchanged()
            return
        people.set_disabled(tx.connection, person_id, tx.at)
        sessions.end_user_sessions(tx.connection, person_id)


def enable_user(office: AppContext, actor: Actor, person_id: str) -> str:
    """Let a person in again, by a new link; returns its secret."""
    with office.transaction(actor, "user.enable", person_id) as tx:
        check_may_manage(actor, get_account(tx, person_id).user)
        people.set_disabled(tx.connection, person_id, None)
        people.set_password_hash(tx.connection, person_id, None)
        hands.record_control(tx, actor, person_id, resets_access=True)
        return _create_link(tx, person_id)


def create_link(office: AppContext, actor: Actor, person_id: str) -> str:
    """A new one-time link for a person who lost theirs, or their password; returns its secret."""
    with office.transaction(actor, "user.link", person_id) as tx:
        check_may_manage(actor, get_enabled_account(tx, person_id).user)
        hands.record_control(tx, actor, person_id, resets_access=True)
        return _create_link(tx, person_id)


def get_link_path(secret: str) -> str:
    """Where a link's secret is used up, on this server."""
    return f"/console/link/{secret}"


def get_first_admin_link(office: AppContext) -> str | None:
    """The address of the first administrator's link, as long as nobody has set a password yet; None after that."""
    with office.store.read() as connection:
        if any(account.password_hash is not None for account in people.list_users(connection)):
            return None
        there = people.get_user(connection, FIRST_ADMIN_ID) is not None
    return get_link_path(
        create_link(office, SYSTEM_ACTOR, FIRST_ADMIN_ID)
        if there
        else create_user(office, SYSTEM_ACTOR, FIRST_ADMIN_ID, ["admin"])
    )


def redeem_link(office: AppContext, secret: str, password: str) -> str:
    """Use a link up: its person's password is from now on the one whose hash is *password*; returns who it is.

    Raises Refused when the link is void.
    """
    with office.store.read() as connection:
        person_id = people.find_user_of_link(connection, hash_token(secret), office.clock.now())
        account = person_id and people.get_user(connection, person_id)
    if not account:
        raise refuse("link-void", "link")
    with office.transaction(create_actor(account.user, "console"), "user.redeem", account.user.id) as tx:
        if people.consume_password_link(tx.connection, hash_token(secret), tx.at) is None:
            raise refuse("link-void", "link")
        people.set_password_hash(tx.connection, account.user.id, password)
        sessions.end_user_sessions(tx.connection, account.user.id)
    return account.user.id


def set_password(office: AppContext, actor: Actor, password: str) -> None:
    """Give oneself another password, whose hash is *password*."""
    with office.transaction(actor, "user.password", actor.id) as tx:
        people.set_password_hash(tx.connection, actor.id, password)


def reset_second_factors(office: AppContext, actor: Actor, person_id: str) -> None:
    """Take a person's second factors away, for one who lost them."""
    with office.transaction(actor, "user.factors", person_id) as tx:
        check_may_manage(actor, get_account(tx, person_id).user)
        hands.record_control(tx, actor, person_id)
        factors.delete_second_factors(tx.connection, person_id)
        sessions.end_user_sessions(tx.connection, person_id)


def find_account(office: AppContext, person_id: str) -> UserRow | None:
    """The person of that id."""
    with office.store.read() as connection:
        return people.get_user(connection, person_id)


def find_link_owner(office: AppContext, secret: str) -> str | None:
    """Whose one-time link it is; None where it is void. Nothing is used up."""
    with office.store.read() as connection:
        return people.find_user_of_link(connection, hash_token(secret), office.clock.now())


def create_token(
    office: AppContext,
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
    with office.transaction(actor, "token.add", person_id, days=days, scope=words) as tx:
        faults = [
            Fault("error", "scope-unknown", FaultLocation(key="scope"), {"word": ellipsize(word)})
            for word in words
            if not duties.is_known_scope(word)
        ]
        if not 1 <= days <= MAX_TOKEN_DAYS:
            faults.append(Fault("error", "days-impossible", FaultLocation(key="days"), {"most": MAX_TOKEN_DAYS}))
        if faults:
            raise Refused(faults)
        if actor.id != person_id and "admin" not in actor.roles:
            raise refuse("duty-missing", person_id, who=actor.id, verb="token.add", needed="admin")
        if not duties.is_narrower_scope(words, actor.scope):
            raise refuse("scope-wider", "scope", scope=", ".join(actor.scope))
        check_may_manage(actor, get_enabled_account(tx, person_id).user)
        hands.record_control(tx, actor, person_id)
        secret = secrets.token_hex(_SECRET_BYTES)
        expires_at = tx.at + timedelta(days=days)
        number = people.create_api_token(tx.connection, person_id, hash_token(secret), tx.at, expires_at, words, name)
        tx.add_details(number=number)
    return secret


def revoke_token(office: AppContext, actor: Actor, number: int) -> None:
    """Let a token be good no more: one's own, or anybody's by an administrator."""
    with office.store.read() as connection:
        found = people.get_api_token(connection, number)
        holder = found and people.get_user(connection, found.user_id)
    own = found is not None and found.user_id == actor.id
    with office.transaction(actor, "token.drop" if own else "token.revoke", str(number)) as tx:
        if holder:
            check_may_manage(actor, holder.user)
        if not people.revoke_api_token(tx.connection, number, tx.at):
            raise refuse("token-unknown", str(number), number=number)


def authenticate_token(office: AppContext, token: str) -> Actor | None:
    """Whom a token for the API lets in; None where it is good for nobody."""
    key = hash_token(token)
    with office.store.read() as connection:
        found = people.find_user_of_token(connection, key, office.clock.now())
    return None if found is None else replace(create_actor(found[0], "api"), scope=found[1], credential=f"token:{key}")


def create_actor(person: User, channel: str) -> Actor:
    """A person as one who acts."""
    return Actor(person.id, person.roles, person.unit, channel)


def list_accounts(office: AppContext) -> list[UserRow]:
    """All people by id."""
    with office.store.read() as connection:
        return people.list_users(connection)


def list_tokens(office: AppContext) -> list[ApiTokenRow]:
    """All tokens for the API."""
    with office.store.read() as connection:
        return people.list_api_tokens(connection)


def _parse_user(person_id: str, roles: Iterable[str], unit: str | None) -> tuple[User, list[Fault]]:
    words = list(dict.fromkeys(roles))
    held: frozenset[Role] = frozenset(role for role in ROLES if role in words)
    faults = [
        Fault("error", "id-malformed", FaultLocation(key=key), {"id": ellipsize(text)})
        for key, text in (("id", person_id), ("unit", unit))
        if text is not None and not is_id(text)
    ]
    faults += [
        Fault("error", "role-unknown", FaultLocation(key="roles"), {"role": ellipsize(word), "known": ", ".join(ROLES)})
        for word in words
        if word not in ROLES
    ]
    if not words:
        faults.append(Fault("error", "roles-missing", FaultLocation(key="roles"), {"known": ", ".join(ROLES)}))
    if duties.has_role_conflict(held):
        faults.append(Fault("error", "auditor-mixed", FaultLocation(key="roles"), {"user": person_id}))
    return User(person_id, held, unit), faults


def get_account(tx: AuditedTransaction, person_id: str) -> UserRow:
    """The person of that id. Raises Refused where there is none."""
    account = people.get_user(tx.connection, person_id)
    if account is None:
        raise refuse("user-unknown", person_id, user=ellipsize(person_id))
    return account


def get_enabled_account(tx: AuditedTransaction, person_id: str) -> UserRow:
    """The person of that id. Raises Refused where there is none, or one who is let in no more."""
    account = get_account(tx, person_id)
    if account.disabled_at is not None:
        raise refuse("user-disabled", person_id, user=person_id)
    return account


def check_may_manage(actor: Actor, person: User) -> None:
    """Raises Refused where *person* is another unit's (4)."""
    if actor.id != person.id and not duties.may_manage_unit(actor, person.unit):
        raise refuse("not-your-unit", person.id, unit=person.unit or "—", own=actor.unit)


def _create_link(tx: AuditedTransaction, person_id: str) -> str:
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    people.create_password_link(
        tx.connection, person_id, hash_token(secret), tx.at, tx.at + timedelta(hours=LINK_HOURS)
    )
    return secret
