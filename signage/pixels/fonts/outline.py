"""The outline font: a subset of Noto Sans SC Medium, for sizes of 24 px and more."""

from functools import cache, lru_cache
from importlib import resources

from PIL import Image, ImageFont

UNITS_PER_EM = 1000
"""Units of the em; the ideographic em box stands 880 above the baseline and 120 below it."""
BASELINE = 880
MIN_SIZE_PX = 24
"""Below this, dense characters (费, 畅, 题) clog."""


@lru_cache(64)
def load_font(size: int) -> ImageFont.FreeTypeFont:
    """Open the font at *size* px."""
    path = resources.files("signage.pixels.fonts") / "signage-sans-sc-medium.ttf"
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _get_missing_mask() -> bytes:
    return bytes(load_font(32).getmask("\U000f0000"))


@lru_cache(8192)
def has_glyph(char: str) -> bool:
    """Return whether the font has a glyph for *char*."""
    if char.isspace():
        return True
    mask = load_font(32).getmask(char)
    return mask.size != (0, 0) and bytes(mask) != _get_missing_mask()


@lru_cache(8192)
def get_advance(char: str) -> int:
    """Return the advance of *char* in thousandths of the em."""
    return round(load_font(UNITS_PER_EM).getlength(char))


@lru_cache(8192)
def get_ink_box(char: str) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of the ink in thousandths of the em, from the pen and the em box's top."""
    mask, (left, top) = load_font(UNITS_PER_EM // 10).getmask2(char, anchor="ls")
    box = Image.Image()._new(mask).getbbox()
    if box is None:
        return 0, 0, 0, 0
    top += BASELINE // 10
    return 10 * (left + box[0]), 10 * (top + box[1]), 10 * (left + box[2]), 10 * (top + box[3])


def _render_glyph(char: str, size: int, one_bit: bool) -> tuple[Image.Image, int, int]:
    mask, (dx, dy) = load_font(size).getmask2(char, mode="1" if one_bit else "L", anchor="ls")
    image = Image.Image()._new(mask)
    return image.convert("L"), dx, dy


_render_small = lru_cache(4096)(_render_glyph)
_render_large = lru_cache(256)(_render_glyph)
_MAX_SMALL_PX, _MAX_LARGE_PX = 64, 256
"""Up to these sizes pictures are kept; larger ones take more memory than time."""


def render_glyph(char: str, size: int, one_bit: bool) -> tuple[Image.Image, int, int]:
    """Return the image of *char*, mode "L", with its offset from the pen position on the baseline."""
    draw = _render_small if size <= _MAX_SMALL_PX else _render_large if size <= _MAX_LARGE_PX else _render_glyph
    return draw(char, size, one_bit)
