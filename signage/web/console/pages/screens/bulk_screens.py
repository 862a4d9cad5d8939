"""Many screens at once: bulk change, import and export as CSV."""

from collections.abc import Iterator

from flask import Response, request

from signage.faults import Fault, FaultLocation
from signage.model.screen import Screen
from signage.services.screens import form_input, registry, screens_csv
from signage.services.screens import overview as screen_overviews
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.toolkit import Form, PageGroup, get_request_context, redirect_to_page
from signage.web.console.pages.screens.screens import render_tokens

pages = PageGroup("fleet")
_MAX_CSV_BYTES = 16 << 20
_BULK_CHANGES = ("add_group", "drop_group", "add_tag", "drop_tag", "default", "hours", "timezone")


@pages.post("/screens/-/bulk", "screen.set")
def change() -> Response:
    """Change the selected screens."""
    context, form = get_request_context(), Form.from_request()
    change_name = form.get_text("what")
    ids = form.get_list("screen")
    if change_name not in _BULK_CHANGES:
        form.add_fault("form-needed", "what")
    if not ids:
        form.add_fault("selectors-missing", "screen")
    changed = 0
    if not form.errors:
        with form.collect_faults(
            {"groups": "value", "tags": "value", "default": "value", "hours": "value", "timezone": "value"}
        ):
            words = list(form.get_words("value"))
            edit_values = {
                change_name: words if change_name not in ("default", "timezone") else (words[0] if words else "")
            }
            edit = form_input.parse_screen_edit(edit_values)
            changed = len(
                registry.update_screens(context.app, context.actor, [f"screen:{screen_id}" for screen_id in ids], edit)
            )
    if form.errors:
        return render_page("screens/bulk.html", form.status, form=form, ids=ids, what=change_name)
    return redirect_to_page("screens.list", done="screens-changed" if changed else "screens-unchanged")


@pages.get("/screens/-/import", "screen.import")
def show_import() -> Response:
    """Show the form for a CSV import."""
    return render_page("screens/import.html", form=Form())


@pages.post("/screens/-/import", "screen.import", max_bytes=_MAX_CSV_BYTES)
def import_screens() -> Response:
    """Create or update all screens of a CSV file: all rows or none."""
    context, form = get_request_context(), Form.from_request()
    file = request.files.get("file")
    if file is None or not file.filename:
        form.add_fault("form-needed", "file")
        return render_page("screens/import.html", form.status, form=form)
    response: Response | None = None
    with form.collect_faults():
        app = context.app
        entries = screens_csv.parse_screens_csv(file.filename, file.read(), app.timezone, app.panels, app.kind_labels)
        if form.get_text("mode") == "update":
            registry.replace_screens(context.app, context.actor, entries)
            response = redirect_to_page("screens.list", done="screens-changed")
        else:
            response = render_tokens(registry.create_screens(context.app, context.actor, entries))
    form.faults = [_add_line(fault) for fault in form.faults]
    return response or render_page("screens/import.html", form.status, form=form)


def _add_line(fault: Fault) -> Fault:
    line = fault.location.line
    return Fault(
        fault.level,
        fault.code,
        FaultLocation(fault.location.file, line, f"file[{line}]" if line else "file"),
        fault.facts,
    )


@pages.get("/screens/-/export.csv", "screen.view")
def export_screens() -> Response:
    """Export all screens as CSV."""
    response = Response(screens_csv.format_screens_csv(_iter_screens()), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="screens.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _iter_screens() -> Iterator[Screen]:
    app, cursor = get_request_context().app, ""
    while page := screen_overviews.list_screens(app, screen_overviews.build_filter(app), cursor, 500):
        yield from (overview.list_row.screen_row.screen for overview in page)
        cursor = page[-1].id
