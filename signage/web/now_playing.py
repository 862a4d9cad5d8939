"""What screens show in the next moments, from their documents, as the pages' moving miniatures want it."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import UNSET

from signage.library.expected_frame import pick_easiest_media
from signage.protocol.epoch import to_ms
from signage.protocol.playback import NowShowing, PlaylistTimeline
from signage.protocol.playlist import Playlist, PlaylistItem
from signage.web.dependencies import PlaylistSource

LOOKAHEAD = timedelta(seconds=60)
MAX_SEGMENTS = 40
_MAX_CACHED = 512
_lock = threading.Lock()
_timelines: "OrderedDict[str, PlaylistTimeline]" = OrderedDict()


def find_playlist(shelf: PlaylistSource, screen: str) -> Playlist | None:
    """The document that *screen* gets now; None while it has none."""
    shelved = shelf.find_by_screen(screen)
    return None if shelved is None else shelved.playlist


def find_timeline(shelf: PlaylistSource, screen: str) -> PlaylistTimeline | None:
    """The screen's document, ready for questions; made once a document."""
    shelved = shelf.find_by_screen(screen)
    if shelved is None:
        return None
    with _lock:
        if shelved.etag in _timelines:
            _timelines.move_to_end(shelved.etag)
            return _timelines[shelved.etag]
    made = PlaylistTimeline(shelved.playlist)
    with _lock:
        _timelines[shelved.etag] = made
        while len(_timelines) > _MAX_CACHED:
            _timelines.popitem(last=False)
    return made


def find_now_showing(shelf: PlaylistSource, screen: str, now: datetime) -> NowShowing | None:
    """What the screen shows at *now* by its document."""
    found = find_timeline(shelf, screen)
    return None if found is None else found.get_now_showing(now)


def build_tile(shelf: PlaylistSource, screen: str, now: datetime) -> dict[str, Any] | None:
    """The panel and the segments of the next moments, for one miniature."""
    found = find_timeline(shelf, screen)
    if found is None:
        return None
    panel = found.playlist.panel
    return {
        "screen": screen,
        "panel": {"width": panel.width, "height": panel.height, "color": panel.color},
        "segments": list(_iter_segments(found, now)),
    }


def _iter_segments(found: PlaylistTimeline, now: datetime) -> Iterable[dict[str, Any]]:
    at_, end = now, now + LOOKAHEAD
    for _ in range(MAX_SEGMENTS):
        showing = found.get_now_showing(at_)
        yield build_segment(found.playlist, showing, at_)
        at_ += timedelta(milliseconds=max(1, showing.remaining_ms))
        if at_ >= end:
            return


def build_segment(playlist: Playlist, showing: NowShowing, at_: datetime) -> dict[str, Any]:
    """One item with when it began and when it is over, in ms since 1970."""
    began = to_epoch_ms(at_) - showing.elapsed_ms
    told: dict[str, Any] = {"from": began, "until": to_epoch_ms(at_) + showing.remaining_ms, "kind": showing.kind}
    if showing.item is not None:
        told |= {"item": showing.item, **build_media(playlist.items[showing.item])}
    return told


def build_media(item: PlaylistItem) -> dict[str, Any]:
    """What a miniature needs of an item: its text, and the medium that is easiest to draw."""
    chosen = pick_easiest_media(item)
    told: dict[str, Any] = {"label": get_label(item), "duration": item.duration_ms, "of": item.kind}
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


def get_label(item: PlaylistItem) -> str:
    """What an item is called by people."""
    for text in (item.text, item.title):
        if text is not UNSET and text:
            return text
    return ""


def to_epoch_ms(at_: datetime) -> int:
    """Milliseconds since 1970."""
    return to_ms(at_)


def is_status_consistent(
    found: PlaylistTimeline | None, status: Mapping[str, Any] | None, status_at: datetime | None
) -> bool | None:
    """Whether what a screen said that it shows is what its document has then, give or take two seconds.

    None where it said nothing of it.
    """
    item = (status or {}).get("item")
    if found is None or status_at is None or not isinstance(item, str):
        return None
    near = (status_at + timedelta(seconds=s) for s in (0, -2, 2))
    return any(found.get_now_showing(one).item == item for one in near)
