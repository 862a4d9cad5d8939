"""Draws bar charts of planned and proven plays as PNG, for documents that cannot draw them."""

import io
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

PLANNED_COLOR, PROVEN_COLOR, TEXT_COLOR, GRID_COLOR = "#c9c9c9", "#b3261e", "#222222", "#e4e4e4"
_WIDTH, _ROW_HEIGHT, _LABEL_WIDTH, _FONT_SIZE = 1500, 52, 420, 24


def get_font_path() -> Path:
    """Return the path of the font that ships."""
    return Path(str(resources.files("signage.pixels") / "fonts" / "signage-sans-sc-medium.ttf"))


def draw_bar_chart(rows: Sequence[tuple[str, float, float]], planned_word: str, proven_word: str, unit: str) -> bytes:
    """Return a PNG with a name and two labelled bars (planned, proven) for each row."""
    font = ImageFont.truetype(str(get_font_path()), _FONT_SIZE)
    small = ImageFont.truetype(str(get_font_path()), _FONT_SIZE - 5)
    most = max((max(planned, proven) for _, planned, proven in rows), default=0) or 1
    image = Image.new("RGB", (_WIDTH, 60 + _ROW_HEIGHT * max(len(rows), 1)), "white")
    draw = ImageDraw.Draw(image)
    _draw_legend(draw, small, planned_word, proven_word, unit)
    room = _WIDTH - _LABEL_WIDTH - 170
    for index, (name, planned, proven) in enumerate(rows):
        top = 54 + index * _ROW_HEIGHT
        draw.line((_LABEL_WIDTH, top + _ROW_HEIGHT - 4, _WIDTH - 20, top + _ROW_HEIGHT - 4), GRID_COLOR)
        draw.text(
            (_LABEL_WIDTH - 14, top + 21),
            _shorten_to_width(name, font, _LABEL_WIDTH - 30),
            TEXT_COLOR,
            font,
            anchor="rm",
        )
        for value, color, shift in ((planned, PLANNED_COLOR, 2), (proven, PROVEN_COLOR, 23)):
            end = _LABEL_WIDTH + round(room * value / most)
            draw.rectangle((_LABEL_WIDTH, top + shift, max(end, _LABEL_WIDTH + 1), top + shift + 17), color)
            draw.text((end + 8, top + shift + 9), f"{value:,.0f}", TEXT_COLOR, small, anchor="lm")
    png = io.BytesIO()
    image.save(png, "PNG", optimize=True)
    return png.getvalue()


def _draw_legend(draw: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont, planned: str, proven: str, unit: str) -> None:
    left = _LABEL_WIDTH
    for text, color in ((planned, PLANNED_COLOR), (proven, PROVEN_COLOR)):
        draw.rectangle((left, 16, left + 28, 34), color)
        draw.text((left + 38, 25), text, TEXT_COLOR, font, anchor="lm")
        left += 60 + round(font.getlength(text)) + 20
    draw.text((_WIDTH - 20, 25), unit, TEXT_COLOR, font, anchor="rm")


def _shorten_to_width(text: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    text = text.replace("\n", " ")
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text + "…"
