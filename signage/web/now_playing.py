"""What screens show in the next moments, from their documents, as the pages' moving miniatures want it."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import UNSET

from signage.library.expected_frame import easiest
from signage.protocol.playback import Showing, Shows
from signage.protocol.playlist import Item, Playlist
from signage.web.dependencies import Shelf

AHEAD = timedelta(seconds=60)
MOST_SEGMENTS = 40
_KEPT = 512
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_lock = threading.Lock()
_shows: "OrderedDict[str, Shows]" = OrderedDict()


def document(shelf: Shelf, screen: str) -> Playlist | None:
    """The document that *screen* gets now; None while it has none."""
    shelved = shelf.of_screen(screen)
    return None if shelved is None else shelved.playlist


def shows(shelf: Shelf, screen: str) -> Shows | None:
    """The screen's document, ready for questions; made once a document."""
    shelved = shelf.of_screen(screen)
    if shelved is None:
        return None
    with _lock:
        if shelved.etag in _shows:
            _shows.move_to_end(shelved.etag)
            return _shows[shelved.etag]
    made = Shows(shelved.playlist)
    with _lock:
        _shows[shelved.etag] = made
        while len(_shows) > _KEPT:
            _shows.popitem(last=False)
    return made


def at(shelf: Shelf, screen: str, now: datetime) -> Showing | None:
    """What the screen shows at *now* by its document."""
    found = shows(shelf, screen)
    return None if found is None else found.at(now)


def tile(shelf: Shelf, screen: str, now: datetime) -> dict[str, Any] | None:
    """The panel and the segments of the next moments, for one miniature."""
    found = shows(shelf, screen)
    if found is None:
        return None
    panel = found.playlist.panel
    return {
        "screen": screen,
        "panel": {"width": panel.width, "height": panel.height, "color": panel.color},
        "segments": list(_segments(found, now)),
    }


def _segments(found: Shows, now: datetime) -> Iterable[dict[str, Any]]:
    at_, end = now, now + AHEAD
    for _ in range(MOST_SEGMENTS):
        showing = found.at(at_)
        yield segment(found.playlist, showing, at_)
        at_ += timedelta(milliseconds=max(1, showing.remaining_ms))
        if at_ >= end:
            return


def segment(playlist: Playlist, showing: Showing, at_: datetime) -> dict[str, Any]:
    """One item with when it began and when it is over, in ms since 1970."""
    began = to_ms(at_) - showing.elapsed_ms
    told: dict[str, Any] = {"from": began, "until": to_ms(at_) + showing.remaining_ms, "kind": showing.kind}
    if showing.item is not None:
        told |= {"item": showing.item, **as_media(playlist.items[showing.item])}
    return told


def as_media(item: Item) -> dict[str, Any]:
    """What a miniature needs of an item: its text, and the medium that is easiest to draw."""
    chosen = easiest(item)
    told: dict[str, Any] = {"label": label(item), "duration": item.duration_ms, "of": item.kind}
    if chosen is not None:
        told |= {"href": chosen.href, "type": chosen.type, "width": chosen.width, "height": chosen.height}
        if chosen.motion is not UNSET:
            motion = chosen.motion
            told["motion"] = {
                "effect": motion.effect,
                "px_per_s": motion.px_per_s if motion.px_per_s is not UNSET else None,
                "page_ms": motion.page_ms if motion.page_ms is not UNSET else None,
            }
    return told


def label(item: Item) -> str:
    """What an item is called by people."""
    for text in (item.text, item.title):
        if text is not UNSET and text:
            return text
    return ""


def to_ms(at_: datetime) -> int:
    """Milliseconds since 1970."""
    return (at_ - _EPOCH) // timedelta(milliseconds=1)


def agrees(found: Shows | None, status: Mapping[str, Any] | None, status_at: datetime | None) -> bool | None:
    """Whether what a screen said that it shows is what its document has then, give or take two seconds.

    None where it said nothing of it.
    """
    item = (status or {}).get("item")
    if found is None or status_at is None or not isinstance(item, str):
        return None
    near = (status_at + timedelta(seconds=s) for s in (0, -2, 2))
    return any(found.at(one).item == item for one in near)
