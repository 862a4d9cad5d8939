"""Slogans on panels: what fits stands, what does not moves, and nothing is ever lost."""

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
def test_a_slogan_keeps_the_contract_of_its_kind(text, panel):
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
def test_all_of_the_ink_is_in_the_picture(text, panel):
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


def test_an_effect_on_a_panel_of_stills_alone_is_said_to_be_left_out() -> None:
    stills = replace(TAXI, plays=frozenset({"still"}))
    for effect in ("scroll", "pages"):
        layout = layout_slogan("和谐社会", Style(effect=effect), stills, 8000)
        assert layout.kind == "still"
        assert "stands-still" in {one.code for one in layout.warnings}
    assert "stands-still" not in {one.code for one in layout_slogan("和谐社会", Style(), stills, 8000).warnings}
