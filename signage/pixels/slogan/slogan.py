"""Slogans as pixels of a panel: ``layout_slogan`` chooses the layout, ``render_slogan`` draws it.

1. A text that fits is still and centred, in one or more lines at the largest size (``layout``), if that is at least
   legible at the viewing distance (``viewing_distance``).
2. A text that does not fit without breaking a word becomes up to three pages of whole phrases, else it scrolls; a text
   that would scroll for over ``motion.MAX_PASS_MS`` on a panel of several lines becomes pages too.
3. The ``effect`` of a style is applied as requested; a ``still`` that is not possible moves, with a warning.
4. Mongolian stands in columns. It does not scroll, nor does a text that reads from right to left, whose end a scroll
   to the left would show first: both become pages.
5. A script that cannot be set is refused by name: no font, too few rows, or Mongolian mixed with other letters.
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
from signage.pixels.slogan import motion, pagination
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
from signage.pixels.text import raster
from signage.pixels.text.bidi import get_base_level
from signage.pixels.text.line_breaking import BREAK_POOR
from signage.pixels.text.measure import measure_paragraph
from signage.pixels.text.normalize import normalize_text
from signage.pixels.text.scripts import find_mixed_letter, find_unsupported_letter, get_least_size, is_vertical


@lru_cache(8192)
def layout_slogan(text: str, style: Style, panel: Panel, min_duration_ms: int) -> SloganLayout:
    """Return the layout of *text* on *panel* for at least *min_duration_ms*. Pure and memoized.

    Raises Refused if no type fits: a panel of fewer than 16 rows, a size under 16 px, or a text that would have to move
    on a panel that shows only stills.
    """
    if panel.height < bitmap.CELL_PX or (style.size_px is not None and style.size_px < bitmap.CELL_PX):
        size = style.size_px or panel.height
        raise refuse("type-too-small", "size_px", panel=panel.id, rows=panel.height, size=size, least=bitmap.CELL_PX)
    words, dropped = normalize_text(text)
    words = words.strip(" \u3000\n")
    _check_scripts(words, panel, style)
    stills_only = panel.plays.isdisjoint(("animation", "film"))
    effective_style = replace(style, effect="still") if stills_only else style
    if effective_style.effect == "scroll" and not _may_scroll(words):
        effective_style = replace(style, effect="pages")
    choose = _choose_columns if is_vertical(words) else _choose_lines
    layout = choose(words, effective_style, panel, min_duration_ms)
    if stills_only and layout.kind != "still":
        raise refuse("stills-alone", "text", panel=panel.id)
    return replace(layout, warnings=list_layout_warnings(words, dropped, layout, style, panel))


@dataclass(frozen=True, slots=True)
class _LayoutJob:
    style: Style
    panel: Panel
    min_duration_ms: int
    box: TextBox
    constraints: LayoutConstraints


def _check_scripts(words: str, panel: Panel, style: Style) -> None:
    """Raise Refused where a script of *words* cannot be set on *panel* (5)."""
    letter = find_unsupported_letter(words)
    if letter is not None:
        raise refuse("script-not-set", "text", character=letter, point=f"U+{ord(letter):04X}")
    if is_vertical(words) and (other := find_mixed_letter(words)) is not None:
        raise refuse("script-mixed", "text", character=other, point=f"U+{ord(other):04X}")
    least = get_least_size(words)
    size = min(panel.height, style.size_px or panel.height)
    if size < least:
        raise refuse("script-too-small", "text", panel=panel.id, rows=panel.height, size=size, least=least)


def _may_scroll(words: str) -> bool:
    """Whether a scroll to the left shows *words* from their beginning (4)."""
    return not is_vertical(words) and not any(get_base_level(line) for line in words.split("\n"))


def _choose_lines(words: str, style: Style, panel: Panel, min_duration_ms: int) -> SloganLayout:
    constraints = _build_constraints(style, panel, get_least_size(words))
    return _choose_layout(words, _LayoutJob(style, panel, min_duration_ms, _get_text_box(panel), constraints))


def _choose_columns(words: str, style: Style, panel: Panel, min_duration_ms: int) -> SloganLayout:
    """Return the layout of Mongolian: that of lines on a panel that lies on its side."""
    lying = replace(panel, width=panel.height, height=panel.width)
    upright = _get_text_box(panel)
    constraints = _build_constraints(style, panel, get_least_size(words))
    job = _LayoutJob(style, lying, min_duration_ms, TextBox(upright.height, upright.width), constraints)
    layout = _choose_layout(words, job)
    return replace(
        layout,
        width=panel.width,
        height=panel.height * layout.pages,
        panel_width=panel.width,
        panel_height=panel.height,
        is_vertical=True,
    )


def _build_constraints(style: Style, panel: Panel, least_px: int = 0) -> LayoutConstraints:
    """Return the sizes that are legible at the viewing distance; a requested size, or the next smaller valid one."""
    rows = max(bitmap.CELL_PX, _get_text_box(panel).height)
    if style.size_px is None:
        least = min(max(compute_legible_px(panel), least_px), rows)
        return LayoutConstraints(least, None, compute_comfortable_px(panel))
    size = min(style.size_px, rows)
    size = size if size >= outline.MIN_SIZE_PX else bitmap.CELL_PX
    return LayoutConstraints(size, size, compute_comfortable_px(panel))


def _choose_layout(words: str, job: _LayoutJob) -> SloganLayout:
    """Return a still layout with good breaks, else pages of phrases, else a still with any breaks, else motion."""
    effect, constraints = job.style.effect, job.constraints
    if not words:
        return _layout_still(TextBlock((), constraints.least, "dots", 0), job)
    if effect == "scroll":
        return _layout_strip(words, job)
    block = fit_text(words, job.box, replace(constraints, grade=BREAK_POOR, whole=True))
    if block is None and effect in ("auto", "pages"):
        pages = pagination.split_into_phrase_pages(words, job.box, constraints.least, constraints.largest)
        if pages:
            return _layout_pages(pages, job)
    block = block or fit_text(words, job.box, constraints)
    if block is None and effect == "still":
        block = fit_text(words, job.box, replace(constraints, least=bitmap.CELL_PX))
    return _layout_still(block, job) if block else _layout_moving(words, job)


def _get_text_box(panel: Panel) -> TextBox:
    """Return the area for text, with smaller margins on small panels."""
    if is_lcd(panel):
        across, down = panel.width // 20, panel.height // 12
    else:
        across = panel.width // 48 if panel.width >= 160 else 0
        down = panel.height // 32 if panel.height >= 64 else 0
    across, down = max(across, panel.safe_px), max(down, panel.safe_px)
    return TextBox(max(bitmap.CELL_PX, panel.width - 2 * across), max(bitmap.CELL_PX, panel.height - 2 * down))


def _place_block(block: TextBlock, page: int, panel: Panel, box: TextBox) -> PlacedBlock:
    """Centre the block on its page, with an even distance between its lines."""
    count, pitch = len(block.lines), 0
    height = block.measure_height()
    if count > 1:
        pitch = math.ceil(block.size * (1.0 if block.font_kind == "dots" else 1.16))
        spare = max(0, box.height - block.size - pitch * (count - 1)) // (count + 1)
        pitch += min(spare, round(0.3 * block.size))
        height = block.size + pitch * (count - 1)
    return PlacedBlock(block, page * panel.height + _compute_top(block, height, panel), pitch)


def _compute_top(block: TextBlock, height: int, panel: Panel) -> int:
    """Return the top of the first em box: centred, but without cutting descenders."""
    above, below = measure_overhang("\n".join(line.text for line in block.lines), block.size)
    return max(above, min((panel.height - height) // 2, panel.height - height - below))


def _build_layout(
    kind: LayoutKind, job: _LayoutJob, width: int, pages: int, duration_ms: int, placed: tuple[PlacedBlock, ...]
) -> SloganLayout:
    panel = job.panel
    return SloganLayout(
        kind=kind,
        width=width,
        height=panel.height * pages,
        panel_width=panel.width,
        panel_height=panel.height,
        duration_ms=duration_ms,
        size_px=placed[0].block.size,
        colors=choose_colors(job.style, panel),
        one_bit=panel.color != "rgb",
        placed_blocks=placed,
    )


def _layout_still(block: TextBlock, job: _LayoutJob) -> SloganLayout:
    placed = (_place_block(block, 0, job.panel, job.box),)
    return _build_layout("still", job, job.panel.width, 1, job.min_duration_ms, placed)


def _layout_moving(words: str, job: _LayoutJob) -> SloganLayout:
    """Return a strip, or pages if requested or if a strip would take too long on a panel of several lines."""
    least, strip = job.constraints.least, _layout_strip(words, job)
    tall = measure_stack_height(2, least, choose_font_kind(least)) <= job.box.height
    may_scroll = _may_scroll(words)
    if job.style.effect == "pages" or not may_scroll or (tall and (strip.pass_ms or 0) > motion.MAX_PASS_MS):
        blocks = pagination.split_into_full_pages(words, job.box, least, job.constraints.largest)
        if blocks:
            return _layout_pages(blocks, job)
        if not may_scroll:
            raise refuse("word-too-long", "text", panel=job.panel.id)
    return strip


def _layout_pages(blocks: tuple[TextBlock, ...], job: _LayoutJob) -> SloganLayout:
    placed = tuple(_place_block(block, i, job.panel, job.box) for i, block in enumerate(blocks))
    page_ms = motion.compute_page_ms(max(sum(len(line.text) for line in b.lines) for b in blocks))
    duration = motion.round_up_to_rounds(job.min_duration_ms, page_ms * len(blocks))
    return replace(_build_layout("pages", job, job.panel.width, len(blocks), duration, placed), page_ms=page_ms)


def _layout_strip(words: str, job: _LayoutJob) -> SloganLayout:
    """Return one line that runs in from the right and out to the left."""
    panel, text = job.panel, words.replace("\n", "\u3000")
    size = _choose_strip_size(text, job)
    line = TextLine(measure_paragraph(text, choose_font_kind(size)), 0, len(text))
    px_per_s = motion.choose_scroll_speed(panel.width, size, panel.fps, job.style.px_per_s)
    travel = motion.compute_travel_px(line.measure_width(size), panel.width, px_per_s, panel.fps)
    pass_ms = motion.compute_pass_ms(travel, px_per_s)
    block = TextBlock((line,), size, choose_font_kind(size), 0)
    placed = (PlacedBlock(block, _compute_top(block, size, panel), 0),)
    layout = _build_layout(
        "scroll-left", job, travel + panel.width, 1, motion.round_up_to_rounds(job.min_duration_ms, pass_ms), placed
    )
    return replace(layout, px_per_s=px_per_s, pass_ms=pass_ms, left=panel.width)


def _choose_strip_size(text: str, job: _LayoutJob) -> int:
    """Return the panel's height, limited so that six characters are visible and players can load the strip."""
    panel, constraints = job.panel, job.constraints
    room = panel.height if panel.height <= 32 else panel.height * 7 // 8
    size = constraints.largest or min(room, max(constraints.least, panel.width // 6))
    em = measure_paragraph(text, choose_font_kind(size)).measure_width(0, len(text)) / EM
    size = min(size, int((motion.MAX_STRIP_PX - 3 * panel.width) / em) if em else size)
    while size > outline.MIN_SIZE_PX and size + sum(measure_overhang(text, size)) > panel.height:
        size -= 1
    return size if size >= outline.MIN_SIZE_PX else bitmap.CELL_PX


def render_slogan(layout: SloganLayout) -> Image.Image:
    """Render the whole picture, mode "RGB": the panel, the strip with its run-in and run-out, or the pages."""
    return raster.render_layout(layout).copy()
