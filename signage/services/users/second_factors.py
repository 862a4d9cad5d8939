"""Second factors: an authenticator app (TOTP, RFC 6238), passkeys (WebAuthn). Set up and taken away by their person.

1. A code is good once: its time step, and those before, are used up by it.
2. What can be taken away again only by somebody else is asked for with the password.
3. A passkey's counter that goes back tells of a copy: the passkey is refused.
"""

from dataclasses import dataclass
from datetime import datetime

from signage.faults import refuse
from signage.model.users import SYSTEM_ACTOR, Actor
from signage.services.context import AppContext
from signage.store.users import second_factors as factors
from signage.store.users.second_factors import PasskeyRow as PasskeyRow
from signage.store.users.second_factors import TotpRow

MAX_PASSKEYS = 20


@dataclass(frozen=True, slots=True)
class SecondFactors:
    """What a person has set up."""

    totp: TotpRow | None
    passkeys: list[PasskeyRow]

    @property
    def is_required(self) -> bool:
        """Whether a password alone does not let the person in."""
        return self.totp is not None or bool(self.passkeys)


def get_second_factors(office: AppContext, person_id: str) -> SecondFactors:
    """The second factors of a person."""
    with office.store.read() as connection:
        return SecondFactors(factors.get_totp(connection, person_id), factors.list_passkeys(connection, person_id))


def set_totp(office: AppContext, actor: Actor, secret: str | None, step: int = 0) -> None:
    """Keep an authenticator whose first code (of *step*) was right; None takes it away."""
    what = "totp" if secret else "totp removed"
    with office.transaction(actor, "user.factor", actor.id, factor=what) as tx:
        factors.set_totp(tx.connection, actor.id, secret, tx.at, step)


def consume_totp_step(office: AppContext, person_id: str, step: int) -> bool:
    """Use the code of a time step up; False where it was used before."""
    with office.store.write() as connection:
        return factors.consume_totp_step(connection, person_id, step)


def add_passkey(office: AppContext, actor: Actor, passkey: PasskeyRow) -> None:
    """Keep a new passkey of the actor. Raises Refused: too many, or one that is known already."""
    with office.transaction(actor, "user.factor", actor.id, factor="passkey", name=passkey.name) as tx:
        if len(factors.list_passkeys(tx.connection, actor.id)) >= MAX_PASSKEYS:
            raise refuse("passkeys-many", "name", most=MAX_PASSKEYS)
        if factors.get_passkey(tx.connection, passkey.credential) is not None:
            raise refuse("passkey-known", "name")
        factors.create_passkey(tx.connection, passkey)


def remove_passkey(office: AppContext, actor: Actor, credential: str) -> None:
    """Take one of the actor's passkeys away."""
    with office.transaction(actor, "user.factor", actor.id, factor="passkey removed") as tx:
        if not factors.delete_passkey(tx.connection, actor.id, credential):
            raise refuse("passkey-unknown", "passkey")


def find_passkey(office: AppContext, credential: str) -> PasskeyRow | None:
    """The passkey of that credential id, whoever's."""
    with office.store.read() as connection:
        return factors.get_passkey(connection, credential)


def record_passkey_use(office: AppContext, found: PasskeyRow, sign_count: int, at: datetime) -> None:
    """Note that a passkey let its person in. Raises Refused where its counter went back (3)."""
    if sign_count <= found.sign_count and (sign_count or found.sign_count):
        with office.transaction(SYSTEM_ACTOR, "session.refused", found.user_id, why="passkey-copied"):
            pass
        raise refuse("passkey-copied", "passkey")
    with office.store.write() as connection:
        factors.record_passkey_use(connection, found.credential, sign_count, at)
