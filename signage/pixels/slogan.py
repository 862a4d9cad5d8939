"""Slogans as a panel's pixels: chosen (``set_text``), drawn (``draw``).

1. What fits stands still, in the middle, in one or more lines, as large as it goes (``layout``), if that is at least
   what is legible from where people stand (``seen``).
2. What does not fit comes in up to three pages of whole phrases, else it scrolls; a text that would scroll for over
   ``LONGEST_PASS_MS`` on a panel of several lines comes in pages all the same.
3. A look's ``effect`` is done as asked; ``still`` that cannot be done moves, with a warning.
"""

import math
from functools import lru_cache

from PIL import Image

from signage.faults import Fault, refuse
from signage.model.item import Look
from signage.model.panel import Panel
from signage.pixels import effects, paging, painting
from signage.pixels.clean import clean
from signage.pixels.colors import choose, is_lcd
from signage.pixels.fonts import bitmap, outline
from signage.pixels.fonts.faces import EM
from signage.pixels.layout import Block, Box, Line, fit, stack, type_for
from signage.pixels.line import paragraph
from signage.pixels.notices import notices
from signage.pixels.seen import comfortable_px, legible_px
from signage.pixels.setting import Placed, Setting

LONGEST_PASS_MS = 60_000


@lru_cache(8192)
def set_text(text: str, look: Look, panel: Panel, least_ms: int) -> Setting:
    """How *text* shows on *panel* for at least *least_ms*. Pure; the same arguments give the same value.

    Raises Refused where no type fits: a panel of fewer than 16 rows, or a size under 16 px.
    """
    if panel.height < bitmap.CELL or (look.size_px is not None and look.size_px < bitmap.CELL):
        asked = look.size_px or panel.height
        raise refuse("type-too-small", "size_px", panel=panel.id, rows=panel.height, size=asked, least=bitmap.CELL)
    words, dropped = clean(text)
    words = words.strip(" \u3000\n")
    box, size = _box(panel), _size(look)
    least = min(size or legible_px(panel), max(bitmap.CELL, box.height))
    setting = None
    if look.effect in ("auto", "still", "pages"):
        block = fit(words, box, size, least, comfortable_px(panel)) if words else _nothing(size)
        if block is None and look.effect == "still":
            block = fit(words, box, size)
        setting = _still(block, look, panel, least_ms) if block else None
    if setting is None:
        setting = _moving(words, look, panel, least_ms, box, least, size)
    return _with(setting, notices(words, dropped, setting, look, panel))


def _with(setting: Setting, warnings: tuple[Fault, ...]) -> Setting:
    object.__setattr__(setting, "warnings", warnings)  # made above and seen by nobody yet
    return setting


def _size(look: Look) -> int | None:
    """The asked size, or the next smaller one that can be set well."""
    if look.size_px is None:
        return None
    return look.size_px if look.size_px >= outline.LEAST else bitmap.CELL


def _box(panel: Panel) -> Box:
    """Where text may stand: less air on small panels, where every row counts."""
    if is_lcd(panel):
        across, down = panel.width // 20, panel.height // 12
    else:
        across = panel.width // 48 if panel.width >= 160 else 0
        down = panel.height // 32 if panel.height >= 64 else 0
    across, down = max(across, panel.safe_px), max(down, panel.safe_px)
    return Box(max(bitmap.CELL, panel.width - 2 * across), max(bitmap.CELL, panel.height - 2 * down))


def _nothing(size: int | None) -> Block:
    return Block((), size or bitmap.CELL, "dots", 0)


def _place(block: Block, page: int, panel: Panel, box: Box) -> Placed:
    """The block in the middle of its page, its lines as far apart as looks well."""
    count, pitch = len(block.lines), 0
    height = block.height()
    if count > 1:
        pitch = math.ceil(block.size * (1.0 if block.type_ == "dots" else 1.16))
        spare = max(0, box.height - block.size - pitch * (count - 1)) // (count + 1)
        pitch += min(spare, round(0.3 * block.size))
        height = block.size + pitch * (count - 1)
    return Placed(block, page * panel.height + (panel.height - height) // 2, pitch)


def _common(look: Look, panel: Panel) -> tuple[int, int, bool]:
    return panel.width, panel.height, panel.color != "rgb"


def _still(block: Block, look: Look, panel: Panel, least_ms: int) -> Setting:
    width, height, one_bit = _common(look, panel)
    placed = (_place(block, 0, panel, _box(panel)),)
    colors = choose(look, panel)
    return Setting("still", width, height, width, height, least_ms, block.size, colors, one_bit, placed)


def _moving(words: str, look: Look, panel: Panel, least_ms: int, box: Box, least: int, size: int | None) -> Setting:
    blocks = None
    if look.effect != "scroll":
        blocks = paging.by_phrases(words, box, least, size)
    if blocks is None and look.effect == "pages":
        blocks = paging.by_room(words, box, least, size)
    if blocks is not None:
        return _pages(blocks, look, panel, least_ms, box)
    strip = _strip(words, look, panel, least_ms, least, size)
    tall = stack(2, least, type_for(least)) <= box.height
    if look.effect != "scroll" and tall and (strip.pass_ms or 0) > LONGEST_PASS_MS:
        blocks = paging.by_room(words, box, least, size)
    return _pages(blocks, look, panel, least_ms, box) if blocks else strip


def _pages(blocks: tuple[Block, ...], look: Look, panel: Panel, least_ms: int, box: Box) -> Setting:
    width, height, one_bit = _common(look, panel)
    placed = tuple(_place(block, i, panel, box) for i, block in enumerate(blocks))
    page_ms = effects.page_ms(max(sum(len(line.text) for line in b.lines) for b in blocks))
    duration = effects.whole(least_ms, page_ms * len(blocks))
    colors, whole = choose(look, panel), height * len(blocks)
    return Setting(
        "pages", width, whole, width, height, duration, blocks[0].size, colors, one_bit, placed, page_ms=page_ms
    )


def _strip(words: str, look: Look, panel: Panel, least_ms: int, least: int, asked: int | None) -> Setting:
    """One line that runs in from the right and out to the left."""
    width, height, one_bit = _common(look, panel)
    text = words.replace("\n", "\u3000")
    size = _strip_size(text, panel, least, asked)
    line = Line(paragraph(text, type_for(size)), 0, len(text))
    px_per_s = effects.speed(width, size, panel.fps, look.px_per_s)
    travel = effects.travel(line.width(size), width, px_per_s, panel.fps)
    pass_ms = effects.pass_ms(travel, px_per_s)
    placed = (Placed(Block((line,), size, type_for(size), 0), (height - size) // 2, 0),)
    duration, colors = effects.whole(least_ms, pass_ms), choose(look, panel)
    return Setting(
        "scroll-left", travel + width, height, width, height, duration, size, colors, one_bit, placed,
        px_per_s=px_per_s, pass_ms=pass_ms, left=width,
    )  # fmt: skip


def _strip_size(text: str, panel: Panel, least: int, asked: int | None) -> int:
    """As high as the panel is, but at least four characters in sight and a strip that players can hold."""
    room = panel.height if panel.height <= 32 else panel.height * 7 // 8
    size = min(asked or room, room, max(least, panel.width // 4))
    em = paragraph(text, type_for(size)).width(0, len(text)) / EM
    size = min(size, int((effects.WIDEST_PX - 3 * panel.width) / em) if em else size)
    return size if size >= outline.LEAST else bitmap.CELL


def draw(setting: Setting) -> Image.Image:
    """The whole picture, mode "RGB": the panel, the strip with its blank run-in and run-out, or the pages."""
    return painting.paint(setting).copy()
