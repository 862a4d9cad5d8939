"""Every play is judged against the document that its screen had, never against the rules of today.

1. ``not-shown``: the player itself says that it skipped the item or failed to show it.
2. ``not-judged``: no document of that serial was published for that screen.
3. ``not-planned``: the item is not in the document, or its time belongs to a program without it.
4. ``not-approved``: the item is in the document, but other bytes were shown than the document names.
5. ``cut``: in its turn, but it ended before its turn did (where the document itself cuts it, that is its end).
6. ``late``: in its turn, but it began after its turn had begun, or ended after its end.
7. ``extra``: in its program, but out of turn.
8. ``as-planned``: in its turn from beginning to end.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from signage.protocol.playback import NowShowing, PlaylistTimeline
from signage.protocol.playlist import Playlist
from signage.protocol.plays import SHOWN_RESULTS

Verdict = Literal["as-planned", "late", "cut", "extra", "not-planned", "not-approved", "not-shown", "not-judged"]
VERDICTS: tuple[Verdict, ...] = (
    "as-planned",
    "late",
    "cut",
    "extra",
    "not-planned",
    "not-approved",
    "not-shown",
    "not-judged",
)
TOLERANCE_MS = 2_000
PlaylistLookup = Callable[[str, int], Playlist | None]
"""The document published for a screen under a serial; None where there was none."""


class PlayJudge:
    """Judges plays against published documents; keeps those that it used last at hand."""

    def __init__(self, documents: PlaylistLookup, keep: int = 64) -> None:
        self._find_playlist = documents
        self._cache_size = keep
        self._timelines: OrderedDict[tuple[str, int], PlaylistTimeline | None] = OrderedDict()

    def get_timeline(self, screen: str, serial: int) -> PlaylistTimeline | None:
        """The document of that screen and serial, ready for questions."""
        key = (screen, serial)
        if key in self._timelines:
            self._timelines.move_to_end(key)
            return self._timelines[key]
        document = self._find_playlist(screen, serial)
        found = None if document is None else PlaylistTimeline(document)
        self._timelines[key] = found
        if len(self._timelines) > self._cache_size:
            self._timelines.popitem(last=False)
        return found

    def get_verdict(
        self, screen: str, serial: int, item: str, sha256: str, at: datetime, duration_ms: int, result: str
    ) -> Verdict:
        """What is to be said of a play that began at *at* (aware, corrected)."""
        return judge_play(self.get_timeline(screen, serial), item, sha256, at, duration_ms, result)

    def get_flags(self, screen: str, serial: int, item: str, sha256: str, at: datetime) -> tuple[str, ...]:
        """What is odd about a play beside its clock."""
        shows = self.get_timeline(screen, serial)
        if shows is None:
            return ("unknown-serial",)
        document = shows.playlist
        found: list[str] = []
        if item not in document.items:
            found.append("unknown-item")
        elif not _is_approved(document, item, sha256):
            found.append("other-bytes")
        if at < document.issued_at - timedelta(milliseconds=TOLERANCE_MS):
            found.append("before-issue")
        return tuple(found)


def judge_play(
    shows: PlaylistTimeline | None, item: str, sha256: str, at: datetime, duration_ms: int, result: str
) -> Verdict:
    """What is to be said of one play against its document (None: there is none)."""
    if result not in SHOWN_RESULTS:
        return "not-shown"
    if shows is None:
        return "not-judged"
    document = shows.playlist
    if item not in document.items:
        return "not-planned"
    if not _is_approved(document, item, sha256):
        return "not-approved"
    now = shows.get_now_showing(at)
    if now.kind == "fallback":
        return _judge_in_fallback(document, item, duration_ms)
    early = shows.get_now_showing(at + timedelta(milliseconds=TOLERANCE_MS))
    if early.item == item and early.kind == "program" and early.elapsed_ms <= TOLERANCE_MS:
        return _judge_in_turn(early, TOLERANCE_MS - early.elapsed_ms, duration_ms)
    if now.item == item:
        return _judge_in_turn(now, -now.elapsed_ms, duration_ms)
    program = now.program
    if program is not None and program.loop is not None and item in document.loops[program.loop].items:
        return "extra"
    return "not-planned"


def _judge_in_turn(turn: NowShowing, early_ms: int, duration_ms: int) -> Verdict:
    """*early_ms*: how long before its turn began the play did (negative: after)."""
    left_ms = turn.elapsed_ms + turn.remaining_ms + early_ms
    if duration_ms < left_ms - TOLERANCE_MS - max(early_ms, 0):
        return "cut"
    if early_ms < -TOLERANCE_MS or duration_ms > left_ms + TOLERANCE_MS:
        return "late"
    return "as-planned"


def _judge_in_fallback(document: Playlist, item: str, duration_ms: int) -> Verdict:
    if item not in document.fallback:
        return "not-planned"
    return "cut" if duration_ms < document.items[item].duration_ms - TOLERANCE_MS else "as-planned"


def _is_approved(document: Playlist, item: str, sha256: str) -> bool:
    media = document.items[item].media
    return not media or any(one.sha256 == sha256 for one in media)
