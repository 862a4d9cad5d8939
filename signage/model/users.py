"""People and what they may do."""

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["operator", "approver", "duty", "admin", "auditor"]
ROLES: tuple[Role, ...] = ("operator", "approver", "duty", "admin", "auditor")


@dataclass(frozen=True, slots=True)
class User:
    """A user account: roles held, the unit it belongs to, whether it may still log in."""

    id: str
    roles: frozenset[Role]
    unit: str | None = None
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does an act: a person, or the system (``system``), a folder (``folder``), the machine's owner (``cli``).

    *via* names the door: ``console``, ``api``, ``cli``, ``folder``, ``timetable``, ``screen``. *scope* narrows what the
    roles allow: words as ``read`` or ``takeover.*`` (:mod:`signage.model.permissions`); none narrows nothing.
    *came_by*: the
    session (``session:NUMBER``) or the token (``token:SHA256``) by which they are let in, where there is one.
    """

    id: str
    roles: frozenset[Role]
    unit: str | None = None
    channel: str = "cli"
    scope: tuple[str, ...] = ()
    credential: str = field(default="", compare=False)


SYSTEM_ACTOR = Actor("system", frozenset(ROLES) - {"auditor"}, channel="timetable")
FOLDER_ACTOR = Actor("folder", frozenset({"operator", "approver"}), channel="folder")


def make_cli_actor(name: str) -> Actor:
    """The person at the machine's own command line: whoever may write the state folder may do everything."""
    return Actor(f"cli:{name}", frozenset(ROLES), channel="cli")
