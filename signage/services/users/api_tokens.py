"""API tokens: created in the name of a user, shown once, narrowed by a scope, revoked."""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from signage.faults import Fault, FaultLocation, Refused, refuse
from signage.model import permissions
from signage.model.toml.findings import ellipsize
from signage.model.users import Actor
from signage.services.context import AppContext
from signage.services.users.account_control import record_control
from signage.services.users.accounts import check_may_manage, create_actor, get_enabled_account
from signage.store.token_hash import hash_token
from signage.store.users import users
from signage.store.users.users import ApiTokenRow as ApiTokenRow

MAX_TOKEN_DAYS = 3650
_SECRET_BYTES = 24


def create_token(
    context: AppContext,
    actor: Actor,
    user_id: str,
    days: int = 90,
    scope: Iterable[str] = (),
    name: str | None = None,
) -> str:
    """Create a token in the name of a user, valid for *days*; returns its secret, which is not stored.

    *scope* narrows what it permits (``signage.model.permissions``). Raises Refused: no such user, disabled, another
    user's without the role ``admin``, a scope wider than the actor's own.
    """
    words = tuple(dict.fromkeys(scope))
    with context.transaction(actor, "token.add", user_id, days=days, scope=words) as tx:
        faults = [
            Fault("error", "scope-unknown", FaultLocation(key="scope"), {"word": ellipsize(word)})
            for word in words
            if not permissions.is_known_scope(word)
        ]
        if not 1 <= days <= MAX_TOKEN_DAYS:
            faults.append(Fault("error", "days-impossible", FaultLocation(key="days"), {"most": MAX_TOKEN_DAYS}))
        if faults:
            raise Refused(faults)
        if actor.id != user_id and "admin" not in actor.roles:
            raise refuse("duty-missing", user_id, who=actor.id, verb="token.add", needed="admin")
        if not permissions.is_narrower_scope(words, actor.scope):
            raise refuse("scope-wider", "scope", scope=", ".join(actor.scope))
        check_may_manage(actor, get_enabled_account(tx, user_id).user)
        record_control(tx, actor, user_id)
        secret = secrets.token_hex(_SECRET_BYTES)
        expires_at = tx.at + timedelta(days=days)
        number = users.create_api_token(tx.connection, user_id, hash_token(secret), tx.at, expires_at, words, name)
        tx.add_details(number=number)
    return secret


def revoke_token(context: AppContext, actor: Actor, number: int) -> None:
    """Revoke a token: one's own, or any as an administrator. Raises Refused."""
    with context.store.read() as connection:
        token = users.get_api_token(connection, number)
        owner = token and users.get_user(connection, token.user_id)
    is_own = token is not None and token.user_id == actor.id
    with context.transaction(actor, "token.drop" if is_own else "token.revoke", str(number)) as tx:
        if owner:
            check_may_manage(actor, owner.user)
        if not users.revoke_api_token(tx.connection, number, tx.at):
            raise refuse("token-unknown", str(number), number=number)


def authenticate_token(context: AppContext, token: str) -> Actor | None:
    """Return the actor of a token; None where it is unknown, expired or revoked."""
    token_hash = hash_token(token)
    with context.store.read() as connection:
        match = users.find_user_of_token(connection, token_hash, context.clock.now())
    if match is None:
        return None
    user, scope = match
    return replace(create_actor(user, "api"), scope=scope, credential=f"token:{token_hash}")


def list_tokens(context: AppContext) -> list[ApiTokenRow]:
    """List all API tokens."""
    with context.store.read() as connection:
        return users.list_api_tokens(connection)
