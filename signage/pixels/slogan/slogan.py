"""Slogans as a panel's pixels: chosen (``set_text``), drawn (``draw``).

1. What fits stands still, in the middle, in one or more lines, as large as it goes (``layout``), if that is at least
   what is legible from where people stand (``seen``).
2. What does not fit without cutting a word comes in up to three pages of whole phrases, else it scrolls; a text that
   would scroll for over ``effects.LONGEST_PASS_MS`` on a panel of several lines comes in pages all the same.
3. A look's ``effect`` is done as asked; ``still`` that cannot be done moves, with a warning.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

from PIL import Image

from signage.faults import Fault, refuse
from signage.model.item import Look
from signage.model.panel import Panel
from signage.pixels.fonts import bitmap, outline
from signage.pixels.fonts.faces import EM
from signage.pixels.image.colors import choose, is_lcd
from signage.pixels.slogan import motion as effects
from signage.pixels.slogan import paging
from signage.pixels.slogan.layout import Block, Box, Line, Wish, fit, spill, stack, type_for
from signage.pixels.slogan.layout_warnings import notices
from signage.pixels.slogan.slogan_layout import Kind, Placed, Setting
from signage.pixels.slogan.viewing_distance import comfortable_px, legible_px
from signage.pixels.text import raster as painting
from signage.pixels.text.line_breaking import POOR
from signage.pixels.text.measure import paragraph
from signage.pixels.text.normalize import clean


@lru_cache(8192)
def set_text(text: str, look: Look, panel: Panel, least_ms: int) -> Setting:
    """How *text* shows on *panel* for at least *least_ms*. Pure; the same arguments give the same value.

    Raises Refused where no type fits: a panel of fewer than 16 rows, a size under 16 px, or a text that would have to
    move on a panel that shows stills alone.
    """
    if panel.height < bitmap.CELL or (look.size_px is not None and look.size_px < bitmap.CELL):
        asked = look.size_px or panel.height
        raise refuse("type-too-small", "size_px", panel=panel.id, rows=panel.height, size=asked, least=bitmap.CELL)
    words, dropped = clean(text)
    words = words.strip(" \u3000\n")
    stands = panel.plays.isdisjoint(("animation", "film"))
    wanted = replace(look, effect="still") if stands else look
    setting = _choose(words, _Task(wanted, panel, least_ms, _box(panel), _wish(look, panel)))
    if stands and setting.kind != "still":
        raise refuse("stills-alone", "text", panel=panel.id)
    return _with(setting, notices(words, dropped, setting, look, panel))


def _with(setting: Setting, warnings: tuple[Fault, ...]) -> Setting:
    object.__setattr__(setting, "warnings", warnings)  # made above and seen by nobody yet
    return setting


@dataclass(frozen=True, slots=True)
class _Task:
    look: Look
    panel: Panel
    least_ms: int
    box: Box
    wish: Wish


def _wish(look: Look, panel: Panel) -> Wish:
    """Sizes that can be read from where people stand; an asked one, or the next smaller one that can be set well."""
    rows = max(bitmap.CELL, _box(panel).height)
    if look.size_px is None:
        return Wish(min(legible_px(panel), rows), None, comfortable_px(panel))
    size = min(look.size_px, rows)
    size = size if size >= outline.LEAST else bitmap.CELL
    return Wish(size, size, comfortable_px(panel))


def _choose(words: str, task: _Task) -> Setting:
    """Still in a good setting, else pages of sense, else still as it comes, else moving."""
    effect, wish = task.look.effect, task.wish
    if not words:
        return _still(Block((), wish.least, "dots", 0), task)
    if effect == "scroll":
        return _strip(words, task)
    block = fit(words, task.box, replace(wish, grade=POOR, whole=True))
    if block is None and effect in ("auto", "pages"):
        pages = paging.by_sense(words, task.box, wish.least, wish.largest)
        if pages:
            return _pages(pages, task)
    block = block or fit(words, task.box, wish)
    if block is None and effect == "still":
        block = fit(words, task.box, replace(wish, least=bitmap.CELL))
    return _still(block, task) if block else _moving(words, task)


def _box(panel: Panel) -> Box:
    """Where text may stand: less air on small panels, where every row counts."""
    if is_lcd(panel):
        across, down = panel.width // 20, panel.height // 12
    else:
        across = panel.width // 48 if panel.width >= 160 else 0
        down = panel.height // 32 if panel.height >= 64 else 0
    across, down = max(across, panel.safe_px), max(down, panel.safe_px)
    return Box(max(bitmap.CELL, panel.width - 2 * across), max(bitmap.CELL, panel.height - 2 * down))


def _place(block: Block, page: int, panel: Panel, box: Box) -> Placed:
    """The block in the middle of its page, its lines as far apart as looks well."""
    count, pitch = len(block.lines), 0
    height = block.height()
    if count > 1:
        pitch = math.ceil(block.size * (1.0 if block.type_ == "dots" else 1.16))
        spare = max(0, box.height - block.size - pitch * (count - 1)) // (count + 1)
        pitch += min(spare, round(0.3 * block.size))
        height = block.size + pitch * (count - 1)
    return Placed(block, page * panel.height + _top(block, height, panel), pitch)


def _top(block: Block, height: int, panel: Panel) -> int:
    """Where the first em box begins: in the middle, but no glyph's tail leaves the panel."""
    above, below = spill("\n".join(line.text for line in block.lines), block.size)
    return max(above, min((panel.height - height) // 2, panel.height - height - below))


def _setting(kind: Kind, task: _Task, width: int, pages: int, duration_ms: int, placed: tuple[Placed, ...]) -> Setting:
    panel = task.panel
    return Setting(
        kind=kind,
        width=width,
        height=panel.height * pages,
        panel_width=panel.width,
        panel_height=panel.height,
        duration_ms=duration_ms,
        size_px=placed[0].block.size,
        colors=choose(task.look, panel),
        one_bit=panel.color != "rgb",
        placed=placed,
    )


def _still(block: Block, task: _Task) -> Setting:
    placed = (_place(block, 0, task.panel, task.box),)
    return _setting("still", task, task.panel.width, 1, task.least_ms, placed)


def _moving(words: str, task: _Task) -> Setting:
    """A strip; pages where they were asked for, or where a strip would take too long and the panel has lines."""
    least, strip = task.wish.least, _strip(words, task)
    tall = stack(2, least, type_for(least)) <= task.box.height
    if task.look.effect == "pages" or (tall and (strip.pass_ms or 0) > effects.LONGEST_PASS_MS):
        blocks = paging.by_room(words, task.box, least, task.wish.largest)
        return _pages(blocks, task) if blocks else strip
    return strip


def _pages(blocks: tuple[Block, ...], task: _Task) -> Setting:
    placed = tuple(_place(block, i, task.panel, task.box) for i, block in enumerate(blocks))
    page_ms = effects.page_ms(max(sum(len(line.text) for line in b.lines) for b in blocks))
    duration = effects.whole(task.least_ms, page_ms * len(blocks))
    return replace(_setting("pages", task, task.panel.width, len(blocks), duration, placed), page_ms=page_ms)


def _strip(words: str, task: _Task) -> Setting:
    """One line that runs in from the right and out to the left."""
    panel, text = task.panel, words.replace("\n", "\u3000")
    size = _strip_size(text, task)
    line = Line(paragraph(text, type_for(size)), 0, len(text))
    px_per_s = effects.speed(panel.width, size, panel.fps, task.look.px_per_s)
    travel = effects.travel(line.width(size), panel.width, px_per_s, panel.fps)
    pass_ms = effects.pass_ms(travel, px_per_s)
    block = Block((line,), size, type_for(size), 0)
    placed = (Placed(block, _top(block, size, panel), 0),)
    setting = _setting("scroll-left", task, travel + panel.width, 1, effects.whole(task.least_ms, pass_ms), placed)
    return replace(setting, px_per_s=px_per_s, pass_ms=pass_ms, left=panel.width)


def _strip_size(text: str, task: _Task) -> int:
    """As high as the panel is, but with six characters in sight, and a strip that players can hold."""
    panel, wish = task.panel, task.wish
    room = panel.height if panel.height <= 32 else panel.height * 7 // 8
    size = wish.largest or min(room, max(wish.least, panel.width // 6))
    em = paragraph(text, type_for(size)).width(0, len(text)) / EM
    size = min(size, int((effects.WIDEST_PX - 3 * panel.width) / em) if em else size)
    while size > outline.LEAST and size + sum(spill(text, size)) > panel.height:
        size -= 1
    return size if size >= outline.LEAST else bitmap.CELL


def draw(setting: Setting) -> Image.Image:
    """The whole picture, mode "RGB": the panel, the strip with its blank run-in and run-out, or the pages."""
    return painting.paint(setting).copy()
