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

from signage.protocol.playback import Showing, Shows
from signage.protocol.playlist import Playlist

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
Documents = Callable[[str, int], Playlist | None]
"""The document published for a screen under a serial; None where there was none."""


class Judge:
    """Judges plays against published documents; keeps those that it used last at hand."""

    def __init__(self, documents: Documents, keep: int = 64) -> None:
        self._documents = documents
        self._keep = keep
        self._at_hand: OrderedDict[tuple[str, int], Shows | None] = OrderedDict()

    def shows(self, screen: str, serial: int) -> Shows | None:
        """The document of that screen and serial, ready for questions."""
        key = (screen, serial)
        if key in self._at_hand:
            self._at_hand.move_to_end(key)
            return self._at_hand[key]
        document = self._documents(screen, serial)
        found = None if document is None else Shows(document)
        self._at_hand[key] = found
        if len(self._at_hand) > self._keep:
            self._at_hand.popitem(last=False)
        return found

    def verdict(
        self, screen: str, serial: int, item: str, sha256: str, at: datetime, duration_ms: int, result: str
    ) -> Verdict:
        """What is to be said of a play that began at *at* (aware, corrected)."""
        return judge(self.shows(screen, serial), item, sha256, at, duration_ms, result)

    def flags(self, screen: str, serial: int, item: str, sha256: str, at: datetime) -> tuple[str, ...]:
        """What is odd about a play beside its clock."""
        shows = self.shows(screen, serial)
        if shows is None:
            return ("unknown-serial",)
        document = shows.playlist
        found: list[str] = []
        if item not in document.items:
            found.append("unknown-item")
        elif not _approved(document, item, sha256):
            found.append("other-bytes")
        if at < document.issued_at - timedelta(milliseconds=TOLERANCE_MS):
            found.append("before-issue")
        return tuple(found)


def judge(shows: Shows | None, item: str, sha256: str, at: datetime, duration_ms: int, result: str) -> Verdict:
    """What is to be said of one play against its document (None: there is none)."""
    if result in ("skipped", "failed"):
        return "not-shown"
    if shows is None:
        return "not-judged"
    document = shows.playlist
    if item not in document.items:
        return "not-planned"
    if not _approved(document, item, sha256):
        return "not-approved"
    now = shows.at(at)
    if now.kind == "fallback":
        return _in_fallback(document, item, duration_ms)
    early = shows.at(at + timedelta(milliseconds=TOLERANCE_MS))
    if early.item == item and early.kind == "program" and early.elapsed_ms <= TOLERANCE_MS:
        return _in_turn(early, TOLERANCE_MS - early.elapsed_ms, duration_ms)
    if now.item == item:
        return _in_turn(now, -now.elapsed_ms, duration_ms)
    program = now.program
    if program is not None and program.loop is not None and item in document.loops[program.loop].items:
        return "extra"
    return "not-planned"


def _in_turn(turn: Showing, early_ms: int, duration_ms: int) -> Verdict:
    """*early_ms*: how long before its turn began the play did (negative: after)."""
    left_ms = turn.elapsed_ms + turn.remaining_ms + early_ms
    if duration_ms < left_ms - TOLERANCE_MS - max(early_ms, 0):
        return "cut"
    if early_ms < -TOLERANCE_MS or duration_ms > left_ms + TOLERANCE_MS:
        return "late"
    return "as-planned"


def _in_fallback(document: Playlist, item: str, duration_ms: int) -> Verdict:
    if item not in document.fallback:
        return "not-planned"
    return "cut" if duration_ms < document.items[item].duration_ms - TOLERANCE_MS else "as-planned"


def _approved(document: Playlist, item: str, sha256: str) -> bool:
    media = document.items[item].media
    return not media or any(one.sha256 == sha256 for one in media)
