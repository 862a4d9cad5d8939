"""The second step of a log-in: a code of the authenticator app (or a passkey, in ``passkeys.py``)."""

from flask import Response, request

from signage.services.users import second_factors as factors
from signage.services.users import sessions
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
from signage.web.security import cookies_csrf as browser
from signage.web.security import totp as codes

pages = PageGroup("second")


@pages.get("/login/second", SECOND_FACTOR_PENDING)
def show() -> Response:
    """The form."""
    next_ = sanitize_next(request.args.get("next"))
    return redirect_to_url(next_) if get_full_session() is not None else render_second_factor(None, next_, [])


@pages.post("/login/second", SECOND_FACTOR_PENDING, max_bytes=MAX_RESEND_BYTES)
def submit() -> Response:
    """A try; it counts as a failed log-in where the code is wrong."""
    known = get_session()
    assert known is not None
    form, office, address = Form.from_request(), get_app_context(), browser.get_client_address(request)
    next_, kept = sanitize_next(form.get_text("next")), _list_resend_fields(form)
    wait = sessions.get_login_delay_s(office, known.person.id, address)
    if wait:
        form.add_fault("login-throttled", "code", minutes=-(-wait // 60))
        response = render_second_factor(form, next_, kept, 429)
        response.headers["Retry-After"] = str(wait)
        return response
    totp = factors.get_second_factors(office, known.person.id).totp
    step = codes.find_step(totp.secret, form.get_text("code"), office.clock.now()) if totp else None
    if step is None or not factors.consume_totp_step(office, known.person.id, step):
        sessions.record_failed_login(office, known.person.id, address, "code")
        form.add_fault("code-wrong", "code")
        return render_second_factor(form, next_, kept, 422)
    return start_session(known.person, lambda: resume_request(next_, kept))


def _list_resend_fields(form: Form) -> ResendFields:
    return [(k.removeprefix(RESEND_PREFIX), v) for k, v in form.values.items(multi=True) if k.startswith(RESEND_PREFIX)]
