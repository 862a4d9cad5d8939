"""Confirmation: a second person confirms that an account belongs to the person it names; its controllers are cleared.

1. Whoever confirms has the role ``approver`` or ``admin``, manages the account's unit, and does not count as one person
   with the account: neither controls the other, and nobody controls both (``account_control``).
2. At the machine itself every account may be confirmed.
3. An account without a password cannot be confirmed. Sessions, links, tokens and passkeys end with the confirmation:
   they may not be the person's own; the account's work in reviews is withdrawn (``account_control``, rule 4).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from signage.faults import Fault, FaultLocation, Refused
from signage.model import permissions
from signage.model.users import Actor
from signage.services.context import AppContext, AuditedTransaction
from signage.services.users.account_control import HUMAN_CHANNELS, clear_controllers
from signage.services.users.accounts import check_may_manage, get_enabled_account
from signage.store.users import account_control, users
from signage.store.users.users import UserRow


@dataclass(frozen=True, slots=True)
class PendingConfirmation:
    """An account that waits for its confirmation, with its controllers."""

    account: UserRow
    controllers: tuple[str, ...]


def confirm_account(context: AppContext, actor: Actor, user_id: str) -> None:
    """Confirm the account *user_id*. Raises Refused: *actor* may not confirm it, or it has no password yet."""
    with context.transaction(actor, "user.confirm", user_id) as tx:
        account = get_enabled_account(tx, user_id)
        check_may_manage(actor, account.user)
        if not account_control.find_controllers(tx.connection, user_id):
            tx.mark_unchanged()
            return
        fault = _find_fault(tx, actor, account)
        if fault is not None:
            raise Refused([fault])
        clear_controllers(tx, user_id)


def _find_fault(tx: AuditedTransaction, actor: Actor, account: UserRow) -> Fault | None:
    user_id = account.user.id
    location = FaultLocation(key=user_id)
    if account.password_hash is None:
        return Fault("error", "confirm-invited", location, {"user": user_id})
    operator = _find_shared_operator(actor, user_id, account_control.find_all_controllers(tx.connection))
    if operator is None:
        return None
    return Fault("error", "confirm-own", location, {"user": user_id, "who": actor.id, "hand": operator})


def _find_shared_operator(actor: Actor, user_id: str, controllers: Mapping[str, set[str]]) -> str | None:
    """Return an account that could operate both *actor* and *user_id*; None where there is none."""
    if actor.channel not in HUMAN_CHANNELS:
        return None
    actor_operators = {actor.id} | controllers.get(actor.id, set())
    shared = actor_operators & ({user_id} | controllers.get(user_id, set()))
    return min(shared - {user_id}, default=user_id) if shared else None


def list_controllers(context: AppContext, user_id: str) -> tuple[str, ...]:
    """List the controllers of an account; none where it was confirmed."""
    with context.store.read() as connection:
        return tuple(sorted(account_control.find_controllers(connection, user_id)))


def list_all_controllers(context: AppContext) -> dict[str, tuple[str, ...]]:
    """Return user id → controllers, for all accounts that have any."""
    with context.store.read() as connection:
        controllers = account_control.find_all_controllers(connection)
    return {user_id: tuple(sorted(ids)) for user_id, ids in controllers.items()}


def may_confirm(context: AppContext, actor: Actor, user_id: str) -> bool:
    """Return whether *actor* may confirm that account now."""
    return user_id in {pending.account.user.id for pending in list_pending_confirmations(context, actor)}


def list_pending_confirmations(context: AppContext, actor: Actor, role: str | None = None) -> list[PendingConfirmation]:
    """List the accounts that *actor* may confirm, by id; only those with *role* where it is given."""
    if not permissions.is_allowed(actor, "user.confirm"):
        return []
    with context.store.read() as connection:
        controllers = account_control.find_all_controllers(connection)
        accounts = users.list_users(connection) if controllers else []
    return [
        PendingConfirmation(account, tuple(sorted(controllers[account.user.id])))
        for account in accounts
        if account.user.id in controllers
        and (role is None or role in account.user.roles)
        and account.password_hash is not None
        and account.disabled_at is None
        and permissions.may_manage_unit(actor, account.user.unit)
        and _find_shared_operator(actor, account.user.id, controllers) is None
    ]
