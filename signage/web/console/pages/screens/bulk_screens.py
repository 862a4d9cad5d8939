"""Many screens at once: changed together, brought in and handed out as a spreadsheet, paired by code."""

from collections.abc import Iterator

from flask import Response, request

from signage.faults import Fault, Place
from signage.model.screen import Screen
from signage.services.screens import form_input as screen_forms
from signage.services.screens import overview as wall
from signage.services.screens import registry as screens
from signage.services.screens import screens_csv as screen_csv
from signage.web.console.framework.formatting import render
from signage.web.console.framework.toolkit import Form, Pages, go, here
from signage.web.console.pages.screens.screens import token_page

pages = Pages("fleet")
_CSV_BYTES = 16 << 20
_ACTS = ("add_group", "drop_group", "add_tag", "drop_tag", "default", "hours", "timezone")


@pages.post("/screens/-/bulk", "screen.set")
def change() -> Response:
    """Change the screens that are ticked, or all that the list is narrowed to."""
    now, form = here(), Form.read()
    what = form.text("what")
    ids = form.many("screen")
    if what not in _ACTS:
        form.fault("form-needed", "what")
    if not ids:
        form.fault("selectors-missing", "screen")
    changed = 0
    if not form.errors:
        with form.catching(
            {"groups": "value", "tags": "value", "default": "value", "hours": "value", "timezone": "value"}
        ):
            words = list(form.words("value"))
            said = {what: words if what not in ("default", "timezone") else (words[0] if words else "")}
            edit = screen_forms.editor(said)
            changed = len(screens.change(now.office, now.actor, [f"screen:{one}" for one in ids], edit))
    if form.errors:
        return render("screens/bulk.html", form.status, form=form, ids=ids, what=what)
    return go("screens.list", done="screens-changed" if changed else "screens-unchanged")


@pages.get("/screens/-/import", "screen.import")
def bring() -> Response:
    """The form for a spreadsheet."""
    return render("screens/import.html", form=Form())


@pages.post("/screens/-/import", "screen.import", limit=_CSV_BYTES)
def take() -> Response:
    """Enrol all screens of a file, or set the facts of those that are there; all of it, or nothing."""
    now, form = here(), Form.read()
    file = request.files.get("file")
    if file is None or not file.filename:
        form.fault("form-needed", "file")
        return render("screens/import.html", form.status, form=form)
    answer: Response | None = None
    with form.catching():
        entries = screen_csv.read(file.filename, file.read(), now.office.timezone)
        if form.text("mode") == "update":
            screens.put_many(now.office, now.actor, entries)
            answer = go("screens.list", done="screens-changed")
        else:
            answer = token_page(screens.add_many(now.office, now.actor, entries))
    form.faults = [_with_line(fault) for fault in form.faults]
    return answer or render("screens/import.html", form.status, form=form)


def _with_line(fault: Fault) -> Fault:
    line = fault.place.line
    return Fault(
        fault.level, fault.code, Place(fault.place.file, line, f"file[{line}]" if line else "file"), fault.facts
    )


@pages.get("/screens/-/export.csv", "screen.view")
def hand_out() -> Response:
    """All screens, for a spreadsheet."""
    response = Response(screen_csv.write(_every()), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="screens.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _every() -> Iterator[Screen]:
    office, cursor = here().office, ""
    while found := wall.page(office, wall.wanted(office), cursor, 500):
        yield from (one.listed.kept.screen for one in found)
        cursor = found[-1].id
