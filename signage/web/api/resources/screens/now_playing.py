"""The wall: what every screen shows now, by its document, and what it said of itself."""

from datetime import datetime

from msgspec import Struct

from signage.services.screens import overview as wall
from signage.web import now_playing as showing_now
from signage.web.api.framework.operations import Asked, Page, Resource, page_of
from signage.web.api.resources.screens.screens import Condition, ScreenQuery

api = Resource("wall")


class Shown(Struct, frozen=True, kw_only=True):
    """*kind*: program, dark (by order), fallback, or none while there is no document. *said*: what the screen says."""

    screen: str
    kind: str
    item: str | None
    why: str | None
    serial: int | None
    elapsed_ms: int
    remaining_ms: int
    condition: Condition
    seen_at: datetime | None
    said: str | None
    agrees: bool | None


@api.get("/wall", "wall.view", query=ScreenQuery, answer=Page[Shown])
def list_(asked: Asked) -> Page[Shown]:
    """What every screen shows now, by id."""
    q, office, shelf = asked.query, asked.office, asked.services.shelf
    facts = {name: getattr(q, name) for name in ("group", "tag", "kind", "unit", "panel", "search")}
    which = wall.wanted(office, wall.heard_of(q.heard), **facts)
    now = office.clock.now()
    found = []
    for one in wall.page(office, which, q.cursor, q.limit + 1):
        shows = showing_now.shows(shelf, one.id)
        showing = None if shows is None else shows.at(now)
        contact = one.listed.contact
        status = (contact.status if contact else None) or {}
        said = status.get("item")
        found.append(
            Shown(
                screen=one.id,
                kind=showing.kind if showing else "none",
                item=showing.item if showing else None,
                why=showing.program.why if showing and showing.program else None,
                serial=shows.playlist.serial if shows else None,
                elapsed_ms=showing.elapsed_ms if showing else 0,
                remaining_ms=showing.remaining_ms if showing else 0,
                condition=Condition(one.condition.word, one.condition.reason),
                seen_at=contact.seen_at if contact else None,
                said=said if isinstance(said, str) else None,
                agrees=showing_now.agrees(shows, status, contact.status_at if contact else None),
            )
        )
    return page_of(found, q.limit, lambda one: one.screen)
