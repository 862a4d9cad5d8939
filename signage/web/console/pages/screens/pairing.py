"""Pairing: a new screen shows a code; a person types it and says what is to be known of the screen."""

from flask import Response

from signage.protocol.status import EnrolmentGrant
from signage.services.screens import form_input as screen_forms
from signage.services.screens import pairing as enrolment
from signage.services.screens.pairing import PendingEnrolment
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.toolkit import Form, PageGroup, get_request_context, redirect_to_page
from signage.web.console.pages.screens.screens import FIELD_NAMES, parse_fields

pages = PageGroup("pairing")


@pages.get("/screens/-/pair", "screen.enrol")
def show() -> Response:
    """The field for the code."""
    return render_page("screens/pair.html", form=Form(), asking=None)


@pages.post("/screens/-/pair", "screen.enrol")
def find_enrolment() -> Response:
    """Which screen shows that code; then the form for its facts."""
    now, form = get_request_context(), Form.from_request()
    form.require_fields("code")
    asking: PendingEnrolment | None = None
    if not form.errors:
        with form.collect_faults():
            asking = enrolment.get_pending(now.dependencies.enrolments, form.get_text("code"))
    if asking is None:
        return render_page("screens/pair.html", form.status, form=form, asking=None)
    fitting = enrolment.list_matching_panels(now.app, asking)
    fresh = {"code": asking.code, "timezone": now.app.timezone, "panel": fitting[0] if fitting else ""}
    return _render_facts_form(Form(fresh), asking)


@pages.post("/screens/-/pair/enrol", "screen.enrol")
def enrol() -> Response:
    """Let it in."""
    now, form = get_request_context(), Form.from_request()
    form.require_fields("id", "panel", "code")
    asking, made = now.dependencies.enrolments.find_pending(form.get_text("code")), None
    if not form.errors:
        with form.collect_faults(FIELD_NAMES):
            screen = screen_forms.parse_new_screen(form.get_text("id"), parse_fields(form), now.app.timezone)
            made = enrolment.enrol_screen(
                now.app, now.actor, now.dependencies.enrolments, form.get_text("code"), screen
            )
    if isinstance(made, EnrolmentGrant):
        return redirect_to_page("screens.show", done="screen-paired", screen_id=made.screen)
    if asking is None:
        return render_page("screens/pair.html", form.status, form=form, asking=None)
    return _render_facts_form(form, asking)


def _render_facts_form(form: Form, asking: PendingEnrolment) -> Response:
    now = get_request_context()
    fitting = enrolment.list_matching_panels(now.app, asking)
    known = [now.app.panels[name] for name in (*fitting, *(p for p in now.app.panels if p not in fitting))]
    panels = [(one.id, f"{one.id} ({one.width}×{one.height})") for one in known]
    return render_page(
        "screens/pair.html",
        form.status if form.errors else 200,
        form=form,
        asking=asking,
        panels=panels,
        fitting=fitting,
    )
