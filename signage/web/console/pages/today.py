"""Today: what every screen shows now, who is silent, what waits for me, what starts and ends next."""

from dataclasses import dataclass

import msgspec
from flask import Response, request

from signage.model.takeover import Takeover
from signage.services.campaigns import board as desk
from signage.services.campaigns.board import Line
from signage.services.screens import overview as wall
from signage.services.screens.overview import OnWall
from signage.services.takeovers import takeovers
from signage.web import now_playing as showing_now
from signage.web.console.framework.formatting import render
from signage.web.console.framework.toolkit import Here, Pages, here

pages = Pages("today")
TILES = 24
_MOST_IDS = 48
_MOST_WAITING = 8


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the reader: submissions to judge, own ones that came back or lie as drafts, running takeovers."""

    review: tuple[Line, ...]
    returned: tuple[Line, ...]
    drafts: tuple[Line, ...]
    takeovers: tuple[Takeover, ...]

    def __bool__(self) -> bool:
        return bool(self.review or self.returned or self.drafts or self.takeovers)


@pages.get("/today", "wall.view")
def show() -> Response:
    """The first page."""
    now = here()
    heard = wall.heard_of(request.args.get("heard", ""))
    group, search, cursor = (request.args.get(name, "") for name in ("group", "search", "cursor"))
    which = wall.wanted(now.office, heard, group=group, search=search.strip().lower())
    found = wall.page(now.office, which, cursor, TILES + 1)
    return render(
        "today/show.html",
        counts=wall.counts(now.office),
        tiles=found[:TILES],
        next_cursor=found[TILES - 1].id if len(found) > TILES else None,
        shown=bool(cursor),
        heard=heard,
        group=group,
        search=search,
        words=wall.words(now.office),
        waiting=_waiting(now),
        most=_MOST_WAITING,
        silent=found[:6] if heard == "silent" else wall.page(now.office, wall.wanted(now.office, "silent"), limit=6),
        edges=wall.edges(now.office),
        empty=not (heard or group or search or cursor) and not found,
        now_ms=showing_now.to_ms(now.office.clock.now()),
    )


@pages.get("/wall.json", "wall.view")
def moving() -> Response:
    """What these screens show in the next minute, set against what they said of themselves."""
    now = here()
    at = now.office.clock.now()
    ids = [one for one in request.args.get("ids", "").split(",") if one][:_MOST_IDS]
    told = [_told(now, one) for one in wall.these(now.office, ids)]
    body = msgspec.json.encode({"now": showing_now.to_ms(at), "screens": [one for one in told if one]})
    response = Response(body, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _told(now: Here, one: OnWall) -> dict[str, object]:
    shelf, at = now.services.shelf, now.office.clock.now()
    tile = showing_now.tile(shelf, one.id, at)
    contact = one.listed.contact
    found = showing_now.shows(shelf, one.id)
    agrees = showing_now.agrees(found, contact.status, contact.status_at) if contact else None
    return {"screen": one.id, "word": one.condition.word, "agrees": agrees, **(tile or {"segments": []})}


def _waiting(now: Here) -> Waiting:
    found = desk.longest_waiting(desk.lines(now.office))
    mine = [line for line in found if line.made_by == now.actor.id]
    return Waiting(
        tuple(desk.for_me(now.office, now.actor, found) if now.may("campaign.approve") else ()),
        tuple(line for line in mine if line.column == "returned"),
        tuple(line for line in mine if line.column == "draft"),
        takeovers.running(now.office) if now.may("takeover.stop") else (),
    )
