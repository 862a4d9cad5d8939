"""Drawing for the films: a canvas whose parts fade and glide, at any size."""

import math
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

Color = tuple[int, int, int]
WHITE: Color = (255, 255, 255)
GOLD: Color = (255, 206, 92)
SMOOTH = 3
"""Shapes are drawn this much larger and made small again, for soft edges."""


def ease(t: float, begin: float, length: float) -> float:
    """How far a movement is (0…1) that begins at *begin* and slows down as it ends."""
    x = min(1.0, max(0.0, (t - begin) / length))
    return 1 - (1 - x) ** 3


def there(t: float, begin: float, end: float, soft: float = 0.5) -> float:
    """How visible something is (0…1) that is there from *begin* to *end* and fades at both."""
    return min(ease(t, begin, soft), 1 - ease(t, end - soft, soft))


class Canvas:
    """One frame in the making. Lengths are in units of 1/1080 of the frame's short side."""

    def __init__(self, background: Image.Image, font: Path) -> None:
        self.image = background.copy()
        self.width, self.height = background.size
        self.unit = min(self.width, self.height) / 1080
        self.font = font

    def px(self, units: float) -> int:
        return round(units * self.unit)

    def paste(self, layer: Image.Image, x: float, y: float, alpha: float = 1.0) -> None:
        """Put *layer* (RGBA) with its middle at *x*, *y* (parts of the frame)."""
        if alpha <= 0.004:
            return
        mask = layer.getchannel("A")
        if alpha < 1:
            mask = mask.point([round(v * alpha) for v in range(256)])
        at = (round(x * self.width - layer.width / 2), round(y * self.height - layer.height / 2))
        self.image.paste(layer.convert("RGB"), at, mask)

    def text(self, words: str, x: float, y: float, size: float, alpha: float = 1.0, color: Color = WHITE) -> None:
        """Words with their middle at *x*, *y*."""
        if alpha > 0.004:
            self.paste(text_layer(words, self.px(size), color, self.font), x, y, alpha)

    def shape(self, name: str, x: float, y: float, size: float, color: Color, alpha: float = 1.0) -> None:
        """One of SHAPES, *size* high, with its middle at *x*, *y*."""
        if alpha > 0.004 and self.px(size) > 1:
            self.paste(shape_layer(name, self.px(size), color), x, y, alpha)

    def card(self, x: float, y: float, wide: float, high: float, color: Color, alpha: float = 1.0) -> None:
        """A rectangle with round corners."""
        self.paste(card_layer(self.px(wide), self.px(high), self.px(28), color), x, y, alpha)

    def ring(self, x: float, y: float, radius: float, thick: float, color: Color, alpha: float) -> None:
        """A circle's line."""
        if alpha > 0.004 and radius > thick:
            self.paste(ring_layer(self.px(radius), max(2, self.px(thick)), color), x, y, alpha)


@cache
def face(size: int, font: Path) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font), size)


