"""What screens show in the next moments, computed from their playlists for the moving miniatures."""

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


def find_playlist(playlists: PlaylistSource, screen: str) -> Playlist | None:
    """Return the screen's playlist; None without one."""
    served_playlist = playlists.find_by_screen(screen)
    return None if served_playlist is None else served_playlist.playlist


def find_timeline(playlists: PlaylistSource, screen: str) -> PlaylistTimeline | None:
    """Return the timeline of the screen's playlist; cached by the playlist's ETag."""
    served_playlist = playlists.find_by_screen(screen)
    if served_playlist is None:
        return None
    with _lock:
        if served_playlist.etag in _timelines:
            _timelines.move_to_end(served_playlist.etag)
            return _timelines[served_playlist.etag]
    timeline = PlaylistTimeline(served_playlist.playlist)
    with _lock:
        _timelines[served_playlist.etag] = timeline
        while len(_timelines) > _MAX_CACHED:
            _timelines.popitem(last=False)
    return timeline


def build_tile(playlists: PlaylistSource, screen: str, now: datetime) -> dict[str, Any] | None:
    """Return the panel and the next segments of a screen, for one miniature."""
    timeline = find_timeline(playlists, screen)
    if timeline is None:
        return None
    panel = timeline.playlist.panel
    return {
        "screen": screen,
        "panel": {"width": panel.width, "height": panel.height, "color": panel.color},
        "segments": list(_iter_segments(timeline, now)),
    }


def _iter_segments(timeline: PlaylistTimeline, now: datetime) -> Iterable[dict[str, Any]]:
    at, end = now, now + LOOKAHEAD
    for _ in range(MAX_SEGMENTS):
        showing = timeline.get_now_showing(at)
        yield build_segment(timeline.playlist, showing, at)
        at += timedelta(milliseconds=max(1, showing.remaining_ms))
        if at >= end:
            return


def build_segment(playlist: Playlist, showing: NowShowing, at: datetime) -> dict[str, Any]:
    """Return one segment: an item with its start and end, in epoch ms."""
    began = to_epoch_ms(at) - showing.elapsed_ms
    segment: dict[str, Any] = {"from": began, "until": to_epoch_ms(at) + showing.remaining_ms, "kind": showing.kind}
    if showing.item is not None:
        segment |= {"item": showing.item, **build_media(playlist.items[showing.item])}
    return segment


def build_media(item: PlaylistItem) -> dict[str, Any]:
    """Return an item's label and the media that is cheapest to draw."""
    media = pick_easiest_media(item)
    values: dict[str, Any] = {"label": get_label(item), "duration": item.duration_ms, "of": item.kind}
    if media is not None:
        values |= {"href": media.href, "type": media.type, "width": media.width, "height": media.height}
        if media.motion is not UNSET:
            motion = media.motion
            values["motion"] = {
                "effect": motion.effect,
                "px_per_s": motion.px_per_s if motion.px_per_s is not UNSET else None,
                "page_ms": motion.page_ms if motion.page_ms is not UNSET else None,
            }
    return values


def get_label(item: PlaylistItem) -> str:
    """Return the item's text or title."""
    for text in (item.text, item.title):
        if text is not UNSET and text:
            return text
    return ""


def to_epoch_ms(at: datetime) -> int:
    """Return an instant in ms since 1970."""
    return to_ms(at)


def is_status_consistent(
    timeline: PlaylistTimeline | None, status: Mapping[str, Any] | None, status_at: datetime | None
) -> bool | None:
    """Whether the reported item matches the screen's playlist at that time, within two seconds.

    None where it reported none.
    """
    item = (status or {}).get("item")
    if timeline is None or status_at is None or not isinstance(item, str):
        return None
    instants = (status_at + timedelta(seconds=s) for s in (0, -2, 2))
    return any(timeline.get_now_showing(instant).item == item for instant in instants)
