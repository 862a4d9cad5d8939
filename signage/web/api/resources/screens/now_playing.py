"""What every screen shows now by its playlist, and what it reported."""

from datetime import datetime

from msgspec import Struct

from signage.services.screens import overview as screen_overviews
from signage.web import now_playing
from signage.web.api.framework.operations import ApiRequest, ApiResource, PageOut, build_page
from signage.web.api.resources.screens.screens import ConditionOut, ScreenQuery, build_screen_filter

api = ApiResource("wall")


class NowPlayingOut(Struct, frozen=True, kw_only=True):
    """*kind*: program, dark (by order), fallback, or none without a playlist. *said*: the reported item."""

    screen: str
    name: str | None
    kind: str
    item: str | None
    why: str | None
    serial: int | None
    elapsed_ms: int
    remaining_ms: int
    condition: ConditionOut
    seen_at: datetime | None
    said: str | None
    agrees: bool | None


@api.get("/wall", "wall.view", query=ScreenQuery, answer=PageOut[NowPlayingOut])
def list_(api_request: ApiRequest) -> PageOut[NowPlayingOut]:
    """List what every screen shows now, by id."""
    query, app, playlists = api_request.query, api_request.app, api_request.dependencies.playlists
    now = app.clock.now()
    rows = []
    for screen in screen_overviews.list_screens(app, build_screen_filter(api_request), query.cursor, query.limit + 1):
        timeline = now_playing.find_timeline(playlists, screen.id)
        showing = None if timeline is None else timeline.get_now_showing(now)
        heartbeat = screen.list_row.heartbeat
        status = (heartbeat.status if heartbeat else None) or {}
        reported_item = status.get("item")
        rows.append(
            NowPlayingOut(
                screen=screen.id,
                name=screen.list_row.screen_row.screen.name,
                kind=showing.kind if showing else "none",
                item=showing.item if showing else None,
                why=showing.program.why if showing and showing.program else None,
                serial=timeline.playlist.serial if timeline else None,
                elapsed_ms=showing.elapsed_ms if showing else 0,
                remaining_ms=showing.remaining_ms if showing else 0,
                condition=ConditionOut(screen.condition.state, screen.condition.reason),
                seen_at=heartbeat.seen_at if heartbeat else None,
                said=reported_item if isinstance(reported_item, str) else None,
                agrees=now_playing.is_status_consistent(timeline, status, heartbeat.status_at if heartbeat else None),
            )
        )
    return build_page(rows, query.limit, lambda screen: screen.screen)
