"""Text over a picture: the picture fills the panel and is dimmed until the text stands out.

The dimming is as much as the contrast rule needs (``legibility``, 6) against the brightest hundredth of the picture,
and no more; behind dark text the picture is brightened instead. On panels without shades (mono, two colours) text is
not put over pictures: it stands on black as always.
"""

from PIL import Image

from signage.pixels.image.colors import Rgb, compute_contrast
from signage.pixels.image.image_fit import fit_image
from signage.pixels.slogan.slogan_layout import SloganLayout
from signage.pixels.text import raster as painting

MIN_OVERLAY_CONTRAST = 4.5
_DIM_STEPS = 20
_SAMPLE_PX = 64


def render_text_over_image(
    setting: SloganLayout, picture: Image.Image, least: float = MIN_OVERLAY_CONTRAST
) -> Image.Image:
    """The whole picture of *setting* with *picture* (RGB) behind its text, on each page or all along the strip.

    *least*: the contrast that the text is to have.
    """
    if setting.one_bit:
        return painting.render_layout(setting).copy()
    back = _dim_until_legible(
        fit_image(picture, setting.panel_width, setting.panel_height, "cover"), setting.colors.text, least
    )
    page = Image.new("RGB", (setting.width, setting.height))
    for top in range(0, setting.height, setting.panel_height):
        for left in range(0, setting.width, setting.panel_width):
            page.paste(back, (left, top))
    page.paste(setting.colors.text, (0, 0), painting.render_coverage(setting))
    return page


def _dim_until_legible(picture: Image.Image, text: Rgb, least: float) -> Image.Image:
    """*picture* mixed with black or white until *text* is legible on nearly all of it."""
    toward: Rgb = (
        (0, 0, 0) if compute_contrast(text, (0, 0, 0)) >= compute_contrast(text, (255, 255, 255)) else (255, 255, 255)
    )
    veil = Image.new("RGB", picture.size, toward)
    worst = _find_worst_color(picture, text)
    for step in range(_DIM_STEPS):
        if compute_contrast(text, _mix_colors(worst, toward, step / _DIM_STEPS)) >= least:
            return Image.blend(picture, veil, step / _DIM_STEPS)
    return veil


def _mix_colors(color: Rgb, toward: Rgb, part: float) -> Rgb:
    red, green, blue = (round(c + (t - c) * part) for c, t in zip(color, toward, strict=True))
    return red, green, blue


def _find_worst_color(picture: Image.Image, text: Rgb) -> Rgb:
    """The colour of the picture that *text* stands out from least, but for a hundredth of its area."""
    dots = picture.resize((_SAMPLE_PX, _SAMPLE_PX), Image.Resampling.BOX).tobytes()
    colors: list[Rgb] = [(dots[i], dots[i + 1], dots[i + 2]) for i in range(0, len(dots), 3)]
    return sorted(colors, key=lambda color: compute_contrast(text, color))[len(colors) // 100]
