"""Fits an image to a panel: contain, cover, or contain over a blurred copy."""

from PIL import Image, ImageFilter, ImageOps

from signage.model.item import Fit
from signage.pixels.image.colors import Rgb

_BLUR_PX = 48
"""The blur is made at this size and enlarged: it has no detail to lose."""
_BLUR_BRIGHTNESS = 0.55


def fit_image(
    image: Image.Image, width: int, height: int, how: Fit = "contain", background: Rgb = (0, 0, 0)
) -> Image.Image:
    """Return *image* (RGB) at *width* × *height* with its aspect ratio; margins show *background* or the blur."""
    if how == "cover":
        return ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS)
    page = _blur_background(image, width, height) if how == "blur" else Image.new("RGB", (width, height), background)
    scale = min(width / image.width, height / image.height)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    shown = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    page.paste(shown, ((width - size[0]) // 2, (height - size[1]) // 2))
    return page


def _blur_background(image: Image.Image, width: int, height: int) -> Image.Image:
    scale = _BLUR_PX / max(width, height)
    small = ImageOps.fit(image, (max(2, round(width * scale)), max(2, round(height * scale))), Image.Resampling.BOX)
    soft = small.filter(ImageFilter.GaussianBlur(2)).point(lambda v: int(v * _BLUR_BRIGHTNESS))
    return soft.resize((width, height), Image.Resampling.BICUBIC)
