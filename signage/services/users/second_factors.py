"""Second factors: an authenticator app (TOTP, RFC 6238) and passkeys (WebAuthn), set up and removed by their user.

1. A code is valid once: it uses up its time step and all earlier ones.
2. Adding or removing a factor needs the password (checked by the page).
3. A passkey whose signature counter goes back may be a copy: it is refused.
"""

from dataclasses import dataclass
from datetime import datetime

from signage.faults import refuse
from signage.model.users import SYSTEM_ACTOR, Actor
from signage.services.context import AppContext
from signage.store.users import second_factors
from signage.store.users.second_factors import PasskeyRow as PasskeyRow
from signage.store.users.second_factors import TotpRow

MAX_PASSKEYS = 20


@dataclass(frozen=True, slots=True)
class SecondFactors:
    """The second factors of a user."""

    totp: TotpRow | None
    passkeys: list[PasskeyRow]

    @property
    def is_required(self) -> bool:
        """Whether a password alone is not enough to log in."""
        return self.totp is not None or bool(self.passkeys)


def get_second_factors(context: AppContext, user_id: str) -> SecondFactors:
    """Return the second factors of a user."""
    with context.store.read() as connection:
        return SecondFactors(
            second_factors.get_totp(connection, user_id), second_factors.list_passkeys(connection, user_id)
        )


def set_totp(context: AppContext, actor: Actor, secret: str | None, step: int = 0) -> None:
    """Set the actor's authenticator, whose first code (of time step *step*) was verified; None removes it."""
    factor = "totp" if secret else "totp removed"
    with context.transaction(actor, "user.factor", actor.id, factor=factor) as tx:
        second_factors.set_totp(tx.connection, actor.id, secret, tx.at, step)


def consume_totp_step(context: AppContext, user_id: str, step: int) -> bool:
    """Use up the code of a time step (rule 1); False where it was used before."""
    with context.store.write() as connection:
        return second_factors.consume_totp_step(connection, user_id, step)


def add_passkey(context: AppContext, actor: Actor, passkey: PasskeyRow) -> None:
    """Add a passkey to the actor's account. Raises Refused: too many, or already registered."""
    with context.transaction(actor, "user.factor", actor.id, factor="passkey", name=passkey.name) as tx:
        if len(second_factors.list_passkeys(tx.connection, actor.id)) >= MAX_PASSKEYS:
            raise refuse("passkeys-many", "name", most=MAX_PASSKEYS)
        if second_factors.get_passkey(tx.connection, passkey.credential) is not None:
            raise refuse("passkey-known", "name")
        second_factors.create_passkey(tx.connection, passkey)


def remove_passkey(context: AppContext, actor: Actor, credential: str) -> None:
    """Remove a passkey of the actor. Raises Refused: it does not exist."""
    with context.transaction(actor, "user.factor", actor.id, factor="passkey removed") as tx:
        if not second_factors.delete_passkey(tx.connection, actor.id, credential):
            raise refuse("passkey-unknown", "passkey")


def find_passkey(context: AppContext, credential: str) -> PasskeyRow | None:
    """Return the passkey of a credential id, whoever owns it."""
    with context.store.read() as connection:
        return second_factors.get_passkey(connection, credential)


def record_passkey_use(context: AppContext, passkey: PasskeyRow, sign_count: int, at: datetime) -> None:
    """Record a log-in by *passkey*. Raises Refused where its counter went back (rule 3)."""
    if sign_count <= passkey.sign_count and (sign_count or passkey.sign_count):
        with context.transaction(SYSTEM_ACTOR, "session.refused", passkey.user_id, why="passkey-copied"):
            pass
        raise refuse("passkey-copied", "passkey")
    with context.store.write() as connection:
        second_factors.record_passkey_use(connection, passkey.credential, sign_count, at)
