"""Takeovers: a page to start one, a page with its delivery to each screen, and stop; made for a phone."""

from datetime import datetime, timedelta
from typing import Any

from flask import Response, request

from signage.faults import Refused
from signage.model.takeover import Takeover
from signage.services.screens import overview as screen_overviews
from signage.services.takeovers import audience as takeover_audience
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
    """Show the running takeovers and the form for another."""
    return _render_form(Form({"what": "text", "minutes": "30"}))


@pages.post("/takeover/check", "takeover.start")
def check() -> Response:
    """Show the audience of the takeover (screens, offline ones) before it is started."""
    form = _read_form()
    if form.errors:
        return _render_form(form)
    context, audience = get_request_context(), None
    with form.collect_faults():
        takeover_audience.check_targets(context.app, form.get_words("screens"))
        audience = takeover_audience.get_audience(context.app, form.get_words("screens"))
    return _render_form(form) if form.errors else _render_form(form, audience)


@pages.post("/takeover/find", "takeover.start")
def search_items() -> Response:
    """Show the form with the items that a search found."""
    return _render_form(Form.from_request())


@pages.post("/takeover/start", "takeover.start")
def start() -> Response:
    """Start the takeover."""
    context, form = get_request_context(), _read_form()
    takeover: Takeover | None = None
    if not form.errors:
        with form.collect_faults():
            takeover = takeovers.start_takeover(context.app, context.actor, _parse_takeover_request(form))
    if takeover is None:
        return _render_form(form)
    return redirect_to_page("takeover.show_receipt", takeover_id=takeover.id)


@pages.get("/takeover/reach.json", "takeover.view")
def show_audience() -> Response:
    """Return the audience of selectors, while the user chooses."""
    selectors = tuple(word for word in request.args.get("screens", "").replace(",", " ").split() if word)
    try:
        audience = takeover_audience.get_audience(get_request_context().app, selectors)
        answer: dict[str, Any] = {
            "screens": audience.screens,
            "silent": audience.offline,
            "panels": sorted(audience.panels),
        }
    except Refused:
        answer = {"screens": 0, "silent": 0, "panels": []}
    return respond_json(answer)


@pages.get("/takeover/<takeover_id>", "takeover.view")
def show_receipt(takeover_id: str) -> Response:
    """Show the delivery of a takeover, screen by screen."""
    takeover, delivery = get_delivery(get_request_context().app, takeover_id)
    now = get_request_context().app.clock.now()
    return render_page("takeovers/receipt.html", order=takeover, landed=delivery, running=takeover.ends_at > now)


@pages.get("/takeover/<takeover_id>/receipt.json", "takeover.view")
def show_delivery(takeover_id: str) -> Response:
    """Return the delivery for the page's script, which polls every two seconds."""
    takeover, delivery = get_delivery(get_request_context().app, takeover_id)
    return respond_json(_build_delivery(takeover, delivery, get_request_context().app.clock.now()))


@pages.post("/takeover/<takeover_id>/stop", "takeover.stop")
def stop(takeover_id: str) -> Response:
    """Stop the takeover now."""
    takeovers.stop_takeover(get_request_context().app, get_request_context().actor, takeover_id)
    return redirect_to_page("takeover.show_receipt", done="takeover-stopped", takeover_id=takeover_id)


def _build_delivery(takeover: Takeover, delivery: DeliveryCounts, now: datetime) -> dict[str, Any]:
    return {
        "running": takeover.ends_at > now,
        "shown": delivery.shown,
        "fetched": delivery.fetched,
        "silent": delivery.undelivered,
        "missing": [(screen, state) for screen, state, _ in delivery.missing],
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
    content_kind, minutes = form.get_text("what"), form.get_text("minutes")
    until = form.get_instant("until", get_request_context().zone) if minutes == "until" or not minutes else None
    duration = timedelta(minutes=int(minutes)) if minutes.isascii() and minutes.isdigit() and len(minutes) < 6 else None
    return TakeoverRequest(
        screens=form.get_words("screens"),
        why=form.get_text("why"),
        until=until,
        duration=duration,
        text=form.get_text("text") if content_kind == "text" else None,
        item=form.get_text("item") if content_kind == "item" else None,
        blank=content_kind == "blank",
    )


def _render_form(form: Form, audience: Any = None) -> Response:
    context = get_request_context()
    at = context.app.clock.now()
    return render_page(
        "takeovers/show.html",
        form.status if form.errors else 200,
        form=form,
        reach=audience,
        running=[
            (takeover, get_delivery(context.app, takeover.id)[1])
            for takeover in takeovers.list_running_takeovers(context.app)
        ],
        past=[takeover for takeover in takeovers.list_recent_takeovers(context.app) if takeover.ends_at <= at][:5],
        words=screen_overviews.list_labels(context.app),
        lengths=DURATIONS,
        panels=list(context.app.panels.values()),
        items=_list_items(form),
        most_items=takeovers.MAX_ITEMS,
    )


def _list_items(form: Form) -> list[tuple[str, str]]:
    """Return the items that a search found, with the chosen one."""
    items, chosen = (
        takeovers.list_available_items(get_request_context().app, form.get_text("search")),
        form.get_text("item"),
    )
    return items if not chosen or any(name == chosen for name, _ in items) else [(chosen, chosen), *items]
