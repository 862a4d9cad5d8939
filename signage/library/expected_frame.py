"""Renders what a playlist shows at an instant, pixel by pixel as the player does."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PIL import Image

from signage.pixels.image import png
from signage.player.health import PlayerError
from signage.player.media.media_sources import open_media
from signage.protocol.playback import PlaylistTimeline
from signage.protocol.playlist import PlaylistItem, PlaylistMedia


def render_expected_frame(
    timeline: PlaylistTimeline, at: datetime, find_blob: Callable[[str], Path | None]
) -> bytes | None:
    """Return the panel at *at* as PNG, black where it is dark; None where the media file is missing or unreadable.

    *find_blob*: sha256 of a media file → its path.
    """
    now_showing, panel = timeline.get_now_showing(at), timeline.playlist.panel
    size = panel.width, panel.height
    if now_showing.item is None:
        return png.encode_png(Image.new("RGB", size))
    media = pick_easiest_media(timeline.playlist.items[now_showing.item])
    path = None if media is None else find_blob(media.sha256)
    if media is None or path is None:
        return None
    try:
        source = open_media(path, media, size, now_showing.elapsed_ms)
        try:
            return png.encode_png(source.get_frame(now_showing.elapsed_ms).image)
        finally:
            source.close()
    except PlayerError:
        return None


def pick_easiest_media(item: PlaylistItem) -> PlaylistMedia | None:
    """Return the medium of *item* that is cheapest to draw: a picture, where there is one."""
    pictures = [media for media in item.media if media.type.startswith("image/")]
    return next(iter(pictures or item.media), None)
