"""Login and logout, and the one-time link by which a user sets a password."""

from collections.abc import Callable

from flask import Response, request

from signage.faults import refuse
from signage.model.users import User
from signage.services.users import accounts, second_factors, sessions
from signage.services.users.sessions import SessionLevel
from signage.web.console.framework.errors import sanitize_next
from signage.web.console.framework.toolkit import (
    PUBLIC,
    SECOND_FACTOR_PENDING,
    Form,
    PageGroup,
    get_full_session,
    redirect_to_page,
    redirect_to_url,
    render_template,
)
from signage.web.request_context import get_app_context, get_dependencies, get_session, is_https
from signage.web.security import cookies_csrf, passwords
from signage.web.security.password_login import LoginThrottle, check_password
from signage.web.session_cookies import use_session

pages = PageGroup("login")
RESEND_PREFIX = "kept."
MAX_RESEND_BYTES = 6 << 20
"""The largest form, as it comes along with the log-in's own."""
ResendFields = list[tuple[str, str]]
"""Fields of a form that was sent when the log-in was over."""


@pages.get("/login", PUBLIC)
def show() -> Response:
    """Show the login form."""
    next_url = sanitize_next(request.args.get("next"))
    if get_full_session() is not None:
        return redirect_to_url(next_url)
    return _render_form(None, next_url)


@pages.post("/login", PUBLIC, max_bytes=MAX_RESEND_BYTES)
def submit() -> Response:
    """Log in: 429 while throttled, the form again after a wrong password."""
    form = Form.from_request()
    next_url = sanitize_next(form.get_text("next"))
    form.require_fields("user", "password")
    if form.errors:
        return _render_form(form, next_url)
    checked = check_password(
        get_app_context(),
        form.get_text("user"),
        form.get_raw_text("password"),
        request.remote_addr or "",
    )
    if isinstance(checked, LoginThrottle):
        return render_throttled(form, next_url, checked)
    if checked is None:
        form.add_fault("login-wrong", "user")
        return _render_form(form, next_url)
    return continue_login(checked, next_url, _list_resend_fields(form))


@pages.post("/logout", SECOND_FACTOR_PENDING)
def log_out() -> Response:
    """End the session."""
    session = get_session()
    if session is not None:
        sessions.end_session(get_app_context(), session.actor, session.session.number)
    response = redirect_to_page("login.show")
    cookies_csrf.delete_cookie(response, cookies_csrf.SESSION_COOKIE, is_https())
    return response


@pages.get("/link/<secret>", PUBLIC)
def show_link(secret: str) -> Response:
    """Show the form for a first password, opened by a one-time link."""
    return render_template("users/first_password.html", person=_get_link_owner(secret), form=None)


@pages.post("/link/<secret>", PUBLIC)
def redeem(secret: str) -> Response:
    """Set the password by a one-time link, and log in."""
    user_id = _get_link_owner(secret)
    form = Form.from_request()
    form.faults += passwords.find_password_faults(form.get_raw_text("password"), form.get_raw_text("again"), user_id)
    if form.errors:
        return render_template("users/first_password.html", form.status, person=user_id, form=form)
    address = request.remote_addr or ""
    password_hash = passwords.hash_password(form.get_raw_text("password"), address)
    accounts.redeem_link(get_app_context(), secret, password_hash, address)
    account = accounts.find_account(get_app_context(), user_id)
    assert account is not None
    return continue_login(account.user, "/console/", [])


def continue_login(user: User, next_url: str, resend_fields: ResendFields) -> Response:
    """Continue after a correct password: to the second factor where there is one, else to the session."""
    if second_factors.get_second_factors(get_app_context(), user.id).is_required:
        return start_session(user, lambda: render_second_factor(None, next_url, resend_fields), "half")
    return start_session(user, lambda: resume_request(next_url, resend_fields))


def start_session(user: User, respond: Callable[[], Response], level: SessionLevel = "full") -> Response:
    """Start a session of *user* in this browser, end the previous one, and answer within the new one."""
    app, previous, config = get_app_context(), get_session(), get_dependencies().session_config
    if previous is not None:
        sessions.end_session(app, previous.actor, previous.session.number)
    user_agent = request.headers.get("User-Agent", "")
    secret = sessions.start_session(app, config, user, level, request.remote_addr or "", user_agent)
    use_session(sessions.find_session(app, config, secret), secret)
    response = respond()
    cookies_csrf.set_cookie(response, cookies_csrf.SESSION_COOKIE, secret, is_https())
    cookies_csrf.delete_cookie(response, cookies_csrf.GUEST_COOKIE, is_https())
    return response


def resume_request(next_url: str, resend_fields: ResendFields) -> Response:
    """Continue to *next_url*, or offer to send the retained form again."""
    return (
        render_template("users/resend.html", next=next_url, kept=resend_fields)
        if resend_fields
        else redirect_to_url(next_url)
    )


def render_second_factor(form: Form | None, next_url: str, resend_fields: ResendFields, status: int = 200) -> Response:
    """Render the form for the second factor."""
    session = get_session()
    assert session is not None
    user_factors = second_factors.get_second_factors(get_app_context(), session.user.id)
    return render_template(
        "users/second_factor.html", status, form=form, next=next_url, kept=resend_fields, factors=user_factors
    )


def render_throttled(form: Form, next_url: str, throttle: LoginThrottle) -> Response:
    """Render the login form with the time to wait."""
    form.add_fault("login-throttled", "user", minutes=-(-throttle.seconds // 60))
    response = _render_form(form, next_url, 429)
    response.headers["Retry-After"] = str(throttle.seconds)
    return response


def _render_form(form: Form | None, next_url: str, status: int | None = None) -> Response:
    resend_fields = _list_resend_fields(form) if form else []
    status = status or (form.status if form else 200)
    return render_template(
        "users/login.html", status, form=form, next=next_url, kept=resend_fields, over=bool(resend_fields)
    )


def _list_resend_fields(form: Form) -> ResendFields:
    return [(k.removeprefix(RESEND_PREFIX), v) for k, v in form.values.items(multi=True) if k.startswith(RESEND_PREFIX)]


def _get_link_owner(secret: str) -> str:
    holder = accounts.find_link_owner(get_app_context(), secret)
    if holder is None:
        raise refuse("link-void", "link")
    return holder
