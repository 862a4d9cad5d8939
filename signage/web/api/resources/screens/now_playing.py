"""The wall: what every screen shows now, by its document, and what it said of itself."""

from datetime import datetime

from msgspec import Struct

from signage.services.screens import overview as wall
from signage.web import now_playing as showing_now
from signage.web.api.framework.operations import ApiRequest, ApiResource, PageOut, build_page
from signage.web.api.resources.screens.screens import ConditionOut, ScreenQuery, build_screen_filter

api = ApiResource("wall")


class NowPlayingOut(Struct, frozen=True, kw_only=True):
    """*kind*: program, dark (by order), fallback, or none while there is no document. *said*: what the screen says."""

    screen: str
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
    """What every screen shows now, by id."""
    q, office, shelf = api_request.query, api_request.app, api_request.dependencies.playlists
    now = office.clock.now()
    found = []
    for one in wall.list_screens(office, build_screen_filter(api_request), q.cursor, q.limit + 1):
        shows = showing_now.find_timeline(shelf, one.id)
        showing = None if shows is None else shows.get_now_showing(now)
        contact = one.list_row.heartbeat
        status = (contact.status if contact else None) or {}
        said = status.get("item")
        found.append(
            NowPlayingOut(
                screen=one.id,
                kind=showing.kind if showing else "none",
                item=showing.item if showing else None,
                why=showing.program.why if showing and showing.program else None,
                serial=shows.playlist.serial if shows else None,
                elapsed_ms=showing.elapsed_ms if showing else 0,
                remaining_ms=showing.remaining_ms if showing else 0,
                condition=ConditionOut(one.condition.state, one.condition.reason),
                seen_at=contact.seen_at if contact else None,
                said=said if isinstance(said, str) else None,
                agrees=showing_now.is_status_consistent(shows, status, contact.status_at if contact else None),
            )
        )
    return build_page(found, q.limit, lambda one: one.screen)
