"""Incidents: reported by people or raised by the system; each step with its time, person and target."""

from flask import Response, request

from signage.services.incidents import incidents as acts
from signage.services.users import accounts as people
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.toolkit import Form, PageGroup, get_request_context, redirect_to_page

pages = PageGroup("incidents")
ROWS_PER_PAGE = 50


@pages.get("/incidents", "incident.view")
def list_() -> Response:
    """A page of incidents, the newest first; those that are open, unless all are asked for."""
    now, cursor = get_request_context(), request.args.get("cursor", "")
    before = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 12 else None
    every, screen = bool(request.args.get("all")), request.args.get("screen", "").strip()
    found = acts.list_incidents(now.app, before, ROWS_PER_PAGE + 1, screen=screen, open_only=not every)
    at = now.app.clock.now()
    opened, late = acts.count_open_incidents(now.app)
    return render_page(
        "incidents/list.html",
        found=[(one, acts.is_late(one, at)) for one in found[:ROWS_PER_PAGE]],
        next_cursor=found[ROWS_PER_PAGE - 1].number if len(found) > ROWS_PER_PAGE else None,
        shown=bool(cursor),
        every=every,
        screen=screen,
        opened=opened,
        late=late,
    )


@pages.get("/incidents/-/new", "incident.report")
def new() -> Response:
    """The form for a report."""
    return render_page("incidents/new.html", form=Form({"screen": request.args.get("screen", "")}))


@pages.post("/incidents/-/new", "incident.report")
def report() -> Response:
    """Keep it."""
    now, form = get_request_context(), Form.from_request()
    number = 0
    with form.collect_faults():
        facts = (form.get_raw_text("what"), form.get_optional_text("screen"), form.get_optional_text("contact"))
        number = acts.report_incident(now.app, now.actor, now.dependencies.incident_config, *facts)
    if form.errors:
        return render_page("incidents/new.html", form.status, form=form)
    return redirect_to_page("incidents.show", done="incident-reported", number=number)


@pages.get("/incidents/<int:number>", "incident.view")
def show(number: int) -> Response:
    """One incident."""
    return _render_incident(number, Form())


@pages.post("/incidents/<int:number>", "incident.change")
def add_step(number: int) -> Response:
    """Take the next step, or add a note."""
    now, form = get_request_context(), Form.from_request()
    with form.collect_faults():
        step, note = form.get_text("step"), form.get_raw_text("note")
        acts.advance_incident(
            now.app,
            now.actor,
            now.dependencies.incident_config,
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
    now = get_request_context()
    told = acts.get_incident(now.app, number)
    names = [(a.user.id, a.user.id) for a in people.list_accounts(now.app) if a.disabled_at is None]
    late = acts.is_late(told.incident, now.app.clock.now())
    status = form.status if form.errors else 200
    return render_page("incidents/show.html", status, told=told, one=told.incident, form=form, people=names, late=late)
