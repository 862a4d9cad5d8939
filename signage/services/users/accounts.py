"""User accounts: created with a one-time link, given roles, disabled.

1. Nobody has a password that another person chose: a one-time link (``LINK_HOURS``) lets a user set their own.
2. ``auditor`` is never combined with another role.
3. Disabling an account ends everything by which its user could log in.
4. An administrator who belongs to a unit manages the users of that unit alone.
5. Nobody widens their own roles, unit or reach, by any door; whoever widens another's governs the state before and
   after. ``all_units`` is granted by administrators without a unit.
6. Who gave a user access is recorded until a second person confirms the account (``account_control``,
   ``confirmation``).
"""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from signage.faults import Fault, FaultLocation, Refused, refuse
from signage.model import permissions
from signage.model.ids import is_id, is_word, normalize_word
from signage.model.toml.findings import ellipsize
from signage.model.users import ROLES, Actor, Role, User
from signage.services.context import AppContext, AuditedTransaction
from signage.services.names import clean_name, find_name_fault
from signage.services.users.account_control import record_control
from signage.store.audit_log import PersonalValue
from signage.store.token_hash import hash_token
from signage.store.users import second_factors, sessions, users
from signage.store.users.users import UserRow as UserRow

LINK_HOURS = 72
_SECRET_BYTES = 24


def create_user(
    context: AppContext,
    actor: Actor,
    user_id: str,
    roles: Iterable[str],
    unit: str | None = None,
    name: str | None = None,
    *,
    all_units: bool = False,
) -> str:
    """Create an account; returns the secret of its one-time link. Raises Refused with all faults."""
    user, faults = _parse_user(user_id, roles, unit, clean_name(name))
    user = replace(user, all_units=all_units)
    with context.transaction(actor, "user.add", user_id) as tx:
        if users.get_user(tx.connection, user_id) is not None:
            faults.append(Fault("error", "user-exists", FaultLocation(key="id"), {"user": user_id}))
        if faults:
            raise Refused(faults)
        check_may_manage(actor, user)
        users.create_user(tx.connection, user, tx.at)
        record_control(tx, actor, user_id)
        tx.add_details(roles=sorted(user.roles), unit=user.unit, name=user.name, all_units=user.all_units)
        return _create_link(tx, user_id)


def update_user(
    context: AppContext,
    actor: Actor,
    user_id: str,
    roles: Iterable[str],
    unit: str | None,
    name: str | None = None,
    *,
    all_units: bool | None = None,
) -> None:
    """Change the roles and the unit of a user, the name (empty: none) and the reach; None leaves these two.

    Raises Refused.
    """
    user, faults = _parse_user(user_id, roles, unit, clean_name(name))
    with context.transaction(actor, "user.set", user_id) as tx:
        before = get_account(tx, user_id).user
        if faults:
            raise Refused(faults)
        check_may_manage(actor, before)
        reach = before.all_units if all_units is None else all_units
        name = before.name if name is None else user.name
        user = replace(user, disabled=before.disabled, all_units=reach, name=name)
        check_may_manage(actor, user)
        _check_own_rights(actor, before, user)
        if before == user:
            tx.mark_unchanged()
            return
        users.update_user(tx.connection, user)
        if replace(before, name=user.name) != user:
            record_control(tx, actor, user_id)
        tx.add_details(roles=sorted(user.roles), unit=user.unit, name=user.name, all_units=user.all_units)
        tx.add_details(roles_before=sorted(before.roles), unit_before=before.unit, name_before=before.name)


def disable_user(context: AppContext, actor: Actor, user_id: str) -> None:
    """Disable an account and end its sessions (rule 3). Raises Refused."""
    with context.transaction(actor, "user.disable", user_id) as tx:
        account = get_account(tx, user_id)
        check_may_manage(actor, account.user)
        if account.disabled_at is not None:
            tx.mark_unchanged()
            return
        users.set_disabled(tx.connection, user_id, tx.at)
        sessions.end_user_sessions(tx.connection, user_id)


def enable_user(context: AppContext, actor: Actor, user_id: str) -> str:
    """Enable an account again; returns the secret of its new one-time link. Raises Refused."""
    with context.transaction(actor, "user.enable", user_id) as tx:
        check_may_manage(actor, get_account(tx, user_id).user)
        users.set_disabled(tx.connection, user_id, None)
        users.set_password_hash(tx.connection, user_id, None)
        record_control(tx, actor, user_id, resets_access=True)
        return _create_link(tx, user_id)


def create_link(context: AppContext, actor: Actor, user_id: str) -> str:
    """Create a new one-time link for a user who lost theirs, or the password; returns its secret. Raises Refused."""
    with context.transaction(actor, "user.link", user_id) as tx:
        check_may_manage(actor, get_enabled_account(tx, user_id).user)
        record_control(tx, actor, user_id, resets_access=True)
        return _create_link(tx, user_id)


def get_link_path(secret: str) -> str:
    """Return the path of a one-time link on this server."""
    return f"/console/link/{secret}"


