"""Takeovers: started and stopped by a duty officer, with a receipt for each screen."""

from datetime import datetime

from msgspec import Struct

from signage.faults import refuse
from signage.model.takeover import Takeover
from signage.services.takeovers import takeovers
from signage.services.takeovers.receipts import list_receipts
from signage.services.takeovers.takeovers import TakeoverRequest, get_selector_zone
from signage.services.time_input import parse_duration, parse_time
from signage.web.api.framework.operations import (
    ApiRequest,
    ApiResource,
    PageOut,
    PageQuery,
    build_page,
    parse_numeric_cursor,
)

api = ApiResource("takeovers")
MAX_SCREENS = 100


class TakeoverOut(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """A takeover. *selectors*: as requested; *count*: the number of screens they matched at its start.

    *screens*: the first hundred by id; the receipt lists all of them.
    """

    id: str
    screens: tuple[str, ...]
    count: int
    selectors: tuple[str, ...]
    from_: datetime
    until: datetime
    who: str
    why: str
    text: str | None
    item: str | None
    blank: bool
    stopped_at: datetime | None
    running: bool


class TakeoverIn(Struct, frozen=True, kw_only=True, rename={"for_": "for"}):
    """*screens*: selectors. Exactly one of *text*, *item* (``campaign/item``) and *blank*; one of *until* and *for*."""

    screens: tuple[str, ...]
    why: str
    until: str | None = None
    for_: str | None = None
    text: str | None = None
    item: str | None = None
    blank: bool = False


class ScreenReceiptOut(Struct, frozen=True):
    """*state*: shown, fetched, or silent (no contact since)."""

    screen: str
    state: str
    seen_at: datetime | None


class TakeoverReceiptOut(Struct, frozen=True):
    """A page of a takeover's receipt. *cursor*: the parameter for the next page; null on the last page."""

    id: str
    screens: tuple[ScreenReceiptOut, ...]
    cursor: str | None


class TakeoverQuery(PageQuery, frozen=True, kw_only=True):
    """*running*: only those that have not ended."""

    running: bool = False


@api.get("/takeovers", "takeover.view", query=TakeoverQuery, answer=PageOut[TakeoverOut])
def list_(api_request: ApiRequest) -> PageOut[TakeoverOut]:
    """List takeovers, newest first."""
    app, query = api_request.app, api_request.query
    all_takeovers = takeovers.list_running_takeovers(app) if query.running else takeovers.list_takeovers(app)
    newest = sorted(all_takeovers, key=lambda takeover: -takeover.number)
    max_number = parse_numeric_cursor(query.cursor) or 1 << 62
    found = [takeover for takeover in newest if takeover.number < max_number][: query.limit + 1]
    page = build_page(found, query.limit, lambda takeover: str(takeover.number))
    return PageOut(tuple(_build_takeover_out(api_request, takeover) for takeover in page.items), page.cursor)


@api.post("/takeovers", "takeover.start", body=TakeoverIn, answer=TakeoverOut, status=201)
def start(api_request: ApiRequest) -> TakeoverOut:
    """Start a takeover: it replaces everything on the screens that the selectors match, until it ends."""
    body = api_request.body
    until = duration = None
    if body.until is not None and body.for_ is not None:
        raise refuse("takeover-ends-twice", "until")
    if body.until is not None:
        until = parse_time(body.until, get_selector_zone(api_request.app, body.screens), "until")
    if body.for_ is not None:
        duration = parse_duration(body.for_, "for")
    takeover_request = TakeoverRequest(body.screens, body.why, until, duration, body.text, body.item, body.blank)
    return _build_takeover_out(
        api_request, takeovers.start_takeover(api_request.app, api_request.actor, takeover_request)
    )


@api.get("/takeovers/{id}", "takeover.view", answer=TakeoverOut, errors=(404,))
def show(api_request: ApiRequest) -> TakeoverOut:
    """Get a takeover."""
    return _build_takeover_out(api_request, takeovers.get_takeover(api_request.app, api_request.id))


@api.post("/takeovers/{id}/stop", "takeover.stop", answer=TakeoverOut, errors=(404, 409))
def stop(api_request: ApiRequest) -> TakeoverOut:
    """Stop a takeover now."""
    return _build_takeover_out(api_request, takeovers.stop_takeover(api_request.app, api_request.actor, api_request.id))


@api.get("/takeovers/{id}/receipt", "takeover.view", query=PageQuery, answer=TakeoverReceiptOut, errors=(404,))
def receipt(api_request: ApiRequest) -> TakeoverReceiptOut:
    """List the delivery state of each screen, by id."""
    query = api_request.query
    receipts = list_receipts(api_request.app, api_request.id, query.cursor, query.limit + 1)
    page = build_page(
        [ScreenReceiptOut(r.screen, r.state, r.seen_at) for r in receipts],
        query.limit,
        lambda receipt_out: receipt_out.screen,
    )
    return TakeoverReceiptOut(api_request.id, page.items, page.cursor)


def _build_takeover_out(api_request: ApiRequest, takeover: Takeover) -> TakeoverOut:
    zone = api_request.zone
    return TakeoverOut(
        id=takeover.id,
        screens=tuple(takeovers.list_screens(api_request.app, takeover.id, MAX_SCREENS)),
        count=takeovers.count_screens(api_request.app, takeover.id),
        selectors=takeover.screens,
        from_=takeover.from_.astimezone(zone),
        until=takeover.until.astimezone(zone),
        who=takeover.who,
        why=takeover.why,
        text=takeover.text,
        item=takeover.item,
        blank=takeover.blank,
        stopped_at=takeover.stopped_at,
        running=takeover.ends_at > api_request.app.clock.now(),
    )
