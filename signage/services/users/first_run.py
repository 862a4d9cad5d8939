"""The first two people: on an empty installation a link each for the first administrator and the first approver.

1. Both accounts are made by the installation, not by one another: they count as two people in a review, so that an
   office of two works from the console alone.
2. An installation is empty until an account has a password; each start replaces both links until then.
3. Later starts replace the link of the one who did not come in time: only when it has expired.
4. Accounts of these ids that were made by people are left alone unless they have the role.
5. The first administrator is an operator too: nobody may add a role to themselves, and in an office of two the approver
   must not submit what they approve.
"""

from typing import NamedTuple

from signage.model.users import SYSTEM_ACTOR, Role
from signage.services.context import AppContext
from signage.services.users.accounts import create_link, create_user, get_link_path
from signage.store.users import users

FIRST_USERS: tuple[tuple[str, tuple[Role, ...]], ...] = (
    ("admin", ("admin", "operator")),
    ("first-approver", ("approver",)),
)
"""The ids and the roles of the first administrator and the first approver, the role that names each first."""


class FirstLink(NamedTuple):
    """The path of a one-time link, and the role of the person whom it lets in."""

    role: Role
    path: str


def create_first_links(context: AppContext) -> tuple[FirstLink, ...]:
    """Create the links of the first two people that are due now (2, 3)."""
    links = []
    for user_id, roles in FIRST_USERS:
        secret = _create_first_link(context, user_id, roles)
        if secret is not None:
            links.append(FirstLink(roles[0], get_link_path(secret)))
    return tuple(links)


def _create_first_link(context: AppContext, user_id: str, roles: tuple[Role, ...]) -> str | None:
    with context.store.read() as connection:
        account = users.get_user(connection, user_id)
        is_empty = all(other.password_hash is None for other in users.list_users(connection))
        is_waiting = users.has_password_link(connection, user_id, context.clock.now())
    if account is None:
        return create_user(context, SYSTEM_ACTOR, user_id, roles) if is_empty else None
    if account.password_hash is not None or account.disabled_at is not None or roles[0] not in account.user.roles:
        return None
    return create_link(context, SYSTEM_ACTOR, user_id) if is_empty or not is_waiting else None
