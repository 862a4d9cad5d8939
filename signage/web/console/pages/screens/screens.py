"""Screens: the list with conditions, one screen in full, creation and change."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request

from signage.faults import Refused
from signage.model.screen import Screen, format_sun_time
from signage.protocol.status import EnrolmentGrant
from signage.services.evidence import log_queries
from signage.services.screen_health import get_clock_skew_s
from signage.services.screens import form_input, heartbeats, registry
from signage.services.screens import overview as screen_overviews
from signage.services.screens.validation import check_default_campaign
from signage.web import now_playing
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.toolkit import Form, PageGroup, get_request_context, redirect_to_page
from signage.web.request_context import get_public_url

pages = PageGroup("screens")
ROWS_PER_PAGE = 50
_FILTER_FIELDS = ("group", "tag", "kind", "unit", "panel")


@pages.get("/screens", "screen.view")
def list_() -> Response:
    """List screens."""
    context = get_request_context()
    contact_state = screen_overviews.parse_contact_state(request.args.get("heard", ""))
    conditions = {name: request.args.get(name, "") for name in _FILTER_FIELDS}
    search, cursor = request.args.get("search", "").strip().lower(), request.args.get("cursor", "")
    screen_filter = screen_overviews.build_filter(context.app, contact_state, search=search, **conditions)
    screens = screen_overviews.list_screens(context.app, screen_filter, cursor, ROWS_PER_PAGE + 1)
    return render_page(
        "screens/list.html",
        found=screens[:ROWS_PER_PAGE],
        count=_count_screens(screen_filter, screens, bool(cursor)),
        most=screen_overviews.MAX_COUNTED,
        next_cursor=screens[ROWS_PER_PAGE - 1].id if len(screens) > ROWS_PER_PAGE else None,
        shown=bool(cursor),
        heard=contact_state,
        facts=conditions,
        search=search,
        narrowed=bool(contact_state or search or any(conditions.values())),
        words=screen_overviews.list_labels(context.app),
    )


def _count_screens(
    screen_filter: screen_overviews.ScreenFilter, page: list[screen_overviews.ScreenOverview], is_later_page: bool
) -> int:
    """Count the listed screens; what fits on one page is not counted again."""
    if not is_later_page and len(page) <= ROWS_PER_PAGE:
        return len(page)
    if not any(
        (
            screen_filter.search,
            screen_filter.group,
            screen_filter.tag,
            screen_filter.kind,
            screen_filter.unit,
            screen_filter.panel,
        )
    ):
        status_counts = screen_overviews.get_status_counts(get_request_context().app)
        counts_by_state = {"": status_counts.total, "silent": status_counts.offline, "faulty": status_counts.faulty}
        if screen_filter.contact_state in counts_by_state:
            return counts_by_state[screen_filter.contact_state]
    return screen_overviews.count_screens(get_request_context().app, screen_filter)


@pages.get("/screens/<screen_id>", "screen.view")
def show(screen_id: str) -> Response:
    """Show a screen."""
    context = get_request_context()
    overview = screen_overviews.get_screen(context.app, screen_id)
    heartbeat = overview.list_row.heartbeat
    history = (
        log_queries.list_audit_entries(context.app, log_queries.AuditFilter(object=screen_id), limit=20)
        if context.is_allowed("audit.view")
        else None
    )
    return render_page(
        "screens/show.html",
        one=overview,
        contact=heartbeat,
        said=(heartbeat.status or {}) if heartbeat else {},
        skew=get_clock_skew_s(heartbeat) if heartbeat else None,
        panel=context.app.panels.get(overview.list_row.screen_row.screen.panel),
        history=history,
        now_ms=now_playing.to_epoch_ms(context.app.clock.now()),
        hours=[(format_sun_time(h.from_), format_sun_time(h.until)) for h in overview.list_row.screen_row.screen.hours],
        brightness=[(format_sun_time(b.from_), b.percent) for b in overview.list_row.screen_row.screen.brightness],
        public=get_public_url(),
    )


@pages.get("/screens/<screen_id>/picture", "screen.view")
def show_picture(screen_id: str) -> Response:
    """Serve the latest screenshot of the screen."""
    path = heartbeats.get_screenshot_path(
        get_request_context().app, screen_overviews.get_screen(get_request_context().app, screen_id).id
    )
    if not path.is_file():
        return Response(status=404)
    data = path.read_bytes()
    response = Response(data, content_type="image/png" if data.startswith(b"\x89PNG") else "image/jpeg")
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.get("/screens/-/new", "screen.add")
def new() -> Response:
    """Show the form for a new screen."""
    return _render_edit_form(Form({"timezone": get_request_context().app.timezone}), None)


@pages.post("/screens/-/new", "screen.add")
def add() -> Response:
    """Create a screen; its token is shown only now."""
    context, form = get_request_context(), Form.from_request()
    form.require_fields("id", "panel")
    grant: EnrolmentGrant | None = None
    if not form.errors:
        with form.collect_faults(FIELD_NAMES):
            screen = form_input.parse_new_screen(form.get_text("id"), parse_fields(form), context.app.timezone)
            grant = registry.create_screen(context.app, context.actor, screen)
    return _render_edit_form(form, None) if grant is None else render_tokens([grant])


@pages.get("/screens/<screen_id>/edit", "screen.set")
def edit(screen_id: str) -> Response:
    """Show the form with the screen's properties."""
    screen = screen_overviews.get_screen(get_request_context().app, screen_id).list_row.screen_row.screen
    return _render_edit_form(Form(_format_fields(screen)), screen)


