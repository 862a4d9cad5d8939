"""Takeover: one page to start it, one that shows how it lands on each screen, and stop. Made for a phone at night."""

from datetime import datetime, timedelta
from typing import Any

from flask import Response, request

from signage.faults import Refused
from signage.model.takeover import Takeover
from signage.services.screens import overview as wall
from signage.services.takeovers import audience as reaching
from signage.services.takeovers import takeovers
from signage.services.takeovers.receipts import DeliveryCounts, get_delivery
from signage.services.takeovers.takeovers import TakeoverRequest
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.toolkit import N_, Form, PageGroup, get_request_context, redirect_to_page
from signage.web.request_context import respond_json

pages = PageGroup("takeover")
DURATIONS = (
    (10, N_("10 minutes")),
    (30, N_("30 minutes")),
    (60, N_("1 hour")),
    (180, N_("3 hours")),
    (720, N_("12 hours")),
)


@pages.get("/takeover", "takeover.view")
def show() -> Response:
    """What runs, and the form for another."""
    return _render_form(Form({"what": "text", "minutes": "30"}))


@pages.post("/takeover/check", "takeover.start")
def check() -> Response:
    """What would happen: how many screens, which are offline. Nothing is done yet."""
    form = _read_form()
    if form.errors:
        return _render_form(form)
    now, reach = get_request_context(), None
    with form.collect_faults():
        reach = reaching.get_audience(now.app, form.get_words("screens"))
        if reach.screens == 0:
            form.add_fault("selectors-name-nothing", "screens", selectors=" ".join(form.get_words("screens")))
    return _render_form(form) if form.errors else _render_form(form, reach)


@pages.post("/takeover/find", "takeover.start")
def search_items() -> Response:
    """The form as it is, with the items that a search finds to choose from."""
    return _render_form(Form.from_request())


@pages.post("/takeover/start", "takeover.start")
def start() -> Response:
    """Start it."""
    now, form = get_request_context(), _read_form()
    kept: Takeover | None = None
    if not form.errors:
        with form.collect_faults():
            kept = takeovers.start_takeover(now.app, now.actor, _parse_takeover_request(form))
    if kept is None:
        return _render_form(form)
    return redirect_to_page("takeover.show_receipt", takeover_id=kept.id)


@pages.get("/takeover/reach.json", "takeover.view")
def show_audience() -> Response:
    """How many screens selectors name, while a person chooses."""
    words = tuple(word for word in request.args.get("screens", "").replace(",", " ").split() if word)
    try:
        found = reaching.get_audience(get_request_context().app, words)
        told: dict[str, Any] = {"screens": found.screens, "silent": found.offline, "panels": sorted(found.panels)}
    except Refused:
        told = {"screens": 0, "silent": 0, "panels": []}
    return respond_json(told)


@pages.get("/takeover/<takeover_id>", "takeover.view")
def show_receipt(takeover_id: str) -> Response:
    """How it stands, screen by screen."""
    order, landed = get_delivery(get_request_context().app, takeover_id)
    now = get_request_context().app.clock.now()
    return render_page("takeover/receipt.html", order=order, landed=landed, running=order.ends_at > now)


@pages.get("/takeover/<takeover_id>/receipt.json", "takeover.view")
def show_delivery(takeover_id: str) -> Response:
    """The same for the page's script, which asks every two seconds."""
    order, landed = get_delivery(get_request_context().app, takeover_id)
    return respond_json(_build_delivery(order, landed, get_request_context().app.clock.now()))


@pages.post("/takeover/<takeover_id>/stop", "takeover.stop")
def stop(takeover_id: str) -> Response:
    """End it now."""
    takeovers.stop_takeover(get_request_context().app, get_request_context().actor, takeover_id)
    return redirect_to_page("takeover.show_receipt", done="takeover-stopped", takeover_id=takeover_id)


def _build_delivery(order: Takeover, landed: DeliveryCounts, now: datetime) -> dict[str, Any]:
    return {
        "running": order.ends_at > now,
        "shown": landed.shown,
        "fetched": landed.fetched,
        "silent": landed.undelivered,
        "missing": [(screen, state) for screen, state, _ in landed.missing],
    }


def _read_form() -> Form:
    form = Form.from_request()
    form.require_fields("what", "why", "screens")
    if form.get_text("what") in ("text", "item"):
        form.require_fields(form.get_text("what"))
    if not form.get_text("minutes") and not form.get_text("until"):
        form.add_fault("takeover-endless", "until")
    return form


def _parse_takeover_request(form: Form) -> TakeoverRequest:
    what, minutes = form.get_text("what"), form.get_text("minutes")
    until = form.get_instant("until", get_request_context().zone) if minutes == "until" or not minutes else None
    lasts = timedelta(minutes=int(minutes)) if minutes.isascii() and minutes.isdigit() and len(minutes) < 6 else None
    return TakeoverRequest(
        screens=form.get_words("screens"),
        why=form.get_text("why"),
        until=until,
        duration=lasts,
        text=form.get_text("text") if what == "text" else None,
        item=form.get_text("item") if what == "item" else None,
        blank=what == "blank",
    )


def _render_form(form: Form, reach: Any = None) -> Response:
    now = get_request_context()
    at = now.app.clock.now()
    return render_page(
        "takeover/show.html",
        form.status if form.errors else 200,
        form=form,
        reach=reach,
        running=[(order, get_delivery(now.app, order.id)[1]) for order in takeovers.list_running_takeovers(now.app)],
        past=[order for order in takeovers.list_recent_takeovers(now.app) if order.ends_at <= at][:5],
        words=wall.list_labels(now.app),
        lengths=DURATIONS,
        panels=list(now.app.panels.values()),
        items=_list_items(form),
        most_items=takeovers.MAX_ITEMS,
    )


def _list_items(form: Form) -> list[tuple[str, str]]:
    """What a search finds; what is chosen stays."""
    found, chosen = (
        takeovers.list_available_items(get_request_context().app, form.get_text("search")),
        form.get_text("item"),
    )
    return found if not chosen or any(name == chosen for name, _ in found) else [(chosen, chosen), *found]
