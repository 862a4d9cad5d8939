"""Today: what every screen shows now, offline screens, pending work, upcoming starts and ends."""

from dataclasses import dataclass

from flask import Response, request

from signage.model.takeover import Takeover
from signage.services.campaigns import board
from signage.services.campaigns.board import CampaignListEntry
from signage.services.consents import consents
from signage.services.consents.consents import ConsentRow
from signage.services.consents.decision import describe_pending_decision
from signage.services.screens import overview as screen_overviews
from signage.services.screens.overview import ScreenOverview
from signage.services.takeovers import takeovers
from signage.web import now_playing
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.toolkit import PageGroup, RequestContext, get_request_context
from signage.web.request_context import respond_json

pages = PageGroup("today")
TILES_PER_PAGE = 24
_MAX_IDS = 48
_MAX_PENDING = 8


@dataclass(frozen=True, slots=True)
class PendingWork:
    """Work that waits for the reader: submissions to review, own returned campaigns and drafts, running takeovers,
    requests for consent, and the decision that an upgrade asks for.
    """

    review: tuple[CampaignListEntry, ...]
    returned: tuple[CampaignListEntry, ...]
    drafts: tuple[CampaignListEntry, ...]
    takeovers: tuple[Takeover, ...]
    requests: tuple[ConsentRow, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.review or self.returned or self.drafts or self.takeovers or self.requests)


@pages.get("/today", "wall.view")
def show() -> Response:
    """Show the first page."""
    context = get_request_context()
    contact_state = screen_overviews.parse_contact_state(request.args.get("heard", ""))
    group, search, cursor = (request.args.get(name, "") for name in ("group", "search", "cursor"))
    screen_filter = screen_overviews.build_filter(
        context.app, contact_state, group=group, search=search.strip().lower()
    )
    screens = screen_overviews.list_screens(context.app, screen_filter, cursor, TILES_PER_PAGE + 1)
    return render_page(
        "today/show.html",
        counts=screen_overviews.get_status_counts(context.app),
        tiles=screens[:TILES_PER_PAGE],
        next_cursor=screens[TILES_PER_PAGE - 1].id if len(screens) > TILES_PER_PAGE else None,
        shown=bool(cursor),
        heard=contact_state,
        group=group,
        search=search,
        words=screen_overviews.list_labels(context.app),
        waiting=_find_pending_work(context),
        most=_MAX_PENDING,
        undecided=describe_pending_decision(context.app) if context.is_allowed("settings.view") else None,
        silent=screens[:6]
        if contact_state == "silent"
        else screen_overviews.list_screens(context.app, screen_overviews.build_filter(context.app, "silent"), limit=6),
        edges=screen_overviews.list_upcoming_events(context.app),
        empty=not (contact_state or group or search or cursor) and not screens,
        now_ms=now_playing.to_epoch_ms(context.app.clock.now()),
    )


@pages.get("/wall.json", "wall.view")
def list_now_playing() -> Response:
    """Return what these screens show in the next minute, compared with what they reported."""
    context = get_request_context()
    at = context.app.clock.now()
    ids = [screen for screen in request.args.get("ids", "").split(",") if screen][:_MAX_IDS]
    tiles = [_build_tile(context, screen) for screen in screen_overviews.get_screens(context.app, ids)]
    return respond_json({"now": now_playing.to_epoch_ms(at), "screens": [screen for screen in tiles if screen]})


def _build_tile(context: RequestContext, overview: ScreenOverview) -> dict[str, object]:
    playlists, at = context.dependencies.playlists, context.app.clock.now()
    tile = now_playing.build_tile(playlists, overview.id, at)
    heartbeat = overview.list_row.heartbeat
    timeline = now_playing.find_timeline(playlists, overview.id)
    agrees = now_playing.is_status_consistent(timeline, heartbeat.status, heartbeat.status_at) if heartbeat else None
    return {"screen": overview.id, "word": overview.condition.state, "agrees": agrees, **(tile or {"segments": []})}


def _find_pending_work(context: RequestContext) -> PendingWork:
    entries = board.sort_by_waiting_time(board.list_campaigns(context.app))
    own_entries = [entry for entry in entries if entry.made_by == context.actor.id]
    return PendingWork(
        tuple(
            board.filter_reviewable(context.app, context.actor, entries)
            if context.is_allowed("campaign.approve")
            else ()
        ),
        tuple(entry for entry in own_entries if entry.stage == "returned"),
        tuple(entry for entry in own_entries if entry.stage == "draft"),
        takeovers.list_running_takeovers(context.app) if context.is_allowed("takeover.stop") else (),
        consents.list_open_requests(context.app, context.actor),
    )
