"""Charts as pictures, for documents that cannot draw them: planned against proven, item by item and day by day."""

import io
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

PLANNED, PROVEN, INK, GRID = "#c9c9c9", "#b3261e", "#222222", "#e4e4e4"
_WIDTH, _ROW, _TEXT, _SIZE = 1500, 52, 420, 24


def font_path() -> Path:
    """The program's own font."""
    return Path(str(resources.files("signage.pixels") / "fonts" / "signage-sans-sc-medium.ttf"))


def bars(rows: Sequence[tuple[str, float, float]], planned_word: str, proven_word: str, unit: str) -> bytes:
    """A PNG: for each row its name, and two bars (planned, proven) with their figures."""
    font = ImageFont.truetype(str(font_path()), _SIZE)
    small = ImageFont.truetype(str(font_path()), _SIZE - 5)
    most = max((max(planned, proven) for _, planned, proven in rows), default=0) or 1
    image = Image.new("RGB", (_WIDTH, 60 + _ROW * max(len(rows), 1)), "white")
    draw = ImageDraw.Draw(image)
    _legend(draw, small, planned_word, proven_word, unit)
    room = _WIDTH - _TEXT - 170
    for place, (name, planned, proven) in enumerate(rows):
        top = 54 + place * _ROW
        draw.line((_TEXT, top + _ROW - 4, _WIDTH - 20, top + _ROW - 4), GRID)
        draw.text((_TEXT - 14, top + 21), _fitted(name, font, _TEXT - 30), INK, font, anchor="rm")
        for value, color, shift in ((planned, PLANNED, 2), (proven, PROVEN, 23)):
            end = _TEXT + round(room * value / most)
            draw.rectangle((_TEXT, top + shift, max(end, _TEXT + 1), top + shift + 17), color)
            draw.text((end + 8, top + shift + 9), f"{value:,.0f}", INK, small, anchor="lm")
    held = io.BytesIO()
    image.save(held, "PNG", optimize=True)
    return held.getvalue()


def _legend(draw: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont, planned: str, proven: str, unit: str) -> None:
    left = _TEXT
    for text, color in ((planned, PLANNED), (proven, PROVEN)):
        draw.rectangle((left, 16, left + 28, 34), color)
        draw.text((left + 38, 25), text, INK, font, anchor="lm")
        left += 60 + round(font.getlength(text)) + 20
    draw.text((_WIDTH - 20, 25), unit, INK, font, anchor="rm")


def _fitted(text: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    text = text.replace("\n", " ")
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text + "…"
