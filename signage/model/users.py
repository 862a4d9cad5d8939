"""Users, their roles, and actors."""

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["operator", "approver", "duty", "admin", "auditor"]
ROLES: tuple[Role, ...] = ("operator", "approver", "duty", "admin", "auditor")


@dataclass(frozen=True, slots=True)
class User:
    """A user account: its roles, its unit, and whether it may still log in.

    *all_units*: with the role ``duty``, it may take over the screens of all units although it belongs to one.
    """

    id: str
    roles: frozenset[Role]
    unit: str | None = None
    disabled: bool = False
    name: str | None = None
    all_units: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """Who performs an act: a user, the system (``system``), a folder (``folder``) or the command line (``cli``).

    *channel*: ``console``, ``api``, ``cli``, ``folder``, ``timetable`` or ``screen``. *scope* restricts what the roles
    allow: words such as ``read`` or ``takeover.*`` (:mod:`signage.model.permissions`); empty: no restriction.
    *credential*: the session (``session:NUMBER``) or token (``token:SHA256``) of the request, if there is one.
    """

    id: str
    roles: frozenset[Role]
    unit: str | None = None
    channel: str = "cli"
    scope: tuple[str, ...] = ()
    credential: str = field(default="", compare=False)
    all_units: bool = False


SYSTEM_ACTOR = Actor("system", frozenset(ROLES) - {"auditor"}, channel="timetable")
FOLDER_ACTOR = Actor("folder", frozenset({"operator", "approver"}), channel="folder")


def make_cli_actor(name: str) -> Actor:
    """Return the actor of the local command line: whoever may write the state folder may do everything."""
    return Actor(f"cli:{name}", frozenset(ROLES), channel="cli")
