"""Slogans on panels: a text that fits is still, another moves, and no character is lost."""

from dataclasses import replace

import pytest

from signage.faults import Refused
from signage.model.item import Style
from signage.pixels.slogan import animation
from signage.pixels.slogan.slogan import layout_slogan, render_slogan
from tests.pixels.panels import PANELS, SLOGANS

TAXI = PANELS["taxi-192x64"]
ROOF = PANELS["roof-96x16"]


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)
@pytest.mark.parametrize("text", SLOGANS)
def test_a_slogan_satisfies_the_contract_of_its_kind(text, panel):
    layout = layout_slogan(text, Style(), panel, 8000)
    picture = render_slogan(layout)
    assert picture.mode == "RGB"
    assert picture.size == (layout.width, layout.height)
    assert layout.duration_ms >= 8000
    if layout.kind == "still":
        assert picture.size == (panel.width, panel.height)
    elif layout.kind == "pages":
        assert layout.height % panel.height == 0
        assert layout.duration_ms % (layout.page_ms * layout.pages) == 0
        assert layout.duration_ms - layout.page_ms * layout.pages < 8000
    else:
        assert layout.pass_ms == -(-(layout.width - panel.width) * 1000 // layout.px_per_s)
        assert layout.duration_ms % layout.pass_ms == 0
        assert layout.duration_ms - layout.pass_ms < 8000


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)
@pytest.mark.parametrize("text", SLOGANS)
def test_the_whole_text_is_in_the_picture(text, panel):
    layout = layout_slogan(text, Style(), panel, 8000)
    picture = render_slogan(layout)
    ink = [c for n, c in picture.getcolors(256) if c != layout.colors.background]
    assert ink
    shown = "".join(line.text for placed in layout.placed_blocks for line in placed.block.lines)
    assert shown.replace(" ", "") == text.replace(" ", "")
    if panel.color != "rgb":
        assert ink == [layout.colors.text]


def test_a_strip_begins_and_ends_with_a_blank_panel():
    layout = layout_slogan(SLOGANS[0], Style(effect="scroll"), TAXI, 8000)
    strip = render_slogan(layout)
    blank = (0, 0, TAXI.width, TAXI.height)
    assert strip.crop(blank).getcolors() == [(TAXI.width * TAXI.height, (0, 0, 0))]
    assert animation.get_frame(layout, strip, 0).getcolors() == [(TAXI.width * TAXI.height, (0, 0, 0))]
    assert strip.crop((strip.width - TAXI.width, 0, strip.width, TAXI.height)).getcolors()[0][1] == (0, 0, 0)
    middle = animation.get_frame(layout, strip, layout.pass_ms + 5000)
    x = 5000 * layout.px_per_s // 1000
    assert middle.tobytes() == strip.crop((x, 0, x + TAXI.width, TAXI.height)).tobytes()


def test_a_panel_of_fewer_than_16_rows_is_refused():
    from signage.model.panel import Panel

    with pytest.raises(Refused) as refused:
        layout_slogan("和谐社会", Style(), Panel("tiny", 96, 12), 8000)
    assert refused.value.faults[0].code == "type-too-small"
    with pytest.raises(Refused):
        layout_slogan("和谐社会", Style(size_px=12), TAXI, 8000)


def test_an_effect_that_a_panel_of_stills_cannot_show_is_reported() -> None:
    stills = replace(TAXI, plays=frozenset({"still"}))
    for effect in ("scroll", "pages"):
        layout = layout_slogan("和谐社会", Style(effect=effect), stills, 8000)
        assert layout.kind == "still"
        assert "stands-still" in {one.code for one in layout.warnings}
    assert "stands-still" not in {one.code for one in layout_slogan("和谐社会", Style(), stills, 8000).warnings}


def test_the_minimum_duration_is_reached_in_whole_passes():
    one = layout_slogan(SLOGANS[0], Style(effect="scroll"), PANELS["taxi-192x64"], 1)
    again = layout_slogan(SLOGANS[0], Style(effect="scroll"), PANELS["taxi-192x64"], one.duration_ms + 1)
    assert again.duration_ms == 2 * one.duration_ms


def test_equal_arguments_give_the_same_layout_and_separate_pictures():
    one = layout_slogan("放心消费", Style(), PANELS["taxi-192x64"], 8000)
    assert layout_slogan("放心消费", Style(), PANELS["taxi-192x64"], 8000) is one
    render_slogan(one).paste((255, 0, 0), (0, 0, 10, 10))
    assert render_slogan(one).getpixel((0, 0)) == (0, 0, 0)


def test_a_requested_size_is_used():
    assert layout_slogan("消费", Style(size_px=30), PANELS["taxi-192x64"], 8000).size_px == 30
    assert layout_slogan("消费", Style(size_px=20), PANELS["taxi-192x64"], 8000).size_px == 16
    assert layout_slogan("消费" * 20, Style(size_px=30), PANELS["taxi-192x64"], 8000).size_px == 30
