"""Difficult texts: each is laid out, rendered and checked on every panel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage import messages
from signage.faults import Refused
from signage.model.item import Style
from signage.pixels.slogan import animation, legibility
from signage.pixels.slogan.layout import wrap_greedily
from signage.pixels.slogan.slogan import layout_slogan, render_slogan
from signage.pixels.text.line_breaking import BREAK_ANYWHERE
from tests.pixels.panels import HARD_TEXTS, PANELS

SCRIPT_REFUSALS = {"script-not-set", "script-mixed", "script-too-small", "word-too-long"}
SMALL = [PANELS["roof-96x16"], PANELS["taxi-192x64"], PANELS["strip-640x32"]]


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)
@pytest.mark.parametrize("text", HARD_TEXTS, ids=lambda t: repr(t[:12]))
@pytest.mark.parametrize("effect", ["auto", "still", "scroll", "pages"])
def test_every_text_is_laid_out_and_rendered(text, panel, effect):
    layout = layout_slogan(text, Style(effect=effect), panel, 8000)
    picture = render_slogan(layout)
    assert picture.size == (layout.width, layout.height)
    assert layout.width <= 16384 + panel.width
    assert layout.duration_ms >= 8000
    for t in (0, layout.duration_ms // 2, layout.duration_ms - 1):
        assert animation.get_frame(layout, picture, t).size == (panel.width, panel.height)


def _codes(text, style=None, panel=PANELS["taxi-192x64"], min_duration_ms=8000):
    return {f.code for f in legibility.check_legibility(text, style or Style(), panel, min_duration_ms)}


def test_a_missing_character_is_reported_and_marked():
    faults = legibility.check_legibility("𠮷", Style(), PANELS["taxi-192x64"], 8000)
    missing = next(f for f in faults if f.code == "glyph-missing")
    assert missing.facts["character"] == "𠮷"
    assert "U+20BB7" in messages.render_fault(missing, "zh")
    assert render_slogan(layout_slogan("𠮷", Style(), PANELS["taxi-192x64"], 8000)).getbbox()


def test_a_rare_character_is_rendered_by_the_other_font_with_a_warning():
    assert "glyph-substituted" in _codes("㐂")
    assert "glyph-missing" not in _codes("㐂")
    assert "glyph-substituted" not in _codes("㐂", panel=PANELS["roof-96x16"])


def test_an_empty_text_is_a_blank_panel_with_a_warning():
    assert _codes(" \n ") == {"slogan-empty"}
    assert render_slogan(layout_slogan("", Style(), PANELS["taxi-192x64"], 8000)).getbbox() is None


@pytest.mark.parametrize("mark", "\u202e\u202d\u2066\u200f\x00\x07\x1b\ud800")
def test_controls_and_direction_marks_change_no_pixel(mark):
    panel = PANELS["taxi-192x64"]
    plain = render_slogan(layout_slogan("放心消费", Style(), panel, 8000))
    assert render_slogan(layout_slogan(f"放心{mark}消费", Style(), panel, 8000)).tobytes() == plain.tobytes()
    assert "character-dropped" in _codes(f"放心{mark}消费")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\x85"])
def test_a_line_end_of_any_kind_breaks_the_line(end):
    layout = layout_slogan(f"放心{end}消费", Style(), PANELS["taxi-192x64"], 8000)
    assert [line.text for line in layout.placed_blocks[0].block.lines] == ["放心", "消费"]


def test_five_hundred_characters_on_the_smallest_panel_scroll_with_a_warning():
    layout = layout_slogan("字" * 500, Style(), PANELS["roof-96x16"], 8000)
    assert layout.kind == "scroll-left"
    assert "scroll-too-long" in _codes("字" * 500, panel=PANELS["roof-96x16"])


def test_a_long_text_on_a_panel_of_several_lines_becomes_pages():
    layout = layout_slogan("消费者权益保护法，" * 55, Style(), PANELS["taxi-192x64"], 8000)
    assert layout.kind == "pages"
    assert "too-many-pages" in _codes("消费者权益保护法，" * 55)


@pytest.mark.parametrize(
    "text",
    ["消费者权益保护法，" * 55, "a" * 500, "a b " * 125, "（" * 500, "\n" * 500],
    ids=["phrases", "one word", "short words", "brackets", "line feeds"],
)
def test_the_layout_of_a_long_text_tries_a_bounded_number_of_wraps(text):
    for panel in PANELS.values():
        wrap_greedily.cache_clear()
        layout_slogan.cache_clear()
        layout_slogan(text, Style(), panel, 8000)
        assert wrap_greedily.cache_info().misses <= 4000


@given(st.text(max_size=60), st.sampled_from(SMALL), st.sampled_from(["auto", "still", "scroll", "pages"]))
def test_any_text_is_laid_out_and_rendered(text, panel, effect):
    try:
        layout = layout_slogan(text, Style(effect=effect), panel, 8000)
    except Refused as refused:
        assert {fault.code for fault in refused.faults} <= SCRIPT_REFUSALS
        return
    picture = render_slogan(layout)
    assert picture.size == (layout.width, layout.height)
    once = layout.pass_ms or (layout.page_ms or layout.duration_ms) * layout.pages
    assert layout.duration_ms % once == 0
    legibility.check_legibility(text, Style(effect=effect), panel, 8000)


@given(st.text("消费安全，。：（）《》2019ab年·", max_size=40), st.sampled_from(SMALL))
def test_no_character_is_lost_and_no_line_begins_with_a_closing_mark(text, panel):
    layout = layout_slogan(text, Style(), panel, 8000)
    lines = [line for placed in layout.placed_blocks for line in placed.block.lines]
    shown = "".join(line.text for line in lines)
    assert "".join(shown.split()) == "".join(text.split())
    if all(placed.block.worst_grade < BREAK_ANYWHERE for placed in layout.placed_blocks) and layout.kind == "still":
        assert not any(line.text[0] in "，。：）》" for line in lines[1:])
        assert not any(line.text[-1] in "（《" for line in lines[:-1])
