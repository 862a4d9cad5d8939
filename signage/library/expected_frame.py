"""The picture that a document has a screen show at an instant: true pixels, drawn as the player draws them."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PIL import Image

from signage.pixels.image import png
from signage.player.health import Trouble
from signage.player.media.media_sources import open_source
from signage.protocol.playback import Shows
from signage.protocol.playlist import Item, Media


def picture(shows: Shows, at: datetime, blob: Callable[[str], Path | None]) -> bytes | None:
    """The panel at *at* as PNG, black where it is dark; None where the medium is not there or cannot be shown.

    *blob*: the file of a medium by its sha256.
    """
    showing, panel = shows.at(at), shows.playlist.panel
    size = panel.width, panel.height
    if showing.item is None:
        return png.encode(Image.new("RGB", size))
    media = easiest(shows.playlist.items[showing.item])
    path = None if media is None else blob(media.sha256)
    if media is None or path is None:
        return None
    try:
        source = open_source(path, media, size, showing.elapsed_ms)
        try:
            return png.encode(source.at(showing.elapsed_ms).image)
        finally:
            source.close()
    except Trouble:
        return None


def easiest(item: Item) -> Media | None:
    """The medium of *item* that is easiest to draw: a picture, where it has one."""
    pictures = [one for one in item.media if one.type.startswith("image/")]
    return next(iter(pictures or item.media), None)
