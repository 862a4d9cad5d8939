"""The picture that a document has a screen show at an instant: true pixels, drawn as the player draws them."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PIL import Image

from signage.pixels.image import png
from signage.player.health import PlayerFault
from signage.player.media.media_sources import open_media
from signage.protocol.playback import PlaylistTimeline
from signage.protocol.playlist import PlaylistItem, PlaylistMedia


def render_expected_frame(shows: PlaylistTimeline, at: datetime, blob: Callable[[str], Path | None]) -> bytes | None:
    """The panel at *at* as PNG, black where it is dark; None where the medium is not there or cannot be shown.

    *blob*: the file of a medium by its sha256.
    """
    showing, panel = shows.get_now_showing(at), shows.playlist.panel
    size = panel.width, panel.height
    if showing.item is None:
        return png.encode_png(Image.new("RGB", size))
    media = pick_easiest_media(shows.playlist.items[showing.item])
    path = None if media is None else blob(media.sha256)
    if media is None or path is None:
        return None
    try:
        source = open_media(path, media, size, showing.elapsed_ms)
        try:
            return png.encode_png(source.get_frame(showing.elapsed_ms).image)
        finally:
            source.close()
    except PlayerFault:
        return None


def pick_easiest_media(item: PlaylistItem) -> PlaylistMedia | None:
    """The medium of *item* that is easiest to draw: a picture, where it has one."""
    pictures = [one for one in item.media if one.type.startswith("image/")]
    return next(iter(pictures or item.media), None)
