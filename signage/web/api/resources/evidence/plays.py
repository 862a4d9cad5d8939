"""Plays: what was shown, the newest first, each with its verdict; the gaps in a screen's numbers."""

from datetime import datetime

from msgspec import Struct

from signage.evidence.archive_files import Proof
from signage.evidence.judged_plays import told
from signage.services.evidence import log_queries as logs
from signage.services.evidence import plays as proofs
from signage.services.evidence.log_queries import Cursor, PlaysWanted
from signage.web.api.framework.operations import Asked, Page, Paging, Resource

api = Resource("plays")


class PlayShown(Struct, frozen=True):
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


class PlaysQuery(Paging, frozen=True, kw_only=True, rename={"from_": "from"}):
    """*from*, *until*: when they came in."""

    screen: str = ""
    item: str = ""
    result: str = ""
    from_: str = ""
    until: str = ""


class GapShown(Struct, frozen=True):
    """Numbers of a run of which there is no play, both ends in it. *why*: missing, lost or rejected."""

    run: str
    first: int
    last: int
    why: str


class Gaps(Struct, frozen=True):
    """The gaps of one screen."""

    screen: str
    gaps: tuple[GapShown, ...]


@api.get("/plays", "plays.view", query=PlaysQuery, answer=Page[PlayShown])
def list_(asked: Asked) -> Page[PlayShown]:
    """Plays that are not in the archive yet, the newest first."""
    q = asked.query
    wanted = PlaysWanted(q.screen, q.item, q.result, asked.time(q.from_, "from"), asked.time(q.until, "until"))
    found, further = logs.plays(asked.office, wanted, _cursor(q.cursor), q.limit)
    cursor = None if further is None else f"{further.batch}.{further.seq}"
    return Page(tuple(_shown(asked, one) for one in found), cursor)


@api.get("/screens/{id}/gaps", "plays.view", answer=Gaps, errors=(404,))
def gaps(asked: Asked) -> Gaps:
    """The gaps in the numbers of a screen's plays."""
    with proofs.plays_of(asked.office, asked.id) as found:
        return Gaps(found.screen, tuple(GapShown(one.run, one.first, one.last, one.why) for one in found.gaps))


def _cursor(text: str) -> Cursor | None:
    batch, _, seq = text.partition(".")
    sound = batch.isdecimal() and seq.isdecimal() and len(text) < 40
    return Cursor(int(batch), int(seq)) if sound else None


def _shown(asked: Asked, proof: Proof) -> PlayShown:
    one = told(proof, asked.zone)
    return PlayShown(
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
