"""Takeover: one page to start it, one that shows how it lands on each screen, and stop. Made for a phone at night."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from flask import Response, request

from signage.faults import Refused
from signage.model.takeover import Takeover
from signage.services.screens import overview as wall
from signage.services.takeovers import audience as reaching
from signage.services.takeovers import takeovers
from signage.services.takeovers.audience import Landed
from signage.services.takeovers.takeovers import Order
from signage.web.console.framework.formatting import render
from signage.web.console.framework.toolkit import N_, Form, Pages, go, here

pages = Pages("takeover")
LENGTHS = (
    (10, N_("10 minutes")),
    (30, N_("30 minutes")),
    (60, N_("1 hour")),
    (180, N_("3 hours")),
    (720, N_("12 hours")),
)


@pages.get("/takeover", "takeover.view")
def show() -> Response:
    """What runs, and the form for another."""
    return _page(Form({"what": "text", "minutes": "30"}))


@pages.post("/takeover/check", "takeover.start")
def check() -> Response:
    """What would happen: how many screens, which are offline. Nothing is done yet."""
    form = _read()
    if form.errors:
        return _page(form)
    now, reach = here(), None
    with form.catching():
        reach = reaching.reach(now.office, form.words("screens"))
        if reach.screens == 0:
            form.fault("selectors-name-nothing", "screens", selectors=" ".join(form.words("screens")))
    return _page(form) if form.errors else _page(form, reach)


@pages.post("/takeover/find", "takeover.start")
def find() -> Response:
    """The form as it is, with the items that a search finds to choose from."""
    return _page(Form.read())


@pages.post("/takeover/start", "takeover.start")
def start() -> Response:
    """Start it."""
    now, form = here(), _read()
    kept: Takeover | None = None
    if not form.errors:
        with form.catching():
            kept = takeovers.start(now.office, now.actor, _order(form))
    if kept is None:
        return _page(form)
    return go("takeover.receipt", takeover_id=kept.id)


@pages.get("/takeover/reach.json", "takeover.view")
def reach() -> Response:
    """How many screens selectors name, while a person chooses."""
    words = tuple(word for word in request.args.get("screens", "").replace(",", " ").split() if word)
    try:
        found = reaching.reach(here().office, words)
        told: dict[str, Any] = {"screens": found.screens, "silent": found.silent, "panels": sorted(found.panels)}
    except Refused:
        told = {"screens": 0, "silent": 0, "panels": []}
    return _json(told)


@pages.get("/takeover/<takeover_id>", "takeover.view")
def receipt(takeover_id: str) -> Response:
    """How it stands, screen by screen."""
    order, landed = reaching.receipt(here().office, takeover_id)
    now = here().office.clock.now()
    return render("takeover/receipt.html", order=order, landed=landed, running=order.ends_at > now)


@pages.get("/takeover/<takeover_id>/receipt.json", "takeover.view")
def landing(takeover_id: str) -> Response:
    """The same for the page's script, which asks every two seconds."""
    order, landed = reaching.receipt(here().office, takeover_id)
    return _json(_told(order, landed, here().office.clock.now()))


@pages.post("/takeover/<takeover_id>/stop", "takeover.stop")
def stop(takeover_id: str) -> Response:
    """End it now."""
    takeovers.stop(here().office, here().actor, takeover_id)
    return go("takeover.receipt", done="takeover-stopped", takeover_id=takeover_id)


def _told(order: Takeover, landed: Landed, now: datetime) -> dict[str, Any]:
    return {
        "running": order.ends_at > now,
        "shown": landed.shown,
        "fetched": landed.fetched,
        "silent": landed.silent,
        "missing": [(screen, state) for screen, state, _ in landed.missing],
    }


def _read() -> Form:
    form = Form.read()
    form.need("what", "why", "screens")
    if form.text("what") in ("text", "item"):
        form.need(form.text("what"))
    if not form.text("minutes") and not form.text("until"):
        form.fault("takeover-endless", "until")
    return form


def _order(form: Form) -> Order:
    what, minutes = form.text("what"), form.text("minutes")
    until = form.moment("until", here().zone) if minutes == "until" or not minutes else None
    lasts = timedelta(minutes=int(minutes)) if minutes.isascii() and minutes.isdigit() and len(minutes) < 6 else None
    return Order(
        screens=form.words("screens"),
        why=form.text("why"),
        until=until,
        lasts=lasts,
        text=form.text("text") if what == "text" else None,
        item=form.text("item") if what == "item" else None,
        blank=what == "blank",
    )


def _page(form: Form, reach: Any = None) -> Response:
    now = here()
    at = now.office.clock.now()
    return render(
        "takeover/show.html",
        form.status if form.errors else 200,
        form=form,
        reach=reach,
        running=[(order, reaching.receipt(now.office, order.id)[1]) for order in takeovers.running(now.office)],
        past=[order for order in reaching.newest(now.office) if order.ends_at <= at][:5],
        words=wall.words(now.office),
        lengths=LENGTHS,
        panels=list(now.office.panels.values()),
        items=_items(form),
        most_items=reaching.MOST_ITEMS,
    )


def _items(form: Form) -> list[tuple[str, str]]:
    """What a search finds; what is chosen stays."""
    found, chosen = reaching.items(here().office, form.text("search")), form.text("item")
    return found if not chosen or any(name == chosen for name, _ in found) else [(chosen, chosen), *found]


def _json(told: dict[str, Any]) -> Response:
    response = Response(msgspec.json.encode(told), content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
