"""Screens: the list with how each is, one screen with all that is known, adding, changing, pairing."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request

from signage.faults import Refused
from signage.model.screen import Screen, show_sun_time
from signage.protocol.status import Enrolled
from signage.services.evidence import log_queries as logs
from signage.services.screen_health import skew_s
from signage.services.screens import form_input as screen_forms
from signage.services.screens import heartbeats as contacts
from signage.services.screens import overview as wall
from signage.services.screens import registry as screens
from signage.services.screens.validation import default_missing
from signage.web import now_playing as showing_now
from signage.web.console.framework.formatting import render
from signage.web.console.framework.toolkit import Form, Pages, go, here

pages = Pages("screens")
ROWS = 50
_FACTS = ("group", "tag", "kind", "unit", "panel")


@pages.get("/screens", "screen.view")
def list_() -> Response:
    """A page of the list."""
    now = here()
    heard = wall.heard_of(request.args.get("heard", ""))
    facts = {name: request.args.get(name, "") for name in _FACTS}
    search, cursor = request.args.get("search", "").strip().lower(), request.args.get("cursor", "")
    which = wall.wanted(now.office, heard, search=search, **facts)
    found = wall.page(now.office, which, cursor, ROWS + 1)
    return render(
        "screens/list.html",
        found=found[:ROWS],
        count=_count(which, found, bool(cursor)),
        most=wall.MOST_COUNTED,
        next_cursor=found[ROWS - 1].id if len(found) > ROWS else None,
        shown=bool(cursor),
        heard=heard,
        facts=facts,
        search=search,
        narrowed=bool(heard or search or any(facts.values())),
        words=wall.words(now.office),
    )


def _count(which: wall.Wanted, found: list[wall.OnWall], further: bool) -> int:
    """How many screens the list has; what is all on one page need not be counted."""
    if not further and len(found) <= ROWS:
        return len(found)
    if not any((which.search, which.group, which.tag, which.kind, which.unit, which.panel)):
        whole = wall.counts(here().office)
        known = {"": whole.screens, "silent": whole.silent, "faulty": whole.faulty}
        if which.heard in known:
            return known[which.heard]
    return wall.how_many(here().office, which)


@pages.get("/screens/<screen_id>", "screen.view")
def show(screen_id: str) -> Response:
    """One screen."""
    now = here()
    one = wall.one(now.office, screen_id)
    contact = one.listed.contact
    history = logs.entries(now.office, logs.Wanted(object=screen_id), limit=20) if now.may("audit.view") else None
    return render(
        "screens/show.html",
        one=one,
        contact=contact,
        said=(contact.status or {}) if contact else {},
        skew=skew_s(contact) if contact else None,
        panel=now.office.panels.get(one.listed.kept.screen.panel),
        history=history,
        now_ms=showing_now.to_ms(now.office.clock.now()),
        hours=[(show_sun_time(h.from_), show_sun_time(h.until)) for h in one.listed.kept.screen.hours],
        brightness=[(show_sun_time(b.from_), b.percent) for b in one.listed.kept.screen.brightness],
        public=_public(),
    )


@pages.get("/screens/<screen_id>/picture", "screen.view")
def picture(screen_id: str) -> Response:
    """The latest picture that the screen sent of itself."""
    path = contacts.shot_path(here().office, wall.one(here().office, screen_id).id)
    if not path.is_file():
        return Response(status=404)
    data = path.read_bytes()
    response = Response(data, content_type="image/png" if data.startswith(b"\x89PNG") else "image/jpeg")
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.get("/screens/-/new", "screen.add")
def new() -> Response:
    """The form for a new screen."""
    return _edit_page(Form({"timezone": here().office.timezone}), None)


@pages.post("/screens/-/new", "screen.add")
def add() -> Response:
    """Enrol it; its token is shown this once."""
    now, form = here(), Form.read()
    form.need("id", "panel")
    made: Enrolled | None = None
    if not form.errors:
        with form.catching(RENAMED):
            screen = screen_forms.new_screen(form.text("id"), said(form), now.office.timezone)
            made = screens.add(now.office, now.actor, screen)
    return _edit_page(form, None) if made is None else token_page([made])


@pages.get("/screens/<screen_id>/edit", "screen.set")
def edit(screen_id: str) -> Response:
    """The form with what is known of it."""
    screen = wall.one(here().office, screen_id).listed.kept.screen
    return _edit_page(Form(_values(screen)), screen)


@pages.post("/screens/<screen_id>/edit", "screen.set")
def save(screen_id: str) -> Response:
    """Keep the changed facts."""
    now, form = here(), Form.read()
    screen = wall.one(now.office, screen_id).listed.kept.screen
    with form.catching(RENAMED):
        fresh = screen_forms.new_screen(screen_id, said(form), now.office.timezone)
        screens.change(now.office, now.actor, [f"screen:{screen_id}"], lambda _: fresh)
    if form.errors:
        return _edit_page(form, screen)
    return go("screens.show", done="screen-saved", screen_id=screen_id)


@pages.post("/screens/<screen_id>/token", "screen.token")
def token(screen_id: str) -> Response:
    """A new token, shown this once."""
    return token_page([screens.give_token(here().office, here().actor, screen_id)])


@pages.post("/screens/<screen_id>/revoke", "screen.revoke")
def revoke(screen_id: str) -> Response:
    """Let its token in no more."""
    screens.revoke(here().office, here().actor, screen_id)
    return go("screens.show", done="screen-revoked", screen_id=screen_id)


@pages.post("/screens/<screen_id>/remove", "screen.remove")
def remove(screen_id: str) -> Response:
    """Take it out of the office."""
    screens.remove(here().office, here().actor, screen_id)
    return go("screens.list", done="screen-removed")


def token_page(made: list[Enrolled]) -> Response:
    """Tokens, shown this once."""
    rows = ["screen,token,key", *(f"{one.screen},{one.token},{one.key}" for one in made)]
    return render("screens/token.html", made=made, csv="\n".join(rows), public=_public())


def _public() -> str:
    return here().services.config.public_url.rstrip("/") or request.host_url.rstrip("/")


RENAMED = {"group": "groups", "tag": "tags"}


def said(form: Form) -> Mapping[str, Any]:
    """The fields in the words of :mod:`signage.services.screens.form_input`; an empty list removes the former value."""
    return {
        "kind": form.text("kind") or "screen",
        "panel": form.text("panel"),
        "unit": form.text("unit"),
        "timezone": form.text("timezone") or None,
        "default": form.text("default"),
        "position": form.text("position") or None,
        "group": form.words("groups"),
        "tag": form.words("tags"),
        "hours": form.words("hours"),
        "brightness": form.words("brightness"),
    }


def _values(screen: Screen) -> Mapping[str, object]:
    return {
        "id": screen.id,
        "kind": screen.kind,
        "panel": screen.panel,
        "unit": screen.unit,
        "timezone": screen.timezone,
        "default": screen.default_campaign,
        "position": "" if screen.position is None else f"{screen.position[0]:g},{screen.position[1]:g}",
        "groups": " ".join(screen.groups),
        "tags": " ".join(screen.tags),
        "hours": " ".join(f"{show_sun_time(h.from_)}-{show_sun_time(h.until)}" for h in screen.hours),
        "brightness": " ".join(f"{show_sun_time(b.from_)}={b.percent}" for b in screen.brightness),
    }


def _edit_page(form: Form, screen: Screen | None) -> Response:
    now = here()
    try:
        form.faults += default_missing(now.office, form.optional("default"))
    except Refused as refused:
        form.faults += refused.faults
    panels = [(p.id, f"{p.id} ({p.width}×{p.height})") for p in now.office.panels.values()]
    return render("screens/edit.html", form.status if form.errors else 200, form=form, screen=screen, panels=panels)