@pages.post("/screens/<screen_id>/edit", "screen.set")
def save(screen_id: str) -> Response:
    """Save the changed properties."""
    context, form = get_request_context(), Form.from_request()
    screen = screen_overviews.get_screen(context.app, screen_id).list_row.screen_row.screen
    with form.collect_faults(FIELD_NAMES):
        changed_screen = form_input.parse_new_screen(screen_id, parse_fields(form), context.app.timezone)
        registry.update_screens(context.app, context.actor, [f"screen:{screen_id}"], lambda _: changed_screen)
    if form.errors:
        return _render_edit_form(form, screen)
    return redirect_to_page("screens.show", done="screen-saved", screen_id=screen_id)


@pages.post("/screens/<screen_id>/token", "screen.token")
def create_token(screen_id: str) -> Response:
    """Issue a new token, shown only now."""
    return render_tokens([registry.issue_token(get_request_context().app, get_request_context().actor, screen_id)])


@pages.post("/screens/<screen_id>/revoke", "screen.revoke")
def revoke(screen_id: str) -> Response:
    """Revoke the screen's token."""
    registry.revoke_screen(get_request_context().app, get_request_context().actor, screen_id)
    return redirect_to_page("screens.show", done="screen-revoked", screen_id=screen_id)


@pages.post("/screens/<screen_id>/remove", "screen.remove")
def remove(screen_id: str) -> Response:
    """Remove the screen."""
    registry.delete_screen(get_request_context().app, get_request_context().actor, screen_id)
    return redirect_to_page("screens.list", done="screen-removed")


def render_tokens(grants: list[EnrolmentGrant]) -> Response:
    """Render tokens, which are shown only now."""
    rows = ["screen,token,key", *(f"{grant.screen},{grant.token},{grant.key}" for grant in grants)]
    return render_page("screens/token.html", made=grants, csv="\n".join(rows), public=get_public_url())


FIELD_NAMES = {"group": "groups", "tag": "tags"}


def parse_fields(form: Form) -> Mapping[str, Any]:
    """Return the fields for :mod:`signage.services.screens.form_input`; an empty list clears the property."""
    return {
        "name": form.get_text("name"),
        "address": form.get_text("address"),
        "kind": form.get_text("kind") or "screen",
        "panel": form.get_text("panel"),
        "unit": form.get_text("unit"),
        "timezone": form.get_text("timezone") or None,
        "default": form.get_text("default"),
        "position": form.get_text("position") or None,
        "group": form.get_words("groups"),
        "tag": form.get_words("tags"),
        "hours": form.get_words("hours"),
        "brightness": form.get_words("brightness"),
    }


def _format_fields(screen: Screen) -> Mapping[str, object]:
    return {
        "id": screen.id,
        "name": screen.name or "",
        "address": screen.address or "",
        "kind": screen.kind,
        "panel": screen.panel,
        "unit": screen.unit,
        "timezone": screen.timezone,
        "default": screen.default_campaign,
        "position": "" if screen.position is None else f"{screen.position[0]:g},{screen.position[1]:g}",
        "groups": " ".join(screen.groups),
        "tags": " ".join(screen.tags),
        "hours": " ".join(f"{format_sun_time(h.from_)}-{format_sun_time(h.until)}" for h in screen.hours),
        "brightness": " ".join(f"{format_sun_time(b.from_)}={b.percent}" for b in screen.brightness),
    }


def _render_edit_form(form: Form, screen: Screen | None) -> Response:
    context = get_request_context()
    try:
        form.faults += check_default_campaign(context.app, form.get_optional_text("default"))
    except Refused as refused:
        form.faults += refused.faults
    panels = [(p.id, f"{p.id} ({p.width}×{p.height})") for p in context.app.panels.values()]
    return render_page(
        "screens/edit.html", form.status if form.errors else 200, form=form, screen=screen, panels=panels
    )
