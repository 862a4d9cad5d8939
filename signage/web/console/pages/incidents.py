"""Incidents: reported by people or detected by the system; each step with its time, user and target."""

from flask import Response, request

from signage.services.incidents import incidents
from signage.services.users import accounts
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.toolkit import Form, PageGroup, get_request_context, redirect_to_page

pages = PageGroup("incidents")
ROWS_PER_PAGE = 50


@pages.get("/incidents", "incident.view")
def list_() -> Response:
    """List incidents, newest first; open ones, or all on request."""
    context, cursor = get_request_context(), request.args.get("cursor", "")
    before = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 12 else None
    includes_closed, screen = bool(request.args.get("all")), request.args.get("screen", "").strip()
    rows = incidents.list_incidents(
        context.app, before, ROWS_PER_PAGE + 1, screen=screen, open_only=not includes_closed
    )
    at = context.app.clock.now()
    open_count, late_count = incidents.count_open_incidents(context.app)
    return render_page(
        "incidents/list.html",
        found=[(row, incidents.is_late(row, at)) for row in rows[:ROWS_PER_PAGE]],
        next_cursor=rows[ROWS_PER_PAGE - 1].number if len(rows) > ROWS_PER_PAGE else None,
        shown=bool(cursor),
        every=includes_closed,
        screen=screen,
        opened=open_count,
        late=late_count,
    )


@pages.get("/incidents/-/new", "incident.report")
def new() -> Response:
    """Show the report form."""
    return render_page("incidents/new.html", form=Form({"screen": request.args.get("screen", "")}))


@pages.post("/incidents/-/new", "incident.report")
def report() -> Response:
    """Report an incident."""
    context, form = get_request_context(), Form.from_request()
    number = 0
    with form.collect_faults():
        report_fields = (form.get_raw_text("what"), form.get_optional_text("screen"), form.get_optional_text("contact"))
        number = incidents.report_incident(
            context.app, context.actor, context.dependencies.incident_config, *report_fields
        )
    if form.errors:
        return render_page("incidents/new.html", form.status, form=form)
    return redirect_to_page("incidents.show", done="incident-reported", number=number)


@pages.get("/incidents/<int:number>", "incident.view")
def show(number: int) -> Response:
    """Show an incident."""
    return _render_incident(number, Form())


@pages.post("/incidents/<int:number>", "incident.change")
def add_step(number: int) -> Response:
    """Advance the incident to the next step, or add a note."""
    context, form = get_request_context(), Form.from_request()
    with form.collect_faults():
        step, note = form.get_text("step"), form.get_raw_text("note")
        incidents.advance_incident(
            context.app,
            context.actor,
            context.dependencies.incident_config,
            number,
            step,
            note,
            form.get_optional_text("assigned"),
        )
    return (
        _render_incident(number, form)
        if form.errors
        else redirect_to_page("incidents.show", done="incident-moved", number=number)
    )


def _render_incident(number: int, form: Form) -> Response:
    context = get_request_context()
    view = incidents.get_incident(context.app, number)
    names = [(a.user.id, a.user.id) for a in accounts.list_accounts(context.app) if a.disabled_at is None]
    late = incidents.is_late(view.incident, context.app.clock.now())
    status = form.status if form.errors else 200
    return render_page("incidents/show.html", status, told=view, one=view.incident, form=form, people=names, late=late)
