"""Today: what every screen shows now, who is silent, what waits for me, what starts and ends next."""

from dataclasses import dataclass

from flask import Response, request

from signage.model.takeover import Takeover
from signage.services.campaigns import board as desk
from signage.services.campaigns.board import CampaignListEntry
from signage.services.screens import overview as wall
from signage.services.screens.overview import ScreenOverview
from signage.services.takeovers import takeovers
from signage.web import now_playing as showing_now
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.toolkit import PageGroup, RequestContext, get_request_context
from signage.web.request_context import respond_json

pages = PageGroup("today")
TILES_PER_PAGE = 24
_MAX_IDS = 48
_MAX_PENDING = 8


@dataclass(frozen=True, slots=True)
class PendingWork:
    """What waits for the reader: submissions to judge, own ones that came back or lie as drafts, running takeovers."""

    review: tuple[CampaignListEntry, ...]
    returned: tuple[CampaignListEntry, ...]
    drafts: tuple[CampaignListEntry, ...]
    takeovers: tuple[Takeover, ...]

    def __bool__(self) -> bool:
        return bool(self.review or self.returned or self.drafts or self.takeovers)


@pages.get("/today", "wall.view")
def show() -> Response:
    """The first page."""
    now = get_request_context()
    heard = wall.parse_contact_state(request.args.get("heard", ""))
    group, search, cursor = (request.args.get(name, "") for name in ("group", "search", "cursor"))
    which = wall.build_filter(now.app, heard, group=group, search=search.strip().lower())
    found = wall.list_screens(now.app, which, cursor, TILES_PER_PAGE + 1)
    return render_page(
        "today/show.html",
        counts=wall.get_status_counts(now.app),
        tiles=found[:TILES_PER_PAGE],
        next_cursor=found[TILES_PER_PAGE - 1].id if len(found) > TILES_PER_PAGE else None,
        shown=bool(cursor),
        heard=heard,
        group=group,
        search=search,
        words=wall.list_labels(now.app),
        waiting=_find_pending_work(now),
        most=_MAX_PENDING,
        silent=found[:6]
        if heard == "silent"
        else wall.list_screens(now.app, wall.build_filter(now.app, "silent"), limit=6),
        edges=wall.list_upcoming_events(now.app),
        empty=not (heard or group or search or cursor) and not found,
        now_ms=showing_now.to_epoch_ms(now.app.clock.now()),
    )


@pages.get("/wall.json", "wall.view")
def list_now_playing() -> Response:
    """What these screens show in the next minute, set against what they said of themselves."""
    now = get_request_context()
    at = now.app.clock.now()
    ids = [one for one in request.args.get("ids", "").split(",") if one][:_MAX_IDS]
    told = [_build_tile(now, one) for one in wall.get_screens(now.app, ids)]
    return respond_json({"now": showing_now.to_epoch_ms(at), "screens": [one for one in told if one]})


def _build_tile(now: RequestContext, one: ScreenOverview) -> dict[str, object]:
    shelf, at = now.dependencies.playlists, now.app.clock.now()
    tile = showing_now.build_tile(shelf, one.id, at)
    contact = one.list_row.heartbeat
    found = showing_now.find_timeline(shelf, one.id)
    agrees = showing_now.is_status_consistent(found, contact.status, contact.status_at) if contact else None
    return {"screen": one.id, "word": one.condition.state, "agrees": agrees, **(tile or {"segments": []})}


def _find_pending_work(now: RequestContext) -> PendingWork:
    found = desk.sort_by_waiting_time(desk.list_campaigns(now.app))
    mine = [line for line in found if line.made_by == now.actor.id]
    return PendingWork(
        tuple(desk.filter_reviewable(now.app, now.actor, found) if now.is_allowed("campaign.approve") else ()),
        tuple(line for line in mine if line.stage == "returned"),
        tuple(line for line in mine if line.stage == "draft"),
        takeovers.list_running_takeovers(now.app) if now.is_allowed("takeover.stop") else (),
    )
