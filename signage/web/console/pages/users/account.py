"""One's own account: password, second factors, sessions, tokens."""

from flask import Response, request

from signage.faults import refuse
from signage.services.users import accounts as people
from signage.services.users import second_factors as factors
from signage.services.users import sessions
from signage.web.console.framework.errors import error_page
from signage.web.console.framework.toolkit import Form, Pages, go, here, render
from signage.web.security import cookies_csrf as browser
from signage.web.security import passwords
from signage.web.security import totp as codes
from signage.web.security.password_login import Wait, check

pages = Pages("account")
ISSUER = "signage"


@pages.get("/account", "self.view")
def show() -> Response:
    """Who one is, and all that lets one in."""
    return _page()


@pages.post("/account/password", "user.password")
def password() -> Response:
    """Another password; all other sessions end."""
    form, me = Form.read(), here()
    found = check(me.office, me.person.id, form.raw("old"), browser.address(request))
    if isinstance(found, Wait):
        form.fault("login-throttled", "old", minutes=-(-found.seconds // 60))
        return _page(form, 429)
    if found is None:
        form.fault("password-wrong", "old")
    form.faults += passwords.faults(form.raw("password"), form.raw("again"), me.person.id)
    if form.errors:
        return _page(form)
    people.set_password(me.office, me.actor, passwords.make(form.raw("password")))
    sessions.end_others(me.office, me.known)
    return go("account.show", done="password-set")


@pages.post("/account/sessions/<int:number>/end", "session.close")
def end(number: int) -> Response:
    """End one of one's sessions."""
    sessions.end(here().office, here().actor, number)
    return go("account.show", done="session-ended")


@pages.post("/account/sessions/end-others", "session.close")
def end_others() -> Response:
    """End all but this one."""
    sessions.end_others(here().office, here().known)
    return go("account.show", done="sessions-ended")


@pages.get("/account/totp", "user.factor")
def totp() -> Response:
    """Set an authenticator app up."""
    secret = codes.new_secret()
    return _totp_page(None, secret)


@pages.post("/account/totp", "user.factor")
def set_totp() -> Response:
    """Keep the authenticator, once its first code was right."""
    form, me = Form.read(), here()
    secret = form.text("secret")
    step = codes.step_of(secret, form.text("code"), me.office.clock.now()) if codes.is_secret(secret) else None
    if step is None:
        form.fault("code-wrong", "code")
        return _totp_page(form, secret if codes.is_secret(secret) else codes.new_secret())
    factors.set_totp(me.office, me.actor, secret, step)
    sessions.end_others(me.office, me.known)
    return go("account.show", done="totp-set")


@pages.post("/account/totp/remove", "user.factor")
def remove_totp() -> Response:
    """Take the authenticator away; the password is asked for."""
    form, me = Form.read(), here()
    found = check(me.office, me.person.id, form.raw("old_totp"), browser.address(request))
    if isinstance(found, Wait):
        return error_page(429, refuse("login-throttled", minutes=-(-found.seconds // 60)).faults)
    if found is None:
        form.fault("password-wrong", "old_totp")
        return _page(form)
    factors.set_totp(me.office, me.actor, None)
    return go("account.show", done="totp-removed")


def _totp_page(form: Form | None, secret: str) -> Response:
    address = codes.uri(secret, here().person.id, ISSUER)
    return render("account_totp.html", form.status if form else 200, form=form, secret=secret, address=address)


def _page(form: Form | None = None, status: int | None = None) -> Response:
    me = here()
    return render(
        "account.html",
        status or (form.status if form else 200),
        form=form,
        person=me.person,
        this=me.known.session.number,
        sessions=sessions.of(me.office, me.person.id),
        factors=factors.of(me.office, me.person.id),
        tokens=[token for token in people.tokens(me.office) if token.person == me.person.id],
    )
