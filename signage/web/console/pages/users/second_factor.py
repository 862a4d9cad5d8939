"""The second step of a login: a code of the authenticator app (or a passkey, in ``passkeys.py``)."""

from flask import Response, request

from signage.services.users import login_throttle, second_factors
from signage.web.console.framework.errors import sanitize_next
from signage.web.console.framework.toolkit import (
    SECOND_FACTOR_PENDING,
    Form,
    PageGroup,
    get_full_session,
    redirect_to_url,
)
from signage.web.console.pages.users.login import (
    MAX_RESEND_BYTES,
    RESEND_PREFIX,
    ResendFields,
    render_second_factor,
    resume_request,
    start_session,
)
from signage.web.request_context import get_app_context, get_session
from signage.web.security import totp

pages = PageGroup("second")


@pages.get("/login/second", SECOND_FACTOR_PENDING)
def show() -> Response:
    """Show the form for the code."""
    next_url = sanitize_next(request.args.get("next"))
    return redirect_to_url(next_url) if get_full_session() is not None else render_second_factor(None, next_url, [])


@pages.post("/login/second", SECOND_FACTOR_PENDING, max_bytes=MAX_RESEND_BYTES)
def submit() -> Response:
    """Verify the code; a wrong one counts as a failed login."""
    session = get_session()
    assert session is not None
    form, app, address = Form.from_request(), get_app_context(), request.remote_addr or ""
    next_url, resend_fields = sanitize_next(form.get_text("next")), _list_resend_fields(form)
    attempt = login_throttle.begin_login_attempt(app, session.user.id, address)
    if attempt.delay_s:
        form.add_fault("login-throttled", "code", minutes=-(-attempt.delay_s // 60))
        response = render_second_factor(form, next_url, resend_fields, 429)
        response.headers["Retry-After"] = str(attempt.delay_s)
        return response
    totp_factor = second_factors.get_second_factors(app, session.user.id).totp
    step = totp.find_step(totp_factor.secret, form.get_text("code"), app.clock.now()) if totp_factor else None
    if step is None or not second_factors.consume_totp_step(app, session.user.id, step):
        login_throttle.finish_login_attempt(app, attempt, "code")
        form.add_fault("code-wrong", "code")
        return render_second_factor(form, next_url, resend_fields, 422)
    login_throttle.finish_login_attempt(app, attempt)
    return start_session(session.user, lambda: resume_request(next_url, resend_fields))


def _list_resend_fields(form: Form) -> ResendFields:
    return [(k.removeprefix(RESEND_PREFIX), v) for k, v in form.values.items(multi=True) if k.startswith(RESEND_PREFIX)]
