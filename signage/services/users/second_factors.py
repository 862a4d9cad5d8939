"""Second factors: an authenticator app (TOTP, RFC 6238), passkeys (WebAuthn). Set up and taken away by their person.

1. A code is good once: its time step, and those before, are used up by it.
2. What can be taken away again only by somebody else is asked for with the password.
3. A passkey's counter that goes back tells of a copy: the passkey is refused.
"""

from dataclasses import dataclass
from datetime import datetime

from signage.faults import refuse
from signage.model.users import SYSTEM, Actor
from signage.services.context import Office
from signage.store.users import second_factors as factors
from signage.store.users.second_factors import Passkey as Passkey
from signage.store.users.second_factors import Totp

MOST_PASSKEYS = 20


@dataclass(frozen=True, slots=True)
class Factors:
    """What a person has set up."""

    totp: Totp | None
    passkeys: list[Passkey]

    @property
    def asked(self) -> bool:
        """Whether a password alone does not let the person in."""
        return self.totp is not None or bool(self.passkeys)


def of(office: Office, person_id: str) -> Factors:
    """The second factors of a person."""
    with office.store.read() as connection:
        return Factors(factors.totp_of(connection, person_id), factors.passkeys_of(connection, person_id))


def set_totp(office: Office, actor: Actor, secret: str | None, step: int = 0) -> None:
    """Keep an authenticator whose first code (of *step*) was right; None takes it away."""
    what = "totp" if secret else "totp removed"
    with office.act(actor, "user.factor", actor.id, factor=what) as tx:
        factors.set_totp(tx.connection, actor.id, secret, tx.at, step)


def use_step(office: Office, person_id: str, step: int) -> bool:
    """Use the code of a time step up; False where it was used before."""
    with office.store.write() as connection:
        return factors.use_step(connection, person_id, step)


def add_passkey(office: Office, actor: Actor, passkey: Passkey) -> None:
    """Keep a new passkey of the actor. Raises Refused: too many, or one that is known already."""
    with office.act(actor, "user.factor", actor.id, factor="passkey", name=passkey.name) as tx:
        if len(factors.passkeys_of(tx.connection, actor.id)) >= MOST_PASSKEYS:
            raise refuse("passkeys-many", "name", most=MOST_PASSKEYS)
        if factors.passkey(tx.connection, passkey.credential) is not None:
            raise refuse("passkey-known", "name")
        factors.add_passkey(tx.connection, passkey)


def remove_passkey(office: Office, actor: Actor, credential: str) -> None:
    """Take one of the actor's passkeys away."""
    with office.act(actor, "user.factor", actor.id, factor="passkey removed") as tx:
        if not factors.remove_passkey(tx.connection, actor.id, credential):
            raise refuse("passkey-unknown", "passkey")


def passkey(office: Office, credential: str) -> Passkey | None:
    """The passkey of that credential id, whoever's."""
    with office.store.read() as connection:
        return factors.passkey(connection, credential)


def used(office: Office, found: Passkey, sign_count: int, at: datetime) -> None:
    """Note that a passkey let its person in. Raises Refused where its counter went back (3)."""
    if sign_count <= found.sign_count and (sign_count or found.sign_count):
        with office.act(SYSTEM, "session.refused", found.person, why="passkey-copied"):
            pass
        raise refuse("passkey-copied", "passkey")
    with office.store.write() as connection:
        factors.passkey_used(connection, found.credential, sign_count, at)
