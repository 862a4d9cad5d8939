"""Logging in and out, and the one-time link by which a person sets their password."""

from collections.abc import Callable

from flask import Response, g, request

from signage.faults import refuse
from signage.model.users import Person
from signage.services.users import accounts as people
from signage.services.users import second_factors as factors
from signage.services.users import sessions
from signage.services.users.sessions import Level
from signage.web.console.framework.errors import safe_next
from signage.web.console.framework.request import https, session, the_office
from signage.web.console.framework.toolkit import HALF, PUBLIC, Form, Pages, go, leave, render, who
from signage.web.request_context import services
from signage.web.security import cookies_csrf as browser
from signage.web.security import passwords
from signage.web.security.password_login import Wait, check

pages = Pages("login")
KEPT = "kept."
KEPT_BYTES = 6 << 20
"""The largest form, as it comes along with the log-in's own."""
Kept = list[tuple[str, str]]
"""Fields of a form that was sent when the log-in was over."""


@pages.get("/login", PUBLIC)
def show() -> Response:
    """The form."""
    next_ = safe_next(request.args.get("next"))
    if who() is not None:
        return leave(next_)
    return _form(None, next_)


@pages.post("/login", PUBLIC, limit=KEPT_BYTES)
def enter() -> Response:
    """A try: 429 where it has to wait, the form again where something is wrong."""
    form = Form.read()
    next_ = safe_next(form.text("next"))
    form.need("user", "password")
    if form.errors:
        return _form(form, next_)
    found = check(the_office(), form.text("user"), form.raw("password"), browser.address(request))
    if isinstance(found, Wait):
        return throttled(form, next_, found)
    if found is None:
        form.fault("login-wrong", "user")
        return _form(form, next_)
    return admit(found, next_, _kept(form))


@pages.post("/logout", HALF)
def out() -> Response:
    """End the session."""
    known = session()
    if known is not None:
        sessions.end(the_office(), known.actor, known.session.number)
    response = go("login.show")
    browser.drop_cookie(response, browser.SESSION, https())
    return response


@pages.get("/link/<secret>", PUBLIC)
def link(secret: str) -> Response:
    """What a one-time link opens: the form for a first password."""
    return render("link.html", person=_holder(secret), form=None)


@pages.post("/link/<secret>", PUBLIC)
def redeem(secret: str) -> Response:
    """Use the link up, and let its person in."""
    person_id = _holder(secret)
    form = Form.read()
    form.faults += passwords.faults(form.raw("password"), form.raw("again"), person_id)
    if form.errors:
        return render("link.html", form.status, person=person_id, form=form)
    people.redeem(the_office(), secret, passwords.make(form.raw("password")))
    account = people.account(the_office(), person_id)
    assert account is not None
    return admit(account.person, "/console/", [])


def admit(person: Person, next_: str, kept: Kept) -> Response:
    """The password was right: on to the second factor where there is one, else in."""
    if factors.of(the_office(), person.id).asked:
        return let_in(person, lambda: second_form(None, next_, kept), "half")
    return let_in(person, lambda: onward(next_, kept))


def let_in(person: Person, answer: Callable[[], Response], level: Level = "full") -> Response:
    """Begin a session of *person*'s in this browser, the one before being over, and answer as them."""
    office, before, config = the_office(), session(), services().session
    if before is not None:
        sessions.end(office, before.actor, before.session.number)
    agent = request.headers.get("User-Agent", "")
    begun = sessions.begin(office, config, person, level, browser.address(request), agent)
    g.console_secret, g.console_session = begun, sessions.find(office, config, begun)
    response = answer()
    browser.set_cookie(response, browser.SESSION, begun, https())
    browser.drop_cookie(response, browser.GUEST, https())
    return response


def onward(next_: str, kept: Kept) -> Response:
    """Where the person wanted to go; what they had typed before is theirs to send again."""
    return render("resend.html", next=next_, kept=kept) if kept else leave(next_)


def second_form(form: Form | None, next_: str, kept: Kept, status: int = 200) -> Response:
    """The form that asks for the second factor."""
    known = session()
    assert known is not None
    found = factors.of(the_office(), known.person.id)
    return render("second.html", status, form=form, next=next_, kept=kept, factors=found)


def throttled(form: Form, next_: str, wait: Wait) -> Response:
    """The form again, with how long to wait."""
    form.fault("login-throttled", "user", minutes=-(-wait.seconds // 60))
    response = _form(form, next_, 429)
    response.headers["Retry-After"] = str(wait.seconds)
    return response


def _form(form: Form | None, next_: str, status: int | None = None) -> Response:
    kept = _kept(form) if form else []
    status = status or (form.status if form else 200)
    return render("login.html", status, form=form, next=next_, kept=kept, over=bool(kept))


def _kept(form: Form) -> Kept:
    return [(k.removeprefix(KEPT), v) for k, v in form.values.items(multi=True) if k.startswith(KEPT)]


def _holder(secret: str) -> str:
    holder = people.holder_of_link(the_office(), secret)
    if holder is None:
        raise refuse("link-void", "link")
    return holder
