"""Text over an image: the image fills the panel and is dimmed until the text is legible.

It is dimmed just enough for the contrast rule (``legibility``, 6) against its brightest hundredth; behind dark text it
is brightened instead. Panels without shades (mono, two colours) show the text on black, without the image.
"""

from PIL import Image

from signage.pixels.image.colors import Rgb, compute_contrast
from signage.pixels.image.image_fit import fit_image
from signage.pixels.slogan.slogan_layout import SloganLayout
from signage.pixels.text import raster

MIN_OVERLAY_CONTRAST = 4.5
_DIM_STEPS = 20
_SAMPLE_PX = 64


def render_text_over_image(
    layout: SloganLayout, picture: Image.Image, least: float = MIN_OVERLAY_CONTRAST
) -> Image.Image:
    """Render *layout* with *picture* (RGB) behind its text, on each page or all along the strip.

    *least*: the minimum contrast of the text.
    """
    if layout.one_bit:
        return raster.render_layout(layout).copy()
    back = _dim_until_legible(
        fit_image(picture, layout.panel_width, layout.panel_height, "cover"), layout.colors.text, least
    )
    page = Image.new("RGB", (layout.width, layout.height))
    for top in range(0, layout.height, layout.panel_height):
        for left in range(0, layout.width, layout.panel_width):
            page.paste(back, (left, top))
    page.paste(layout.colors.text, (0, 0), raster.render_coverage(layout))
    return page


def _dim_until_legible(picture: Image.Image, text: Rgb, least: float) -> Image.Image:
    """Return *picture* mixed with black or white until *text* is legible on nearly all of it."""
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
    """Return the colour of the picture with the least contrast to *text*, ignoring a hundredth of its area."""
    dots = picture.resize((_SAMPLE_PX, _SAMPLE_PX), Image.Resampling.BOX).tobytes()
    colors: list[Rgb] = [(dots[i], dots[i + 1], dots[i + 2]) for i in range(0, len(dots), 3)]
    return sorted(colors, key=lambda color: compute_contrast(text, color))[len(colors) // 100]
