"""One frame of a medium, at the panel's size."""

from msgspec import Struct
from PIL import Image

Size = tuple[int, int]
"""Width and height in pixels."""


class MediaFrame(Struct, frozen=True):
    """One image and the id that distinguishes it from the frames next to it."""

    frame_id: object
    image: Image.Image


def fit_to_panel(image: Image.Image, panel: Size) -> Image.Image:
    """Return *image* centred on the panel; an image of the panel's size is returned unchanged."""
    if image.size == panel:
        return image
    scale = min(panel[0] / image.width, panel[1] / image.height)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    canvas = Image.new("RGB", panel)
    canvas.paste(image.resize(size), ((panel[0] - size[0]) // 2, (panel[1] - size[1]) // 2))
    return canvas
