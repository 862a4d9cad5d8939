"""Words of shaped scripts by HarfBuzz: their metrics, and their pixels at any size.

A word is shaped as one, so that its letters join and stack as the font's own tables say; its picture is drawn at the
exact positions of the outlines, without rounding a letter to a pixel.
"""

from functools import cache, lru_cache
from importlib import resources
from typing import Any

import uharfbuzz
from PIL import Image

from signage.pixels.fonts.faces import EM, GlyphImage, GlyphMetrics
from signage.pixels.text.scripts import SCRIPT_FACES, ScriptFace

_THRESHOLD = 128
_FACE_BY_TAG = {face.tag: face for face in SCRIPT_FACES}
_PositionedGlyph = tuple[int, int, int]
"""Glyph index, and the position of its origin in font units."""


@cache
def _load_font(file: str) -> Any:
    data = (resources.files("signage.pixels.fonts") / file).read_bytes()
    return uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob(data)))


@lru_cache(8192)
def _shape(word: str, tag: str, is_rtl: bool) -> tuple[tuple[_PositionedGlyph, ...], int]:
    """Return the glyphs of *word* from left to right and its advance, in font units."""
    font = _load_font(_FACE_BY_TAG[tag].file)
    buffer = uharfbuzz.Buffer()
    buffer.add_str(word)
    buffer.script = tag
    buffer.direction = "rtl" if is_rtl else "ltr"
    buffer.cluster_level = uharfbuzz.BufferClusterLevel.MONOTONE_GRAPHEMES
    uharfbuzz.shape(font, buffer)
    glyphs, pen = [], 0
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        glyphs.append((info.codepoint, pen + position.x_offset, position.y_offset))
        pen += position.x_advance
    return tuple(glyphs), pen


@lru_cache(8192)
def measure_word(word: str, face: ScriptFace, is_rtl: bool) -> GlyphMetrics:
    """Return the metrics of *word* as of one glyph; *missing* where the font lacks a letter."""
    glyphs, advance = _shape(word, face.tag, is_rtl)
    font = _load_font(face.file)
    lefts, rights, tops, bottoms = [0], [0], [0], [0]
    for index, x, y in glyphs:
        box = font.get_glyph_extents(index)
        if box is not None and box.width:
            lefts.append(x + box.x_bearing)
            rights.append(x + box.x_bearing + box.width)
            tops.append(y + box.y_bearing)
            bottoms.append(y + box.y_bearing + box.height)
    scale = face.scale / font.face.upem
    return GlyphMetrics(
        word,
        "shaped",
        advance=round(advance * scale),
        left=round(min(lefts[1:], default=0) * scale),
        right=round(max(rights[1:], default=0) * scale),
        above=max(0, round(max(tops) * scale) - face.baseline),
        below=max(0, face.baseline - round(min(bottoms) * scale) - EM),
        missing=any(index == 0 for index, _, _ in glyphs),
        script=face.tag,
        is_rtl=is_rtl,
    )


@lru_cache(2048)
def render_word(metrics: GlyphMetrics, size: int, one_bit: bool) -> GlyphImage:
    """Return the pixels of a word at *size* px, without smoothing if *one_bit*."""
    face = _FACE_BY_TAG[metrics.script]
    font = _load_font(face.file)
    scale = size * face.scale / EM / font.face.upem
    draw = uharfbuzz.RasterDraw()
    for index, x, y in _shape(metrics.char, face.tag, metrics.is_rtl)[0]:
        draw.transform = (scale, 0.0, 0.0, scale, x * scale, y * scale)
        draw.draw_glyph(font, index)
    image = draw.render()
    box = image.extents
    if not box.width or not box.height:
        return GlyphImage(Image.new("L", (1, 1)), 0, 0)
    picture = Image.frombytes("L", (box.width, box.height), bytes(image.buffer), "raw", "L", box.stride, -1)
    if one_bit:
        picture = picture.point([255 if value >= _THRESHOLD else 0 for value in range(256)])
    top = round(size * face.baseline / EM) - (box.y_origin + box.height)
    return GlyphImage(picture, box.x_origin, top)
