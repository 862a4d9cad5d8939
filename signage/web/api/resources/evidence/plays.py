"""Plays: what was shown, the newest first, each with its verdict; the gaps in a screen's numbers."""

from datetime import datetime

from msgspec import Struct

from signage.evidence.archive_files import JudgedPlay
from signage.evidence.judged_plays import create_play_view
from signage.services.evidence import log_queries as logs
from signage.services.evidence import plays as proofs
from signage.services.evidence.log_queries import PlayCursor, PlayFilter
from signage.web.api.framework.operations import ApiRequest, ApiResource, PageOut, PageQuery

api = ApiResource("plays")


class PlayOut(Struct, frozen=True):
    """A play as sent, with its corrected time, flags and verdict."""

    screen: str
    run: str
    seq: int
    item: str
    sha256: str
    serial: int
    started_at: str
    corrected_at: datetime
    received_at: datetime
    duration_ms: int
    result: str
    flags: tuple[str, ...]
    verdict: str


class PlayQuery(PageQuery, frozen=True, kw_only=True, rename={"from_": "from"}):
    """*from*, *until*: when they came in."""

    screen: str = ""
    item: str = ""
    result: str = ""
    from_: str = ""
    until: str = ""


class PlayGapOut(Struct, frozen=True):
    """Numbers of a run of which there is no play, both ends in it. *why*: missing, lost or rejected."""

    run: str
    first: int
    last: int
    why: str


class PlayGapsOut(Struct, frozen=True):
    """The gaps of one screen."""

    screen: str
    gaps: tuple[PlayGapOut, ...]


@api.get("/plays", "plays.view", query=PlayQuery, answer=PageOut[PlayOut])
def list_(api_request: ApiRequest) -> PageOut[PlayOut]:
    """Plays that are not in the archive yet, the newest first."""
    q = api_request.query
    wanted = PlayFilter(
        q.screen, q.item, q.result, api_request.parse_time(q.from_, "from"), api_request.parse_time(q.until, "until")
    )
    found, further = logs.list_plays(api_request.app, wanted, _parse_cursor(q.cursor), q.limit)
    cursor = None if further is None else f"{further.batch}.{further.seq}"
    return PageOut(tuple(_build_play_out(api_request, one) for one in found), cursor)


@api.get("/screens/{id}/gaps", "plays.view", answer=PlayGapsOut, errors=(404,))
def gaps(api_request: ApiRequest) -> PlayGapsOut:
    """The gaps in the numbers of a screen's plays."""
    with proofs.open_screen_plays(api_request.app, api_request.id) as found:
        return PlayGapsOut(found.screen, tuple(PlayGapOut(one.run, one.first, one.last, one.why) for one in found.gaps))


def _parse_cursor(text: str) -> PlayCursor | None:
    batch, _, seq = text.partition(".")
    sound = batch.isdecimal() and seq.isdecimal() and len(text) < 40
    return PlayCursor(int(batch), int(seq)) if sound else None


def _build_play_out(api_request: ApiRequest, proof: JudgedPlay) -> PlayOut:
    one = create_play_view(proof, api_request.zone)
    return PlayOut(
        proof.screen,
        one.run,
        one.seq,
        one.item,
        one.sha256,
        one.serial,
        one.started_at,
        one.corrected_at,
        one.received_at,
        one.duration_ms,
        one.result,
        one.flags,
        one.verdict,
    )
