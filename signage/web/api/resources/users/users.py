"""People: who may come in, and what they may do."""

from datetime import datetime

from flask import request
from msgspec import UNSET, Struct, UnsetType

from signage.faults import refuse
from signage.services.users import accounts as people
from signage.services.users import confirmation as confirming
from signage.services.users.accounts import Account
from signage.web.api.framework.operations import Asked, Page, Paging, Resource, page_of

api = Resource("users")


class User(Struct, frozen=True):
    """*state*: invited, active or disabled. *let_in_by*: in whose hands it is, until a second person confirms it."""

    id: str
    user: str
    roles: tuple[str, ...]
    unit: str | None
    state: str
    made_at: datetime
    let_in_by: tuple[str, ...]


class NewUser(Struct, frozen=True, kw_only=True):
    """A person to be added."""

    id: str
    roles: tuple[str, ...]
    unit: str | None = None


class UserChange(Struct, frozen=True, kw_only=True):
    """What is to be changed; the unit may be taken away by null."""

    roles: tuple[str, ...] | UnsetType = UNSET
    unit: str | UnsetType | None = UNSET


class Link(Struct, frozen=True):
    """The one-time link by which the person sets their password: told this once."""

    user: str
    link: str


@api.get("/users", "user.view", query=Paging, answer=Page[User])
def list_(asked: Asked) -> Page[User]:
    """People by id."""
    by = confirming.everybodys(asked.office)
    every = people.every(asked.office)
    found = [_shown(one, by.get(one.person.id, ())) for one in every if one.person.id > asked.query.cursor]
    return page_of(found[: asked.query.limit + 1], asked.query.limit, lambda one: one.id)


@api.post("/users", "user.add", body=NewUser, answer=Link, status=201, errors=(409,))
def add(asked: Asked) -> Link:
    """Add a person."""
    body = asked.body
    return _link(asked, body.id, people.add(asked.office, asked.actor, body.id, body.roles, body.unit))


@api.get("/users/{id}", "user.view", answer=User, errors=(404,))
def show(asked: Asked) -> User:
    """One person."""
    return _one(asked)


@api.add("PATCH", "/users/{id}", "user.set", body=UserChange, answer=User, errors=(404,))
def change(asked: Asked) -> User:
    """Give a person other roles, another unit."""
    before, body = _account(asked).person, asked.body
    roles = before.roles if body.roles is UNSET else body.roles
    people.change(asked.office, asked.actor, asked.id, roles, before.unit if body.unit is UNSET else body.unit)
    return _one(asked)


@api.post("/users/{id}/link", "user.link", answer=Link, errors=(404,))
def link(asked: Asked) -> Link:
    """A new one-time link; the one before is void."""
    return _link(asked, asked.id, people.new_link(asked.office, asked.actor, asked.id))


@api.post("/users/{id}/disable", "user.disable", status=204, errors=(404,))
def disable(asked: Asked) -> None:
    """Let a person in no more; sessions, links and tokens end at once."""
    people.disable(asked.office, asked.actor, asked.id)


@api.post("/users/{id}/enable", "user.enable", answer=Link, errors=(404,))
def enable(asked: Asked) -> Link:
    """Let a person in again, by a new link."""
    return _link(asked, asked.id, people.enable(asked.office, asked.actor, asked.id))


@api.post("/users/{id}/confirm", "user.confirm", answer=User, errors=(404, 409))
def confirm(asked: Asked) -> User:
    """Confirm, as a second person, that it is the person it names; its sessions, links, tokens and passkeys end."""
    confirming.confirm(asked.office, asked.actor, asked.id)
    return _one(asked)


def _one(asked: Asked) -> User:
    return _shown(_account(asked), confirming.let_in_by(asked.office, asked.id))


def _account(asked: Asked) -> Account:
    found = people.account(asked.office, asked.id)
    if found is None:
        raise refuse("user-unknown", asked.id, user=asked.id[:64])
    return found


def _shown(account: Account, by: tuple[str, ...]) -> User:
    state = "disabled" if account.disabled_at else "active" if account.password else "invited"
    person = account.person
    return User(person.id, person.id, tuple(sorted(person.roles)), person.unit, state, account.made_at, by)


def _link(asked: Asked, person_id: str, secret: str) -> Link:
    base = asked.services.config.public_url.rstrip("/") or request.host_url.rstrip("/")
    return Link(person_id, base + people.address(secret))
