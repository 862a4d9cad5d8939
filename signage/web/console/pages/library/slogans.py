"""The library's slogans: one by one with previews, many pasted at once, changed, removed."""

from collections.abc import Iterable

from flask import Response, request

from signage.faults import Fault
from signage.model.panel import Panel
from signage.services.library import details, slogans
from signage.services.library.details import Details
from signage.services.library.slogans import Kept
from signage.services.screens import overview as wall
from signage.web.console.framework.formatting import render
from signage.web.console.framework.toolkit import Form, Pages, go, here

pages = Pages("library")
ROWS = 50
_MOST_PANELS = 6


def panels_in_use() -> list[Panel]:
    """The panels of screens that are enrolled; where there is none, the usual ones."""
    known = here().office.panels
    used = [known[name] for name in wall.words(here().office)["panel"] if name in known]
    return (used or list(known.values()))[:_MOST_PANELS]


def said(form: Form, further: Iterable[Fault] = ()) -> Details:
    """Title, tags, source, rights and validity. Raises Refused, with *further* faults of the form."""
    names = ("title", "tags", "source", "rights", "from", "until")
    return details.read({name: form.text(name) for name in names}, further)


def values(one: Details) -> dict[str, object]:
    """The same for the fields of a form."""
    texts = {"title": one.title, "source": one.source, "rights": one.rights}
    return {**texts, "tags": " ".join(one.tags), "from": one.from_, "until": one.until}


@pages.get("/library", "clip.view")
def list_() -> Response:
    """A page of slogans."""
    search, cursor = request.args.get("search", "").strip(), request.args.get("cursor", "")
    before = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 18 else None
    found = slogans.page(here().office, before, ROWS + 1, search)
    return render(
        "library/slogans.html",
        found=[(one, details.of(one.details)) for one in found[:ROWS]],
        uses=slogans.where_used(here().office, [one.text for one in found[:ROWS]]),
        next_cursor=found[ROWS - 1].number if len(found) > ROWS else None,
        shown=bool(cursor),
        search=search,
    )


@pages.get("/library/slogans/-/new", "slogan.add")
def new() -> Response:
    """The form for a slogan."""
    return _slogan_page(Form(), None)


@pages.post("/library/slogans/-/new", "slogan.add")
def add() -> Response:
    """Keep it."""
    form = Form.read()
    with form.catching():
        slogans.add(here().office, here().actor, form.raw("text"), said(form, slogans.wrong_with(form.raw("text"))))
    if form.errors:
        return _slogan_page(form, None)
    return go("library.new", done="slogan-added") if form.flag("more") else go("library.list", done="slogan-added")


@pages.get("/library/slogans/<int:number>", "clip.view")
def show(number: int) -> Response:
    """A slogan with its details, where it is used, and its versions."""
    kept, history = slogans.get(here().office, number)
    form = Form({"text": kept.text, "based_on": kept.version, **values(details.of(kept.details))})
    return _slogan_page(form, kept, history)


@pages.post("/library/slogans/<int:number>", "slogan.change")
def save(number: int) -> Response:
    """Keep the change."""
    form = Form.read()
    kept, history = slogans.get(here().office, number)
    with form.catching():
        based_on = form.whole("based_on") or 0
        text = form.raw("text")
        slogans.change(here().office, here().actor, number, based_on, text, said(form, slogans.wrong_with(text)))
    return _slogan_page(form, kept, history) if form.errors else go("library.list", done="slogan-saved")


@pages.post("/library/slogans/<int:number>/remove", "slogan.remove")
def remove(number: int) -> Response:
    """Take it out of the library, where nothing uses it."""
    slogans.remove(here().office, here().actor, number)
    return go("library.list", done="slogan-removed")


@pages.get("/library/slogans/-/many", "slogan.add")
def many() -> Response:
    """The form for a list."""
    return render("library/many.html", form=Form(), lines=None)


@pages.post("/library/slogans/-/many", "slogan.add")
def add_many() -> Response:
    """First the slogans as they were understood, then they are kept."""
    form = Form.read()
    form.need("list")
    if not form.errors and form.flag("sure"):
        with form.catching():
            slogans.add_many(here().office, here().actor, form.raw("list"), said(form))
        if not form.errors:
            return go("library.list", done="slogans-added")
    elif not form.errors:
        with form.catching():
            said(form)
    lines = slogans.of_list(form.raw("list"))
    if not lines and not form.errors:
        form.fault("slogans-none", "list")
    known = slogans.known(here().office, lines)
    return render("library/many.html", form.status, form=form, lines=None if form.errors else lines, known=known)


def _slogan_page(form: Form, kept: Kept | None, history: list[Kept] | None = None) -> Response:
    uses = slogans.where_used(here().office, [kept.text])[kept.text] if kept else []
    return render(
        "library/slogan.html",
        form.status if form.errors else 200,
        form=form,
        kept=kept,
        history=history or [],
        uses=uses,
        panels=panels_in_use(),
    )