@cache
def text_layer(words: str, size: int, color: Color, font: Path) -> Image.Image:
    """Words with a soft shadow."""
    left, top, right, bottom = face(size, font).getbbox(words)
    edge = max(4, size // 6)
    layer = Image.new("RGBA", (int(right - left) + 2 * edge, int(bottom - top) + 2 * edge), (*color, 0))
    shadow = Image.new("L", layer.size)
    at = (edge - left, edge - top)
    ImageDraw.Draw(shadow).text((at[0], at[1] + size // 24), words, fill=110, font=face(size, font))
    shadow = shadow.filter(ImageFilter.GaussianBlur(size / 16))
    letters = Image.new("L", layer.size)
    ImageDraw.Draw(letters).text(at, words, fill=255, font=face(size, font))
    dark = Image.new("RGBA", layer.size, (10, 10, 20, 0))
    dark.putalpha(shadow)
    bright = Image.new("RGBA", layer.size, (*color, 255))
    bright.putalpha(letters)
    return Image.alpha_composite(dark, bright)


@cache
def card_layer(width: int, height: int, round_px: int, color: Color) -> Image.Image:
    mask = Image.new("L", (width * SMOOTH, height * SMOOTH))
    ImageDraw.Draw(mask).rounded_rectangle(
        (0, 0, mask.width - 1, mask.height - 1), min(round_px * SMOOTH, mask.height // 2), fill=255
    )
    return _coloured(mask, width, height, color)


@cache
def ring_layer(radius: int, thick: int, color: Color) -> Image.Image:
    side = 2 * radius + 2
    mask = Image.new("L", (side * 2, side * 2))
    ImageDraw.Draw(mask).ellipse((1, 1, side * 2 - 2, side * 2 - 2), outline=255, width=thick * 2)
    return _coloured(mask, side, side, color)


@cache
def shape_layer(name: str, size: int, color: Color) -> Image.Image:
    big = size * SMOOTH
    mask = Image.new("L", (big, big))
    SHAPES[name](ImageDraw.Draw(mask), big)
    return _coloured(mask, size, size, color)


def _coloured(mask: Image.Image, width: int, height: int, color: Color) -> Image.Image:
    layer = Image.new("RGBA", (width, height), (*color, 0))
    layer.putalpha(mask.resize((width, height), Image.Resampling.BOX))
    return layer


def _shield(draw: ImageDraw.ImageDraw, s: int) -> None:
    side = [(0.5, 0.02), (0.9, 0.16), (0.9, 0.5), (0.82, 0.72), (0.66, 0.88), (0.5, 0.98)]
    other = [(1 - x, y) for x, y in reversed(side)]
    draw.polygon([(x * s, y * s) for x, y in side + other], fill=255)


def _tick(draw: ImageDraw.ImageDraw, s: int) -> None:
    points = [(0.16 * s, 0.52 * s), (0.41 * s, 0.76 * s), (0.84 * s, 0.28 * s)]
    wide = round(0.13 * s)
    draw.line(points, fill=255, width=wide, joint="curve")
    for x, y in (points[0], points[2]):
        draw.ellipse((x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2), fill=255)


def _phone(draw: ImageDraw.ImageDraw, s: int) -> None:
    draw.pieslice((0.1 * s, -0.74 * s, 1.74 * s, 0.9 * s), 90, 180, fill=255)
    draw.ellipse((0.29 * s, -0.11 * s, 1.11 * s, 0.71 * s), fill=0)
    draw.rectangle((0.86 * s, 0, s, s), fill=0)
    draw.rectangle((0, 0, s, 0.14 * s), fill=0)


def _bag(draw: ImageDraw.ImageDraw, s: int) -> None:
    draw.rounded_rectangle((0.14 * s, 0.34 * s, 0.86 * s, 0.94 * s), 0.08 * s, fill=255)
    draw.arc((0.32 * s, 0.1 * s, 0.68 * s, 0.62 * s), 180, 360, fill=255, width=round(0.07 * s))


def _sun(draw: ImageDraw.ImageDraw, s: int) -> None:
    draw.ellipse((0.04 * s, 0.04 * s, 0.96 * s, 0.96 * s), fill=255)


SHAPES = {"shield": _shield, "tick": _tick, "phone": _phone, "bag": _bag, "sun": _sun}


@cache
def gradient(size: tuple[int, int], top: Color, bottom: Color) -> Image.Image:
    """A ground that goes from *top* to *bottom*."""
    column = Image.new("RGB", (1, size[1]))
    for y in range(size[1]):
        part = y / (size[1] - 1)
        column.putpixel((0, y), tuple(round(a + (b - a) * part) for a, b in zip(top, bottom, strict=True)))
    return column.resize(size)


def sway(t: float, seconds: float, reach: float) -> float:
    """A slow swing to and fro."""
    return math.sin(t * 2 * math.pi / seconds) * reach
