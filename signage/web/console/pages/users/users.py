"""People: who may come in, and what they may do."""

from flask import Response, request

from signage.faults import refuse
from signage.model.users import ROLES
from signage.services.users import accounts as people
from signage.services.users import confirmation as confirming
from signage.services.users import second_factors as factors
from signage.services.users.accounts import Account
from signage.web.console.framework.toolkit import N_, Form, Pages, go, here, may, render
from signage.web.request_context import services

pages = Pages("users")
ROLE_TEXTS = {
    "operator": (N_("Operator"), N_("adds slogans and clips, edits campaigns, submits them")),
    "approver": (N_("Approver"), N_("approves or returns what others submitted")),
    "duty": (N_("On duty"), N_("starts and stops takeovers, handles incidents")),
    "admin": (N_("Administrator"), N_("screens, people, settings")),
    "auditor": (N_("Auditor"), N_("reads and exports everything, changes nothing; never with another role")),
}


@pages.get("/users", "user.view")
def list_() -> Response:
    """All people."""
    office = here().office
    hands = confirming.everybodys(office)
    return render("users/list.html", accounts=people.every(office), hands=hands, texts=ROLE_TEXTS)


@pages.get("/users/add", "user.add")
def new() -> Response:
    """The form for a new person."""
    return render("users/edit.html", form=Form(), account=None, roles=ROLES, texts=ROLE_TEXTS)


@pages.post("/users/add", "user.add")
def add() -> Response:
    """Add a person; their one-time link is shown, this once."""
    form, me = Form.read(), here()
    form.need("id")
    secret = ""
    if not form.errors:
        with form.catching():
            secret = people.add(me.office, me.actor, form.text("id"), form.many("roles"), form.optional("unit"))
    if form.errors:
        return render("users/edit.html", form.status, form=form, account=None, roles=ROLES, texts=ROLE_TEXTS)
    return _link(form.text("id"), secret)


@pages.get("/users/<person_id>", "user.view")
def show(person_id: str) -> Response:
    """One person."""
    return _page(person_id)


@pages.post("/users/<person_id>", "user.set")
def change(person_id: str) -> Response:
    """Other roles, another unit."""
    form, me = Form.read(), here()
    with form.catching():
        people.change(me.office, me.actor, person_id, form.many("roles"), form.optional("unit"))
    return _page(person_id, form) if form.errors else go("users.show", done="user-changed", person_id=person_id)


@pages.post("/users/<person_id>/link", "user.link")
def link(person_id: str) -> Response:
    """A new one-time link."""
    return _link(person_id, people.new_link(here().office, here().actor, person_id))


@pages.post("/users/<person_id>/disable", "user.disable")
def disable(person_id: str) -> Response:
    """Let a person in no more."""
    people.disable(here().office, here().actor, person_id)
    return go("users.show", done="user-disabled", person_id=person_id)


@pages.post("/users/<person_id>/enable", "user.enable")
def enable(person_id: str) -> Response:
    """Let a person in again, by a new link."""
    return _link(person_id, people.enable(here().office, here().actor, person_id))


@pages.post("/users/<person_id>/forget-factors", "user.factors")
def forget_factors(person_id: str) -> Response:
    """Take a person's second factors away."""
    people.forget_factors(here().office, here().actor, person_id)
    return go("users.show", done="factors-forgotten", person_id=person_id)


@pages.get("/users/<person_id>/confirm", "user.confirm")
def confirm_page(person_id: str) -> Response:
    """What it means to confirm an account, and the button."""
    return _confirmation(person_id, Form())


@pages.post("/users/<person_id>/confirm", "user.confirm")
def confirm(person_id: str) -> Response:
    """Confirm, as a second person, that an account is the person it names."""
    form, now = Form.read(), here()
    with form.catching():
        confirming.confirm(now.office, now.actor, person_id)
    if form.errors:
        return _confirmation(person_id, form)
    if may("user.view"):
        return go("users.show", done="user-confirmed", person_id=person_id)
    return go("approvals.list", done="user-confirmed")


def _confirmation(person_id: str, form: Form) -> Response:
    now = here()
    return render(
        "users/confirm.html",
        form.status if form.errors else 200,
        form=form,
        account=_account(person_id),
        let_in_by=confirming.let_in_by(now.office, person_id),
        open=confirming.may_confirm(now.office, now.actor, person_id),
        texts=ROLE_TEXTS,
    )


def _account(person_id: str) -> Account:
    account = people.account(here().office, person_id)
    if account is None:
        raise refuse("user-unknown", person_id, user=person_id[:64])
    return account


def _page(person_id: str, form: Form | None = None) -> Response:
    now, account = here(), _account(person_id)
    return render(
        "users/edit.html",
        form.status if form else 200,
        form=form,
        account=account,
        factors=factors.of(now.office, person_id),
        let_in_by=confirming.let_in_by(now.office, person_id),
        may_confirm=confirming.may_confirm(now.office, now.actor, person_id),
        roles=ROLES,
        texts=ROLE_TEXTS,
    )


def _link(person_id: str, secret: str) -> Response:
    base = services().config.public_url.rstrip("/") or request.host_url.rstrip("/")
    return render(
        "users/link.html",
        person=person_id,
        link=base + people.address(secret),
        hours=people.LINK_HOURS,
        approver="approver" in _account(person_id).person.roles,
    )
