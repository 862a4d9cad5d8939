"""Users and their roles."""

from flask import Response

from signage.faults import refuse
from signage.model.users import ROLES
from signage.services.users import accounts, confirmation, second_factors
from signage.services.users.accounts import UserRow
from signage.web.console.framework.toolkit import (
    N_,
    Form,
    PageGroup,
    get_request_context,
    is_allowed,
    redirect_to_page,
    render_template,
)
from signage.web.request_context import get_public_url

pages = PageGroup("users")
ROLE_TEXTS = {
    "operator": (N_("Operator"), N_("adds slogans and clips, edits campaigns, submits them")),
    "approver": (N_("Approver"), N_("approves or returns what others submitted")),
    "duty": (N_("On duty"), N_("starts and stops takeovers, handles incidents")),
    "admin": (N_("Administrator"), N_("screens, people, settings")),
    "auditor": (N_("Auditor"), N_("reads and exports everything, changes nothing; never with another role")),
}


@pages.get("/users", "user.view")
def list_() -> Response:
    """List users."""
    app = get_request_context().app
    controllers = confirmation.list_all_controllers(app)
    return render_template("users/list.html", accounts=accounts.list_accounts(app), hands=controllers, texts=ROLE_TEXTS)


@pages.get("/users/add", "user.add")
def new() -> Response:
    """Show the form for a new user."""
    return render_template("users/edit.html", form=Form(), account=None, roles=ROLES, texts=ROLE_TEXTS)


@pages.post("/users/add", "user.add")
def add() -> Response:
    """Create a user; the one-time link is shown only now."""
    form, context = Form.from_request(), get_request_context()
    form.require_fields("id")
    secret = ""
    if not form.errors:
        with form.collect_faults():
            secret = accounts.create_user(
                context.app,
                context.actor,
                form.get_text("id"),
                form.get_list("roles"),
                form.get_optional_text("unit"),
                form.get_text("name"),
                all_units=form.is_checked("all_units"),
            )
    if form.errors:
        return render_template("users/edit.html", form.status, form=form, account=None, roles=ROLES, texts=ROLE_TEXTS)
    return _render_link(form.get_text("id"), secret)


@pages.get("/users/<person_id>", "user.view")
def show(person_id: str) -> Response:
    """Show a user."""
    return _render_user(person_id)


@pages.post("/users/<person_id>", "user.set")
def change(person_id: str) -> Response:
    """Change the name, the roles and the unit."""
    form, context = Form.from_request(), get_request_context()
    with form.collect_faults():
        accounts.update_user(
            context.app,
            context.actor,
            person_id,
            form.get_list("roles"),
            form.get_optional_text("unit"),
            form.get_text("name") if "name" in form.values else None,
            all_units=form.is_checked("all_units"),
        )
    return (
        _render_user(person_id, form)
        if form.errors
        else redirect_to_page("users.show", done="user-changed", person_id=person_id)
    )


@pages.post("/users/<person_id>/link", "user.link")
def create_link(person_id: str) -> Response:
    """Create a new one-time link."""
    return _render_link(
        person_id, accounts.create_link(get_request_context().app, get_request_context().actor, person_id)
    )


@pages.post("/users/<person_id>/disable", "user.disable")
def disable(person_id: str) -> Response:
    """Disable a user."""
    accounts.disable_user(get_request_context().app, get_request_context().actor, person_id)
    return redirect_to_page("users.show", done="user-disabled", person_id=person_id)


@pages.post("/users/<person_id>/enable", "user.enable")
def enable(person_id: str) -> Response:
    """Enable a user again, by a new link."""
    return _render_link(
        person_id, accounts.enable_user(get_request_context().app, get_request_context().actor, person_id)
    )


@pages.post("/users/<person_id>/forget-factors", "user.factors")
def forget_factors(person_id: str) -> Response:
    """Remove the user's second factors."""
    accounts.reset_second_factors(get_request_context().app, get_request_context().actor, person_id)
    return redirect_to_page("users.show", done="factors-forgotten", person_id=person_id)


@pages.get("/users/<person_id>/confirm", "user.confirm")
def show_confirmation(person_id: str) -> Response:
    """Show what a confirmation means, and its button."""
    return _render_confirmation(person_id, Form())


@pages.post("/users/<person_id>/confirm", "user.confirm")
def confirm(person_id: str) -> Response:
    """Confirm, as a second person, who uses the account."""
    form, now = Form.from_request(), get_request_context()
    with form.collect_faults():
        confirmation.confirm_account(now.app, now.actor, person_id)
    if form.errors:
        return _render_confirmation(person_id, form)
    if is_allowed("user.view"):
        return redirect_to_page("users.show", done="user-confirmed", person_id=person_id)
    return redirect_to_page("approvals.list", done="user-confirmed")


def _render_confirmation(person_id: str, form: Form) -> Response:
    context = get_request_context()
    return render_template(
        "users/confirm.html",
        form.status if form.errors else 200,
        form=form,
        account=_get_account(person_id),
        let_in_by=confirmation.list_controllers(context.app, person_id),
        open=confirmation.may_confirm(context.app, context.actor, person_id),
        texts=ROLE_TEXTS,
    )


def _get_account(person_id: str) -> UserRow:
    account = accounts.find_account(get_request_context().app, person_id)
    if account is None:
        raise refuse("user-unknown", person_id, user=person_id[:64])
    return account


def _render_user(person_id: str, form: Form | None = None) -> Response:
    context, account = get_request_context(), _get_account(person_id)
    return render_template(
        "users/edit.html",
        form.status if form else 200,
        form=form,
        account=account,
        factors=second_factors.get_second_factors(context.app, person_id),
        let_in_by=confirmation.list_controllers(context.app, person_id),
        may_confirm=confirmation.may_confirm(context.app, context.actor, person_id),
        roles=ROLES,
        texts=ROLE_TEXTS,
    )


def _render_link(person_id: str, secret: str) -> Response:
    return render_template(
        "users/link.html",
        person=person_id,
        link=get_public_url() + accounts.get_link_path(secret),
        hours=accounts.LINK_HOURS,
        approver="approver" in _get_account(person_id).user.roles,
    )
