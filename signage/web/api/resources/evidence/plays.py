"""Plays with their verdicts, and the gaps in a screen's sequence numbers."""

from msgspec import Struct

from signage.evidence.play_export import ScreenPlayView, create_screen_play_view
from signage.services.evidence import log_queries, plays
from signage.services.evidence.log_queries import PlayCursor, PlayFilter
from signage.web.api.framework.operations import ApiRequest, ApiResource, PageOut, PageQuery

api = ApiResource("plays")


class PlayQuery(PageQuery, frozen=True, kw_only=True, rename={"from_": "from"}):
    """*from*, *until*: the time of receipt."""

    screen: str = ""
    item: str = ""
    result: str = ""
    from_: str = ""
    until: str = ""


class PlayGapOut(Struct, frozen=True):
    """A range of sequence numbers of a run without a play, ends included. *why*: missing, lost or rejected."""

    run: str
    first: int
    last: int
    why: str


class PlayGapsOut(Struct, frozen=True):
    """The gaps of one screen."""

    screen: str
    gaps: tuple[PlayGapOut, ...]


@api.get("/plays", "plays.view", query=PlayQuery, answer=PageOut[ScreenPlayView])
def list_(api_request: ApiRequest) -> PageOut[ScreenPlayView]:
    """List plays that are not archived yet, newest first."""
    query = api_request.query
    play_filter = PlayFilter(
        query.screen,
        query.item,
        query.result,
        api_request.parse_time(query.from_, "from"),
        api_request.parse_time(query.until, "until"),
    )
    page, next_cursor = log_queries.list_plays(api_request.app, play_filter, _parse_cursor(query.cursor), query.limit)
    cursor = None if next_cursor is None else f"{next_cursor.batch}.{next_cursor.seq}"
    return PageOut(tuple(create_screen_play_view(play, api_request.zone) for play in page), cursor)


@api.get("/screens/{id}/gaps", "plays.view", answer=PlayGapsOut, errors=(404,))
def gaps(api_request: ApiRequest) -> PlayGapsOut:
    """List the gaps in the sequence numbers of a screen's plays."""
    with plays.open_screen_plays(api_request.app, api_request.id) as screen_plays:
        return PlayGapsOut(
            screen_plays.screen, tuple(PlayGapOut(gap.run, gap.first, gap.last, gap.why) for gap in screen_plays.gaps)
        )


def _parse_cursor(text: str) -> PlayCursor | None:
    batch, _, seq = text.partition(".")
    sound = batch.isdecimal() and seq.isdecimal() and len(text) < 40
    return PlayCursor(int(batch), int(seq)) if sound else None
