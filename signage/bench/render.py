"""Benchmark: layout and rendering of slogans, beside Pillow drawing the same glyphs at the same positions.

The yardstick gets the results of the layout: size, lines and positions. It draws on an image of the same size and mode
with the same open fonts: a line of outlines with ``text``, bitmap fonts glyph by glyph with ``bitmap``.
"""

import random
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

from PIL import Image, ImageDraw

from signage.bench.support.result_rows import create_row, get_peak_memory_mb, measure_best_s
from signage.model.item import DEFAULT_STYLE
from signage.model.panel import PRESET_PANELS
from signage.pixels.fonts import outline
from signage.pixels.fonts.faces import EM, FontKind, render_glyph
from signage.pixels.slogan.layout import TextLine
from signage.pixels.slogan.slogan import layout_slogan, render_slogan
from signage.pixels.slogan.slogan_layout import SloganLayout
from signage.pixels.text import raster as painting

_GOAL = 3.0
_COUNT = 1000
_COLOR = (255, 246, 220)
_PANELS = ("roof-96x16", "taxi-192x64", "strip-256x32", "taxi-384x128", "wall-640x384")
_WORDS = (
    "诚信 消费 维权 安全 食品 药品 质量 服务 民生 和谐 社会 责任 企业 监督 投诉 举报 热线 理性 文明 放心 环境 市场 "
    "公平 守护 畅通 保护 权益 共建 共享 共治 假冒 打击 规范 经营 提升 品质 生活 绿色 健康 美好"
)


def run() -> list[dict[str, Any]]:
    """Return rows for 1,000 slogans on five panels: first rendering, repeated rendering, memory."""
    panels = [p for p in PRESET_PANELS if p.id in _PANELS]
    texts = _generate_slogans(_COUNT)
    for panel in panels:  # open the fonts, as they are for the yardstick
        render_slogan(layout_slogan("预热 2021", DEFAULT_STYLE, panel, 8000))
    begin = time.perf_counter()
    settings = [layout_slogan(text, DEFAULT_STYLE, panel, 8000) for panel in panels for text in texts]
    for setting in settings:
        render_slogan(setting)
    anew = time.perf_counter() - begin
    bare_s = measure_best_s(
        2,
        partial(
            _draw_with_pillow,
            [(setting, _list_outline_lines(setting), _list_bitmap_glyphs(setting)) for setting in settings],
        ),
    )
    again = measure_best_s(
        2, lambda: [layout_slogan(text, DEFAULT_STYLE, panel, 8000) for panel in panels for text in texts]
    )
    few = settings[-50:]
    for setting in few:
        render_slogan(setting)
    render_again_s = measure_best_s(3, lambda: [painting.render_layout(setting) for setting in few]) / len(few)
    description = f"{len(texts)} slogans on {len(panels)} panels"
    return [
        create_row("render", f"{description}, set and drawn anew", anew, "s", yardstick=bare_s, goal=_GOAL),
        create_row("render", f"{description}, set again", again, "s", yardstick=anew, goal=0.05),
        create_row("render", "one picture again", render_again_s * 1e6, "µs"),
        create_row("render", "peak memory", get_peak_memory_mb(), "MB"),
    ]


def _generate_slogans(count: int) -> list[str]:
    """Generate different slogans of 4 to 24 characters, the same in every run."""
    chance, words = random.Random(315), _WORDS.split()
    slogans: dict[str, None] = {}
    while len(slogans) < count:
        phrases = ["".join(chance.sample(words, chance.randint(2, 4))) for _ in range(chance.randint(1, 3))]
        if chance.random() < 0.2:
            phrases[-1] += "12315"
        slogans[" ".join(phrases)] = None
    return list(slogans)


_OutlineLines = list[tuple[str, int, int, int]]
_BitmapGlyphs = list[tuple[Image.Image, int, int]]


def _draw_with_pillow(drawings: list[tuple[SloganLayout, _OutlineLines, _BitmapGlyphs]]) -> None:
    for setting, lines, dots in drawings:
        image = Image.new("RGB", (setting.width, setting.height))
        pen = ImageDraw.Draw(image)
        pen.fontmode = "1" if setting.one_bit else "L"
        for text, left, base, size in lines:
            pen.text((left, base), text, font=outline.load_font(size), fill=_COLOR, anchor="ls")
        for glyph, left, top in dots:
            pen.bitmap((left, top), glyph, fill=_COLOR)


def _iter_lines(setting: SloganLayout, type_: FontKind) -> Iterator[tuple[TextLine, int, int, int]]:
    """Yield left, top and size of each line in that font."""
    for placed in setting.placed_blocks:
        size = placed.block.size
        for number, line in enumerate(placed.block.lines):
            if placed.block.font_kind == type_:
                left = setting.left if setting.left is not None else (setting.width - line.measure_width(size)) // 2
                yield line, left, placed.top + number * placed.pitch, size


def _list_outline_lines(setting: SloganLayout) -> _OutlineLines:
    """List the baseline start of each line of the outline font."""
    places = _iter_lines(setting, "outline")
    return [(line.text, left, top + size * outline.BASELINE // EM, size) for line, left, top, size in places]


def _list_bitmap_glyphs(setting: SloganLayout) -> _BitmapGlyphs:
    """List each glyph of the bitmap font with its position."""
    glyphs = []
    for line, left, top, size in _iter_lines(setting, "dots"):
        for i in range(line.start, line.stop):
            if not line.source.text[i].isspace():
                glyph = render_glyph(line.source.glyphs[i], size, setting.one_bit)
                moved = round((line.source.glyph_positions[i] - line.source.glyph_positions[line.start]) * size / EM)
                glyphs.append((glyph.image, left + moved + glyph.dx, top + glyph.dy))
    return glyphs
