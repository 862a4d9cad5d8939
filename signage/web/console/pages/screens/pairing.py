"""Pairing: a new screen shows a code; the user types it and enters the screen's properties."""

from flask import Response, request

from signage.protocol.status import EnrolmentGrant
from signage.services.screens import form_input, pairing
from signage.services.screens.pairing import PendingEnrolment
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.toolkit import Form, PageGroup, get_request_context, redirect_to_page
from signage.web.console.pages.screens.screens import FIELD_NAMES, parse_fields

pages = PageGroup("pairing")


@pages.get("/screens/-/pair", "screen.enrol")
def show() -> Response:
    """Show the field for the code."""
    return render_page("screens/pair.html", form=Form(), asking=None)


@pages.post("/screens/-/pair", "screen.enrol")
def find_enrolment() -> Response:
    """Find the screen that shows the code; then show the form for its properties."""
    context, form = get_request_context(), Form.from_request()
    form.require_fields("code")
    pending: PendingEnrolment | None = None
    if not form.errors:
        with form.collect_faults():
            pending = pairing.get_pending(
                context.app,
                context.actor,
                context.dependencies.enrolments,
                form.get_text("code"),
                request.remote_addr or "",
            )
    if pending is None:
        return render_page("screens/pair.html", form.status, form=form, asking=None)
    matching_panels = pairing.list_matching_panels(context.app, pending)
    values = {
        "code": pending.code,
        "timezone": context.app.timezone,
        "panel": matching_panels[0] if matching_panels else "",
    }
    return _render_facts_form(Form(values), pending)


@pages.post("/screens/-/pair/enrol", "screen.enrol")
def enrol() -> Response:
    """Enrol the screen."""
    context, form = get_request_context(), Form.from_request()
    form.require_fields("id", "panel", "code")
    code, grant = form.get_text("code"), None
    if not form.errors:
        with form.collect_faults(FIELD_NAMES):
            screen = form_input.parse_new_screen(form.get_text("id"), parse_fields(form), context.app.timezone)
            grant = pairing.enrol_screen(
                context.app, context.actor, context.dependencies.enrolments, code, screen, request.remote_addr or ""
            )
    if isinstance(grant, EnrolmentGrant):
        return redirect_to_page("screens.show", done="screen-paired", screen_id=grant.screen)
    is_code_wrong = any(fault.location.key == "code" for fault in form.faults)
    pending = None if is_code_wrong else context.dependencies.enrolments.find_pending(code)
    if pending is None:
        return render_page("screens/pair.html", form.status, form=form, asking=None)
    return _render_facts_form(form, pending)


def _render_facts_form(form: Form, pending: PendingEnrolment) -> Response:
    context = get_request_context()
    matching_panels = pairing.list_matching_panels(context.app, pending)
    panels_in_order = [
        context.app.panels[name]
        for name in (*matching_panels, *(p for p in context.app.panels if p not in matching_panels))
    ]
    panels = [(panel.id, f"{panel.id} ({panel.width}×{panel.height})") for panel in panels_in_order]
    return render_page(
        "screens/pair.html",
        form.status if form.errors else 200,
        form=form,
        asking=pending,
        panels=panels,
        fitting=matching_panels,
    )
