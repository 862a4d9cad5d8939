"""The second step of a log-in: a code of the authenticator app (or a passkey, in ``passkeys.py``)."""

from flask import Response, request

from signage.services.users import second_factors as factors
from signage.services.users import sessions
from signage.web.console.framework.errors import safe_next
from signage.web.console.framework.request import session, the_office
from signage.web.console.framework.toolkit import HALF, Form, Pages, leave, who
from signage.web.console.pages.users.login import KEPT, KEPT_BYTES, Kept, let_in, onward, second_form
from signage.web.security import cookies_csrf as browser
from signage.web.security import totp as codes

pages = Pages("second")


@pages.get("/login/second", HALF)
def show() -> Response:
    """The form."""
    next_ = safe_next(request.args.get("next"))
    return leave(next_) if who() is not None else second_form(None, next_, [])


@pages.post("/login/second", HALF, limit=KEPT_BYTES)
def enter() -> Response:
    """A try; it counts as a failed log-in where the code is wrong."""
    known = session()
    assert known is not None
    form, office, address = Form.read(), the_office(), browser.address(request)
    next_, kept = safe_next(form.text("next")), _kept(form)
    wait = sessions.wait_s(office, known.person.id, address)
    if wait:
        form.fault("login-throttled", "code", minutes=-(-wait // 60))
        response = second_form(form, next_, kept, 429)
        response.headers["Retry-After"] = str(wait)
        return response
    totp = factors.of(office, known.person.id).totp
    step = codes.step_of(totp.secret, form.text("code"), office.clock.now()) if totp else None
    if step is None or not factors.use_step(office, known.person.id, step):
        sessions.failed(office, known.person.id, address, "code")
        form.fault("code-wrong", "code")
        return second_form(form, next_, kept, 422)
    return let_in(known.person, lambda: onward(next_, kept))


def _kept(form: Form) -> Kept:
    return [(k.removeprefix(KEPT), v) for k, v in form.values.items(multi=True) if k.startswith(KEPT)]
