"""One picture of a medium, at the panel's size."""

from msgspec import Struct
from PIL import Image

Size = tuple[int, int]
"""Width and height in pixels."""


class MediaFrame(Struct, frozen=True):
    """One picture and the mark that tells it from its neighbours."""

    frame_id: object
    image: Image.Image


def fit_to_panel(image: Image.Image, panel: Size) -> Image.Image:
    """*image* on a picture of the panel's size; one that has it already is left as it is."""
    if image.size == panel:
        return image
    scale = min(panel[0] / image.width, panel[1] / image.height)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    whole = Image.new("RGB", panel)
    whole.paste(image.resize(size), ((panel[0] - size[0]) // 2, (panel[1] - size[1]) // 2))
    return whole
