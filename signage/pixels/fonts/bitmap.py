"""The bitmap font: GNU Unifont, 16 px high, every glyph 8 or 16 px wide."""

import gzip
from bisect import bisect_left
from functools import cache, lru_cache
from importlib import resources

from PIL import Image

CELL_PX = 16


@cache
def _load_font() -> tuple[memoryview, bytes, memoryview, bytes]:
    """Return code points (sorted), advances, shifts, and bitmaps of 32 bytes each."""
    raw = gzip.decompress((resources.files("signage.pixels.fonts") / "unifont-16.gz").read_bytes())
    count = int.from_bytes(raw[:4], "little")
    codes = memoryview(raw)[4 : 4 + 4 * count].cast("I")
    at = 4 + 4 * count
    return codes, raw[at : at + count], memoryview(raw)[at + count : at + 2 * count].cast("b"), raw[at + 2 * count :]


def _find_index(char: str) -> int | None:
    codes = _load_font()[0]
    at = bisect_left(codes, ord(char))
    return at if at < len(codes) and codes[at] == ord(char) else None


def has_glyph(char: str) -> bool:
    """Return whether the font has a glyph for *char*."""
    return _find_index(char) is not None


@lru_cache(8192)
def get_advance(char: str) -> int:
    """Return the advance of *char* in pixels."""
    at = _find_index(char)
    return 0 if at is None else _load_font()[1][at]


@lru_cache(8192)
def get_glyph(char: str) -> tuple[Image.Image, int]:
    """Return the 16×16 cell of *char*, mode "L" (0 and 255 only), and its shift from the pen position."""
    at = _find_index(char)
    if at is None:
        raise KeyError(char)
    _, _, shifts, bits = _load_font()
    return Image.frombytes("1", (CELL_PX, CELL_PX), bits[32 * at : 32 * at + 32]).convert("L"), shifts[at]
