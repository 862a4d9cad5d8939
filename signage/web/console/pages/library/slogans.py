"""The library's slogans: single ones with previews, many from a pasted list, change, removal."""

from collections.abc import Iterable

from flask import Response, request

from signage.faults import Fault
from signage.model.panel import Panel
from signage.services.library import details, slogans
from signage.services.library.details import LibraryDetails
from signage.services.library.slogans import SloganRow
from signage.services.screens import overview as screen_overviews
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.toolkit import Form, PageGroup, get_request_context, redirect_to_page

pages = PageGroup("library")
ROWS_PER_PAGE = 50
_MAX_PANELS = 6


def list_panels_in_use() -> list[Panel]:
    """Return the panels of enrolled screens; without any, the configured ones."""
    all_panels = get_request_context().app.panels
    panels_in_use = [
        all_panels[name]
        for name in screen_overviews.list_labels(get_request_context().app)["panel"]
        if name in all_panels
    ]
    return (panels_in_use or list(all_panels.values()))[:_MAX_PANELS]


def parse_details(form: Form, extra_faults: Iterable[Fault] = ()) -> LibraryDetails:
    """Parse title, tags, source, rights and validity. Raises Refused, with *extra_faults*."""
    names = ("title", "tags", "source", "rights", "from", "until")
    return details.parse_form({name: form.get_text(name) for name in names}, extra_faults)


def format_details(library_details: LibraryDetails) -> dict[str, object]:
    """Return the field values of library details."""
    texts = {"title": library_details.title, "source": library_details.source, "rights": library_details.rights}
    return {
        **texts,
        "tags": " ".join(library_details.tags),
        "from": library_details.from_,
        "until": library_details.until,
    }


@pages.get("/library", "clip.view")
def list_() -> Response:
    """List slogans."""
    search, cursor = request.args.get("search", "").strip(), request.args.get("cursor", "")
    before = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 18 else None
    rows = slogans.list_slogans(get_request_context().app, before, ROWS_PER_PAGE + 1, search)
    return render_page(
        "library/slogans.html",
        found=[(row, details.parse_record(row.details)) for row in rows[:ROWS_PER_PAGE]],
        uses=slogans.find_uses(get_request_context().app, [row.text for row in rows[:ROWS_PER_PAGE]]),
        next_cursor=rows[ROWS_PER_PAGE - 1].number if len(rows) > ROWS_PER_PAGE else None,
        shown=bool(cursor),
        search=search,
    )


@pages.get("/library/slogans/-/new", "slogan.add")
def new() -> Response:
    """Show the form for a slogan."""
    return _render_slogan(Form(), None)


@pages.post("/library/slogans/-/new", "slogan.add")
def add() -> Response:
    """Add a slogan."""
    form = Form.from_request()
    with form.collect_faults():
        slogans.create_slogan(
            get_request_context().app,
            get_request_context().actor,
            form.get_raw_text("text"),
            parse_details(form, slogans.check_slogan(form.get_raw_text("text"))),
        )
    if form.errors:
        return _render_slogan(form, None)
    return (
        redirect_to_page("library.new", done="slogan-added")
        if form.is_checked("more")
        else redirect_to_page("library.list", done="slogan-added")
    )


@pages.get("/library/slogans/<int:number>", "clip.view")
def show(number: int) -> Response:
    """Show a slogan with its details, uses and versions."""
    row, history = slogans.get_slogan(get_request_context().app, number)
    form = Form({"text": row.text, "based_on": row.version, **format_details(details.parse_record(row.details))})
    return _render_slogan(form, row, history)


@pages.post("/library/slogans/<int:number>", "slogan.change")
def save(number: int) -> Response:
    """Save a changed slogan."""
    form = Form.from_request()
    row, history = slogans.get_slogan(get_request_context().app, number)
    with form.collect_faults():
        based_on = form.get_int("based_on") or 0
        text = form.get_raw_text("text")
        slogans.update_slogan(
            get_request_context().app,
            get_request_context().actor,
            number,
            based_on,
            text,
            parse_details(form, slogans.check_slogan(text)),
        )
    return _render_slogan(form, row, history) if form.errors else redirect_to_page("library.list", done="slogan-saved")


@pages.post("/library/slogans/<int:number>/remove", "slogan.remove")
def remove(number: int) -> Response:
    """Remove a slogan that is not used."""
    slogans.delete_slogan(get_request_context().app, get_request_context().actor, number)
    return redirect_to_page("library.list", done="slogan-removed")


@pages.get("/library/slogans/-/many", "slogan.add")
def new_many() -> Response:
    """Show the form for a list of slogans."""
    return render_page("library/many.html", form=Form(), lines=None)


@pages.post("/library/slogans/-/many", "slogan.add")
def add_many() -> Response:
    """Show how the list was understood; then add its slogans."""
    form = Form.from_request()
    form.require_fields("list")
    if not form.errors and form.is_checked("sure"):
        with form.collect_faults():
            slogans.create_slogans(
                get_request_context().app, get_request_context().actor, form.get_raw_text("list"), parse_details(form)
            )
        if not form.errors:
            return redirect_to_page("library.list", done="slogans-added")
    elif not form.errors:
        with form.collect_faults():
            parse_details(form)
    lines = slogans.parse_slogan_list(form.get_raw_text("list"))
    if not lines and not form.errors:
        form.add_fault("slogans-none", "list")
    known_texts = slogans.find_known_texts(get_request_context().app, lines)
    return render_page(
        "library/many.html", form.status, form=form, lines=None if form.errors else lines, known=known_texts
    )


def _render_slogan(form: Form, row: SloganRow | None, history: list[SloganRow] | None = None) -> Response:
    uses = slogans.find_uses(get_request_context().app, [row.text])[row.text] if row else []
    return render_page(
        "library/slogan.html",
        form.status if form.errors else 200,
        form=form,
        kept=row,
        history=history or [],
        uses=uses,
        panels=list_panels_in_use(),
    )
