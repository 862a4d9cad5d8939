"""The user's own account: password, second factors, sessions, tokens."""

from flask import Response, request

from signage.faults import refuse
from signage.services.users import accounts, api_tokens, second_factors, sessions
from signage.web.console.framework.errors import render_error
from signage.web.console.framework.toolkit import (
    Form,
    PageGroup,
    get_request_context,
    redirect_to_page,
    render_template,
)
from signage.web.errors import ErrorReply
from signage.web.security import passwords, totp
from signage.web.security.password_login import LoginThrottle, check_password

pages = PageGroup("account")
ISSUER = "signage"


@pages.get("/account", "self.view")
def show() -> Response:
    """Show the account."""
    return _render_account()


@pages.post("/account/password", "user.password")
def change_password() -> Response:
    """Change the password; all other sessions end."""
    form, context = Form.from_request(), get_request_context()
    checked = check_password(context.app, context.user.id, form.get_raw_text("old"), request.remote_addr or "")
    if isinstance(checked, LoginThrottle):
        form.add_fault("login-throttled", "old", minutes=-(-checked.seconds // 60))
        return _render_account(form, 429)
    if checked is None:
        form.add_fault("password-wrong", "old")
    form.faults += passwords.find_password_faults(
        form.get_raw_text("password"), form.get_raw_text("again"), context.user.id
    )
    if form.errors:
        return _render_account(form)
    accounts.set_password(
        context.app, context.actor, passwords.hash_password(form.get_raw_text("password"), request.remote_addr or "")
    )
    sessions.end_other_sessions(context.app, context.browser_session)
    return redirect_to_page("account.show", done="password-set")


@pages.post("/account/sessions/<int:number>/end", "session.close")
def end_session(number: int) -> Response:
    """End one of the user's sessions."""
    sessions.end_session(get_request_context().app, get_request_context().actor, number)
    return redirect_to_page("account.show", done="session-ended")


@pages.post("/account/sessions/end-others", "session.close")
def end_others() -> Response:
    """End all sessions but this one."""
    sessions.end_other_sessions(get_request_context().app, get_request_context().browser_session)
    return redirect_to_page("account.show", done="sessions-ended")


@pages.get("/account/totp", "user.factor")
def show_totp() -> Response:
    """Show the setup of an authenticator app."""
    secret = totp.create_secret()
    return _render_totp(None, secret)


@pages.post("/account/totp", "user.factor")
def set_totp() -> Response:
    """Save the authenticator once its first code is correct."""
    form, context = Form.from_request(), get_request_context()
    secret = form.get_text("secret")
    step = totp.find_step(secret, form.get_text("code"), context.app.clock.now()) if totp.is_secret(secret) else None
    if step is None:
        form.add_fault("code-wrong", "code")
        return _render_totp(form, secret if totp.is_secret(secret) else totp.create_secret())
    second_factors.set_totp(context.app, context.actor, secret, step)
    sessions.end_other_sessions(context.app, context.browser_session)
    return redirect_to_page("account.show", done="totp-set")


@pages.post("/account/totp/remove", "user.factor")
def remove_totp() -> Response:
    """Remove the authenticator; requires the password."""
    form, context = Form.from_request(), get_request_context()
    checked = check_password(context.app, context.user.id, form.get_raw_text("old_totp"), request.remote_addr or "")
    if isinstance(checked, LoginThrottle):
        return render_error(ErrorReply(429, refuse("login-throttled", minutes=-(-checked.seconds // 60)).faults))
    if checked is None:
        form.add_fault("password-wrong", "old_totp")
        return _render_account(form)
    second_factors.set_totp(context.app, context.actor, None)
    return redirect_to_page("account.show", done="totp-removed")


def _render_totp(form: Form | None, secret: str) -> Response:
    address = totp.build_uri(secret, get_request_context().user.id, ISSUER)
    return render_template("users/totp.html", form.status if form else 200, form=form, secret=secret, address=address)


def _render_account(form: Form | None = None, status: int | None = None) -> Response:
    context = get_request_context()
    return render_template(
        "users/account.html",
        status or (form.status if form else 200),
        form=form,
        person=context.user,
        this=context.browser_session.session.number,
        sessions=sessions.list_sessions(context.app, context.user.id),
        factors=second_factors.get_second_factors(context.app, context.user.id),
        tokens=[token for token in api_tokens.list_tokens(context.app) if token.user_id == context.user.id],
    )
