"""Render one line of Latin text for a panel: an enrolment code, or a placeholder."""

from PIL import Image, ImageDraw, ImageFont

from signage.player.media.images import Size

TEXT_COLOR = (255, 176, 0)


def draw_text(text: str, panel: Size) -> Image.Image:
    """Draw *text* centred, as large as the panel allows."""
    image = Image.new("RGB", panel)
    draw = ImageDraw.Draw(image)
    if panel[1] < 32:
        draw.fontmode = "1"
    size = _find_font_size(draw, text, panel)
    font = ImageFont.load_default(size)
    left, top, right, bottom = draw.textbbox((0, 0), text, font=font)
    origin = ((panel[0] - (right - left)) / 2 - left, (panel[1] - (bottom - top)) / 2 - top)
    draw.text(origin, text, font=font, fill=TEXT_COLOR)
    return image


def _find_font_size(draw: ImageDraw.ImageDraw, text: str, panel: Size) -> int:
    font_size = 6
    for size in range(6, panel[1] + 1):
        left, top, right, bottom = draw.textbbox((0, 0), text, font=ImageFont.load_default(size))
        if right - left > panel[0] * 0.95 or bottom - top > panel[1] * 0.9:
            break
        font_size = size
    return font_size
