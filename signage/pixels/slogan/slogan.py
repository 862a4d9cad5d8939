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

from signage.faults import refuse
from signage.model.item import Style
from signage.model.panel import Panel
from signage.pixels.fonts import bitmap, outline
from signage.pixels.fonts.faces import EM
from signage.pixels.image.colors import choose_colors, is_lcd
from signage.pixels.slogan import motion as effects
from signage.pixels.slogan import pagination as paging
from signage.pixels.slogan.layout import (
    LayoutConstraints,
    TextBlock,
    TextBox,
    TextLine,
    choose_font_kind,
    fit_text,
    measure_overhang,
    measure_stack_height,
)
from signage.pixels.slogan.layout_warnings import list_layout_warnings
from signage.pixels.slogan.slogan_layout import LayoutKind, PlacedBlock, SloganLayout
from signage.pixels.slogan.viewing_distance import compute_comfortable_px, compute_legible_px
from signage.pixels.text import raster as painting
from signage.pixels.text.line_breaking import BREAK_POOR
from signage.pixels.text.measure import measure_paragraph
from signage.pixels.text.normalize import normalize_text


@lru_cache(8192)
def layout_slogan(text: str, look: Style, panel: Panel, least_ms: int) -> SloganLayout:
    """How *text* shows on *panel* for at least *least_ms*. Pure; the same arguments give the same value.

    Raises Refused where no type fits: a panel of fewer than 16 rows, a size under 16 px, or a text that would have to
    move on a panel that shows stills alone.
    """
    if panel.height < bitmap.CELL_PX or (look.size_px is not None and look.size_px < bitmap.CELL_PX):
        asked = look.size_px or panel.height
        raise refuse("type-too-small", "size_px", panel=panel.id, rows=panel.height, size=asked, least=bitmap.CELL_PX)
    words, dropped = normalize_text(text)
    words = words.strip(" \u3000\n")
    stands = panel.plays.isdisjoint(("animation", "film"))
    wanted = replace(look, effect="still") if stands else look
    setting = _choose_layout(
        words, _LayoutJob(wanted, panel, least_ms, _get_text_box(panel), _build_constraints(look, panel))
    )
    if stands and setting.kind != "still":
        raise refuse("stills-alone", "text", panel=panel.id)
    return replace(setting, warnings=list_layout_warnings(words, dropped, setting, look, panel))


@dataclass(frozen=True, slots=True)
class _LayoutJob:
    style: Style
    panel: Panel
    least_ms: int
    box: TextBox
    constraints: LayoutConstraints


def _build_constraints(look: Style, panel: Panel) -> LayoutConstraints:
    """Sizes that can be read from where people stand; an asked one, or the next smaller one that can be set well."""
    rows = max(bitmap.CELL_PX, _get_text_box(panel).height)
    if look.size_px is None:
        return LayoutConstraints(min(compute_legible_px(panel), rows), None, compute_comfortable_px(panel))
    size = min(look.size_px, rows)
    size = size if size >= outline.MIN_SIZE_PX else bitmap.CELL_PX
    return LayoutConstraints(size, size, compute_comfortable_px(panel))


def _choose_layout(words: str, task: _LayoutJob) -> SloganLayout:
    """Still in a good setting, else pages of sense, else still as it comes, else moving."""
    effect, wish = task.style.effect, task.constraints
    if not words:
        return _layout_still(TextBlock((), wish.least, "dots", 0), task)
    if effect == "scroll":
        return _layout_strip(words, task)
    block = fit_text(words, task.box, replace(wish, grade=BREAK_POOR, whole=True))
    if block is None and effect in ("auto", "pages"):
        pages = paging.split_into_phrase_pages(words, task.box, wish.least, wish.largest)
        if pages:
            return _layout_pages(pages, task)
    block = block or fit_text(words, task.box, wish)
    if block is None and effect == "still":
        block = fit_text(words, task.box, replace(wish, least=bitmap.CELL_PX))
    return _layout_still(block, task) if block else _layout_moving(words, task)


def _get_text_box(panel: Panel) -> TextBox:
    """Where text may stand: less air on small panels, where every row counts."""
    if is_lcd(panel):
        across, down = panel.width // 20, panel.height // 12
    else:
        across = panel.width // 48 if panel.width >= 160 else 0
        down = panel.height // 32 if panel.height >= 64 else 0
    across, down = max(across, panel.safe_px), max(down, panel.safe_px)
    return TextBox(max(bitmap.CELL_PX, panel.width - 2 * across), max(bitmap.CELL_PX, panel.height - 2 * down))


