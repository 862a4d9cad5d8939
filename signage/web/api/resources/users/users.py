"""Users and their roles."""

from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from signage.faults import refuse
from signage.services.users import accounts, confirmation
from signage.services.users.accounts import UserRow
from signage.web.api.framework.operations import ApiRequest, ApiResource, PageOut, PageQuery, build_page
from signage.web.request_context import get_public_url

api = ApiResource("users")


class UserOut(Struct, frozen=True):
    """*state*: invited, active or disabled. *let_in_by*: who controls the account until a second person confirms it."""

    id: str
    user: str
    name: str | None
    roles: tuple[str, ...]
    unit: str | None
    all_units: bool
    state: str
    made_at: datetime
    let_in_by: tuple[str, ...]


class UserIn(Struct, frozen=True, kw_only=True):
    """A user to create. *all_units*: as a duty officer it takes over the screens of all units."""

    id: str
    roles: tuple[str, ...]
    unit: str | None = None
    name: str | None = None
    all_units: bool = False


class UserChangeIn(Struct, frozen=True, kw_only=True):
    """The properties to change; null removes the unit or the name."""

    roles: tuple[str, ...] | UnsetType = UNSET
    unit: str | UnsetType | None = UNSET
    name: str | UnsetType | None = UNSET
    all_units: bool | UnsetType = UNSET


class OneTimeLinkOut(Struct, frozen=True):
    """The one-time link by which the user sets a password, shown only now."""

    user: str
    link: str


@api.get("/users", "user.view", query=PageQuery, answer=PageOut[UserOut])
def list_(api_request: ApiRequest) -> PageOut[UserOut]:
    """List users by id."""
    controllers = confirmation.list_all_controllers(api_request.app)
    account_rows = accounts.list_accounts(api_request.app)
    users = [
        _build_user_out(account, controllers.get(account.user.id, ()))
        for account in account_rows
        if account.user.id > api_request.query.cursor
    ]
    return build_page(users[: api_request.query.limit + 1], api_request.query.limit, lambda account: account.id)


@api.post("/users", "user.add", body=UserIn, answer=OneTimeLinkOut, status=201, errors=(409,))
def add(api_request: ApiRequest) -> OneTimeLinkOut:
    """Create a user."""
    body = api_request.body
    values = (body.id, body.roles, body.unit, body.name)
    secret = accounts.create_user(api_request.app, api_request.actor, *values, all_units=body.all_units)
    return _build_link_out(api_request, body.id, secret)


@api.get("/users/{id}", "user.view", answer=UserOut, errors=(404,))
def show(api_request: ApiRequest) -> UserOut:
    """Get a user."""
    return _get_user(api_request)


@api.add("PATCH", "/users/{id}", "user.set", body=UserChangeIn, answer=UserOut, errors=(404,))
def change(api_request: ApiRequest) -> UserOut:
    """Change the roles, the unit or the name of a user."""
    before, body = _get_account(api_request).user, api_request.body
    roles = before.roles if body.roles is UNSET else body.roles
    unit = before.unit if body.unit is UNSET else body.unit
    name = None if body.name is UNSET else body.name or ""
    all_units = None if body.all_units is UNSET else body.all_units
    values = (api_request.id, roles, unit, name)
    accounts.update_user(api_request.app, api_request.actor, *values, all_units=all_units)
    return _get_user(api_request)


@api.post("/users/{id}/link", "user.link", answer=OneTimeLinkOut, errors=(404,))
def link(api_request: ApiRequest) -> OneTimeLinkOut:
    """Create a new one-time link; the previous one becomes invalid."""
    return _build_link_out(
        api_request, api_request.id, accounts.create_link(api_request.app, api_request.actor, api_request.id)
    )


@api.post("/users/{id}/disable", "user.disable", status=204, errors=(404,))
def disable(api_request: ApiRequest) -> None:
    """Disable a user; sessions, links and tokens end at once."""
    accounts.disable_user(api_request.app, api_request.actor, api_request.id)


@api.post("/users/{id}/enable", "user.enable", answer=OneTimeLinkOut, errors=(404,))
def enable(api_request: ApiRequest) -> OneTimeLinkOut:
    """Enable a user again, by a new link."""
    return _build_link_out(
        api_request, api_request.id, accounts.enable_user(api_request.app, api_request.actor, api_request.id)
    )


@api.post("/users/{id}/confirm", "user.confirm", answer=UserOut, errors=(404, 409))
def confirm(api_request: ApiRequest) -> UserOut:
    """Confirm, as a second person, who uses the account; its sessions, links, tokens and passkeys end."""
    confirmation.confirm_account(api_request.app, api_request.actor, api_request.id)
    return _get_user(api_request)


def _get_user(api_request: ApiRequest) -> UserOut:
    return _build_user_out(_get_account(api_request), confirmation.list_controllers(api_request.app, api_request.id))


def _get_account(api_request: ApiRequest) -> UserRow:
    account = accounts.find_account(api_request.app, api_request.id)
    if account is None:
        raise refuse("user-unknown", api_request.id, user=api_request.id[:64])
    return account


def _build_user_out(account: UserRow, controllers: tuple[str, ...]) -> UserOut:
    state = "disabled" if account.disabled_at else "active" if account.password_hash else "invited"
    user = account.user
    roles = tuple(sorted(user.roles))
    names = (user.id, user.id, user.name)
    return UserOut(*names, roles, user.unit, user.all_units, state, account.made_at, controllers)


def _build_link_out(api_request: ApiRequest, user_id: str, secret: str) -> OneTimeLinkOut:
    return OneTimeLinkOut(user_id, get_public_url() + accounts.get_link_path(secret))