def redeem_link(context: AppContext, secret: str, password_hash: str, address: str = "") -> str:
    """Use a one-time link: set the password of its user; returns the user's id. Raises Refused: the link is void.

    The entry of the log names the link by its user and the instant of its issue, and the *address* that used it.
    """
    with context.store.read() as connection:
        user_id = users.find_user_of_link(connection, hash_token(secret), context.clock.now())
        account = user_id and users.get_user(connection, user_id)
    if not account:
        raise refuse("link-void", "link")
    with context.transaction(create_actor(account.user, "console"), "user.redeem", account.user.id) as tx:
        tx.add_details(
            issued_at=users.get_link_instant(tx.connection, hash_token(secret)), remote=PersonalValue(address)
        )
        tx.add_details(roles=sorted(account.user.roles), name=account.user.name)
        if users.consume_password_link(tx.connection, hash_token(secret), tx.at) is None:
            raise refuse("link-void", "link")
        users.set_password_hash(tx.connection, account.user.id, password_hash)
        sessions.end_user_sessions(tx.connection, account.user.id)
    return account.user.id


def set_password(context: AppContext, actor: Actor, password_hash: str) -> None:
    """Set the actor's own password."""
    with context.transaction(actor, "user.password", actor.id) as tx:
        users.set_password_hash(tx.connection, actor.id, password_hash)


def reset_second_factors(context: AppContext, actor: Actor, user_id: str) -> None:
    """Remove the second factors of a user who lost them, and end their sessions. Raises Refused."""
    with context.transaction(actor, "user.factors", user_id) as tx:
        check_may_manage(actor, get_account(tx, user_id).user)
        record_control(tx, actor, user_id)
        second_factors.delete_second_factors(tx.connection, user_id)
        sessions.end_user_sessions(tx.connection, user_id)


def find_account(context: AppContext, user_id: str) -> UserRow | None:
    """Return an account; None where it does not exist."""
    with context.store.read() as connection:
        return users.get_user(connection, user_id)


def find_link_owner(context: AppContext, secret: str) -> str | None:
    """Return the user id of a one-time link without using it; None where it is void."""
    with context.store.read() as connection:
        return users.find_user_of_link(connection, hash_token(secret), context.clock.now())


def create_actor(user: User, channel: str) -> Actor:
    """Return *user* as an actor on *channel*."""
    return Actor(user.id, user.roles, user.unit, channel, all_units=user.all_units)


def list_accounts(context: AppContext) -> list[UserRow]:
    """List all accounts by id."""
    with context.store.read() as connection:
        return users.list_users(connection)


def _parse_user(user_id: str, roles: Iterable[str], unit: str | None, name: str | None) -> tuple[User, list[Fault]]:
    words = list(dict.fromkeys(roles))
    known_roles: frozenset[Role] = frozenset(role for role in ROLES if role in words)
    location = FaultLocation(key="roles")
    unit = None if unit is None else normalize_word(unit)
    faults = []
    if not is_id(user_id):
        faults.append(Fault("error", "id-malformed", FaultLocation(key="id"), {"id": ellipsize(user_id)}))
    if unit is not None and not is_word(unit):
        faults.append(Fault("error", "word-malformed", FaultLocation(key="unit"), {"word": ellipsize(unit)}))
    if name is not None and (name_fault := find_name_fault(name)):
        faults.append(Fault("error", name_fault[0], FaultLocation(key="name"), name_fault[1]))
    faults += [
        Fault("error", "role-unknown", location, {"role": ellipsize(word), "known": ", ".join(ROLES)})
        for word in words
        if word not in ROLES
    ]
    if not words:
        faults.append(Fault("error", "roles-missing", location, {"known": ", ".join(ROLES)}))
    if permissions.has_role_conflict(known_roles):
        faults.append(Fault("error", "auditor-mixed", location, {"user": user_id}))
    return User(user_id, known_roles, unit, name=name), faults


def get_account(tx: AuditedTransaction, user_id: str) -> UserRow:
    """Return an account. Raises Refused: it does not exist."""
    account = users.get_user(tx.connection, user_id)
    if account is None:
        raise refuse("user-unknown", user_id, user=ellipsize(user_id))
    return account


def get_enabled_account(tx: AuditedTransaction, user_id: str) -> UserRow:
    """Return an account. Raises Refused: it does not exist, or is disabled."""
    account = get_account(tx, user_id)
    if account.disabled_at is not None:
        raise refuse("user-disabled", user_id, user=user_id)
    return account


def check_may_manage(actor: Actor, user: User) -> None:
    """Raise Refused where *user* belongs to a unit, or reaches units, that *actor* does not manage (rules 4, 5)."""
    if actor.id == user.id:
        return
    if not permissions.may_manage_unit(actor, user.unit) or (user.all_units and actor.unit is not None):
        raise refuse("not-your-unit", user.id, unit=user.unit or "—", own=actor.unit)


def _check_own_rights(actor: Actor, before: User, after: User) -> None:
    """Raise Refused where *actor* widens their own roles, unit or reach (rule 5)."""
    widens_unit = before.unit is not None and after.unit != before.unit
    widens_reach = after.all_units and not before.all_units
    if actor.id == after.id and (widens_unit or widens_reach or not after.roles <= before.roles):
        raise refuse("own-rights", after.id, user=after.id)


def _create_link(tx: AuditedTransaction, user_id: str) -> str:
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    expires_at = tx.at + timedelta(hours=LINK_HOURS)
    users.create_password_link(tx.connection, user_id, hash_token(secret), tx.at, expires_at)
    return secret