def _place_block(block: TextBlock, page: int, panel: Panel, box: TextBox) -> PlacedBlock:
    """The block in the middle of its page, its lines as far apart as looks well."""
    count, pitch = len(block.lines), 0
    height = block.measure_height()
    if count > 1:
        pitch = math.ceil(block.size * (1.0 if block.font_kind == "dots" else 1.16))
        spare = max(0, box.height - block.size - pitch * (count - 1)) // (count + 1)
        pitch += min(spare, round(0.3 * block.size))
        height = block.size + pitch * (count - 1)
    return PlacedBlock(block, page * panel.height + _compute_top(block, height, panel), pitch)


def _compute_top(block: TextBlock, height: int, panel: Panel) -> int:
    """Where the first em box begins: in the middle, but no glyph's tail leaves the panel."""
    above, below = measure_overhang("\n".join(line.text for line in block.lines), block.size)
    return max(above, min((panel.height - height) // 2, panel.height - height - below))


def _build_layout(
    kind: LayoutKind, task: _LayoutJob, width: int, pages: int, duration_ms: int, placed: tuple[PlacedBlock, ...]
) -> SloganLayout:
    panel = task.panel
    return SloganLayout(
        kind=kind,
        width=width,
        height=panel.height * pages,
        panel_width=panel.width,
        panel_height=panel.height,
        duration_ms=duration_ms,
        size_px=placed[0].block.size,
        colors=choose_colors(task.style, panel),
        one_bit=panel.color != "rgb",
        placed_blocks=placed,
    )


def _layout_still(block: TextBlock, task: _LayoutJob) -> SloganLayout:
    placed = (_place_block(block, 0, task.panel, task.box),)
    return _build_layout("still", task, task.panel.width, 1, task.least_ms, placed)


def _layout_moving(words: str, task: _LayoutJob) -> SloganLayout:
    """A strip; pages where they were asked for, or where a strip would take too long and the panel has lines."""
    least, strip = task.constraints.least, _layout_strip(words, task)
    tall = measure_stack_height(2, least, choose_font_kind(least)) <= task.box.height
    if task.style.effect == "pages" or (tall and (strip.pass_ms or 0) > effects.MAX_PASS_MS):
        blocks = paging.split_into_full_pages(words, task.box, least, task.constraints.largest)
        return _layout_pages(blocks, task) if blocks else strip
    return strip


def _layout_pages(blocks: tuple[TextBlock, ...], task: _LayoutJob) -> SloganLayout:
    placed = tuple(_place_block(block, i, task.panel, task.box) for i, block in enumerate(blocks))
    page_ms = effects.compute_page_ms(max(sum(len(line.text) for line in b.lines) for b in blocks))
    duration = effects.round_up_to_rounds(task.least_ms, page_ms * len(blocks))
    return replace(_build_layout("pages", task, task.panel.width, len(blocks), duration, placed), page_ms=page_ms)


def _layout_strip(words: str, task: _LayoutJob) -> SloganLayout:
    """One line that runs in from the right and out to the left."""
    panel, text = task.panel, words.replace("\n", "\u3000")
    size = _choose_strip_size(text, task)
    line = TextLine(measure_paragraph(text, choose_font_kind(size)), 0, len(text))
    px_per_s = effects.choose_scroll_speed(panel.width, size, panel.fps, task.style.px_per_s)
    travel = effects.compute_travel_px(line.measure_width(size), panel.width, px_per_s, panel.fps)
    pass_ms = effects.compute_pass_ms(travel, px_per_s)
    block = TextBlock((line,), size, choose_font_kind(size), 0)
    placed = (PlacedBlock(block, _compute_top(block, size, panel), 0),)
    setting = _build_layout(
        "scroll-left", task, travel + panel.width, 1, effects.round_up_to_rounds(task.least_ms, pass_ms), placed
    )
    return replace(setting, px_per_s=px_per_s, pass_ms=pass_ms, left=panel.width)


def _choose_strip_size(text: str, task: _LayoutJob) -> int:
    """As high as the panel is, but with six characters in sight, and a strip that players can hold."""
    panel, wish = task.panel, task.constraints
    room = panel.height if panel.height <= 32 else panel.height * 7 // 8
    size = wish.largest or min(room, max(wish.least, panel.width // 6))
    em = measure_paragraph(text, choose_font_kind(size)).measure_width(0, len(text)) / EM
    size = min(size, int((effects.MAX_STRIP_PX - 3 * panel.width) / em) if em else size)
    while size > outline.MIN_SIZE_PX and size + sum(measure_overhang(text, size)) > panel.height:
        size -= 1
    return size if size >= outline.MIN_SIZE_PX else bitmap.CELL_PX


def render_slogan(setting: SloganLayout) -> Image.Image:
    """The whole picture, mode "RGB": the panel, the strip with its blank run-in and run-out, or the pages."""
    return painting.render_layout(setting).copy()
