"""Incidents: reported by people or raised by the system; each step with its time, person and target."""

from flask import Response, request

from signage.services.incidents import incidents as acts
from signage.services.users import accounts as people
from signage.web.console.framework.formatting import render
from signage.web.console.framework.toolkit import Form, Pages, go, here

pages = Pages("incidents")
ROWS = 50


@pages.get("/incidents", "incident.view")
def list_() -> Response:
    """A page of incidents, the newest first; those that are open, unless all are asked for."""
    now, cursor = here(), request.args.get("cursor", "")
    before = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 12 else None
    every, screen = bool(request.args.get("all")), request.args.get("screen", "").strip()
    found = acts.page(now.office, before, ROWS + 1, screen=screen, open_only=not every)
    at = now.office.clock.now()
    opened, late = acts.counts(now.office)
    return render(
        "incidents/list.html",
        found=[(one, acts.is_late(one, at)) for one in found[:ROWS]],
        next_cursor=found[ROWS - 1].number if len(found) > ROWS else None,
        shown=bool(cursor),
        every=every,
        screen=screen,
        opened=opened,
        late=late,
    )


@pages.get("/incidents/-/new", "incident.report")
def new() -> Response:
    """The form for a report."""
    return render("incidents/new.html", form=Form({"screen": request.args.get("screen", "")}))


@pages.post("/incidents/-/new", "incident.report")
def report() -> Response:
    """Keep it."""
    now, form = here(), Form.read()
    number = 0
    with form.catching():
        facts = (form.raw("what"), form.optional("screen"), form.optional("contact"))
        number = acts.report(now.office, now.actor, now.services.incident, *facts)
    if form.errors:
        return render("incidents/new.html", form.status, form=form)
    return go("incidents.show", done="incident-reported", number=number)


@pages.get("/incidents/<int:number>", "incident.view")
def show(number: int) -> Response:
    """One incident."""
    return _page(number, Form())


@pages.post("/incidents/<int:number>", "incident.change")
def move(number: int) -> Response:
    """Take the next step, or add a note."""
    now, form = here(), Form.read()
    with form.catching():
        step, note = form.text("step"), form.raw("note")
        acts.move(now.office, now.actor, now.services.incident, number, step, note, form.optional("assigned"))
    return _page(number, form) if form.errors else go("incidents.show", done="incident-moved", number=number)


def _page(number: int, form: Form) -> Response:
    now = here()
    told = acts.get(now.office, number)
    names = [(a.person.id, a.person.id) for a in people.every(now.office) if a.disabled_at is None]
    late = acts.is_late(told.incident, now.office.clock.now())
    status = form.status if form.errors else 200
    return render("incidents/show.html", status, told=told, one=told.incident, form=form, people=names, late=late)
