"""Pairing: a new screen shows a code; a person types it and says what is to be known of the screen."""

from flask import Response

from signage.protocol.status import Enrolled
from signage.services.screens import form_input as screen_forms
from signage.services.screens import pairing as enrolment
from signage.services.screens.pairing import Asking
from signage.web.console.framework.formatting import render
from signage.web.console.framework.toolkit import Form, Pages, go, here
from signage.web.console.pages.screens.screens import RENAMED, said

pages = Pages("pairing")


@pages.get("/screens/-/pair", "screen.enrol")
def show() -> Response:
    """The field for the code."""
    return render("screens/pair.html", form=Form(), asking=None)


@pages.post("/screens/-/pair", "screen.enrol")
def look() -> Response:
    """Which screen shows that code; then the form for its facts."""
    now, form = here(), Form.read()
    form.need("code")
    asking: Asking | None = None
    if not form.errors:
        with form.catching():
            asking = enrolment.waiting(now.services.enrolments, form.text("code"))
    if asking is None:
        return render("screens/pair.html", form.status, form=form, asking=None)
    fitting = enrolment.fitting(now.office, asking)
    fresh = {"code": asking.code, "timezone": now.office.timezone, "panel": fitting[0] if fitting else ""}
    return _facts(Form(fresh), asking)


@pages.post("/screens/-/pair/enrol", "screen.enrol")
def enrol() -> Response:
    """Let it in."""
    now, form = here(), Form.read()
    form.need("id", "panel", "code")
    asking, made = now.services.enrolments.waiting(form.text("code")), None
    if not form.errors:
        with form.catching(RENAMED):
            screen = screen_forms.new_screen(form.text("id"), said(form), now.office.timezone)
            made = enrolment.enrol(now.office, now.actor, now.services.enrolments, form.text("code"), screen)
    if isinstance(made, Enrolled):
        return go("screens.show", done="screen-paired", screen_id=made.screen)
    if asking is None:
        return render("screens/pair.html", form.status, form=form, asking=None)
    return _facts(form, asking)


def _facts(form: Form, asking: Asking) -> Response:
    now = here()
    fitting = enrolment.fitting(now.office, asking)
    known = [now.office.panels[name] for name in (*fitting, *(p for p in now.office.panels if p not in fitting))]
    panels = [(one.id, f"{one.id} ({one.width}×{one.height})") for one in known]
    return render(
        "screens/pair.html",
        form.status if form.errors else 200,
        form=form,
        asking=asking,
        panels=panels,
        fitting=fitting,
    )
