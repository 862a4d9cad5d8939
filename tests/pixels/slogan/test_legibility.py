"""Each rule of legibility: kept, it is silent; broken, it says what would mend it. Sentences and pages are complete."""

import re
from dataclasses import replace

import pytest

from signage import messages
from signage.faults import Fault, FaultLocation
from signage.model.item import Style
from signage.model.panel import Panel
from signage.pixels.image import colors
from signage.pixels.slogan import legibility
from tests.pixels.panels import PANELS, SLOGANS

TAXI = PANELS["taxi-192x64"]
STREET = PANELS["street-1920x1080"]


def codes(text="和谐社会 文明消费", style=None, panel=TAXI, min_duration_ms=8000):
    return [f.code for f in legibility.check_legibility(text, style or Style(), panel, min_duration_ms)]


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)
@pytest.mark.parametrize("text", SLOGANS)
def test_the_ten_slogans_are_legible_on_every_shipped_panel(text, panel):
    assert codes(text, panel=panel) == []


def test_small_type_far_away():
    assert "character-too-small" in codes(
        style=Style(size_px=24), panel=replace(TAXI, pitch_mm=2.5, viewing_distance_m=50)
    )
    assert "character-too-small" not in codes(style=Style(size_px=24))


def test_too_much_to_read_in_the_time():
    faults = legibility.check_legibility(SLOGANS[0], Style(), TAXI, 2000)
    fault = next(f for f in faults if f.code == "too-little-time")
    assert fault.facts["needed_s"] == 5
    assert "too-little-time" not in codes(SLOGANS[0], min_duration_ms=6000)


def test_people_who_drive_by_have_less_time():
    assert "passed-before-read" in codes(SLOGANS[0], panel=replace(TAXI, passing_kmh=60))
    assert "passed-before-read" not in codes(SLOGANS[0], panel=replace(TAXI, passing_kmh=5))


def test_a_scroll_that_is_too_fast():
    assert "scroll-too-fast" in codes(style=Style(effect="scroll", px_per_s=240))
    assert "scroll-too-fast" not in codes(style=Style(effect="scroll"))


def test_contrast_is_that_of_wcag():
    assert colors.compute_contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert colors.compute_contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)
    assert "contrast-low" in codes(style=Style(color="#777777", background="#ffffff"), panel=STREET)
    assert "contrast-low" not in codes(style=Style(color="#767676", background="#ffffff"), panel=STREET)
    assert "contrast-low" in codes(style=Style(color="#c03030", background="#000000"))


def test_colours_that_a_panel_has_not():
    roof = PANELS["roof-96x16"]
    assert "color-not-shown" in codes(style=Style(color="#0000ff"), panel=roof)
    assert "color-not-shown" not in codes(style=Style(color="#ff2a00"), panel=roof)
    strip = PANELS["strip-640x32"]
    assert "color-not-shown" not in codes(style=Style(color="#ffff00"), panel=strip)
    assert "color-not-shown" in codes(style=Style(color="#ffffff"), panel=strip)


def test_a_thin_stroke_far_away():
    assert "stroke-too-thin" in codes(style=Style(size_px=16), panel=replace(TAXI, viewing_distance_m=30))


def test_traditional_and_rare_characters_are_named():
    fault = next(
        f for f in legibility.check_legibility("保護消費者", Style(), TAXI, 8000) if f.code == "character-not-standard"
    )
    assert fault.facts["characters"] == "護、費"
    assert len(legibility.load_standard_characters()) == 8106


def test_what_is_refused_is_told_not_raised():
    assert codes(panel=Panel("tiny", 96, 8)) == ["type-too-small"]


def test_every_placeholder_is_filled():
    for text, style, panel, min_duration_ms in (
        (
            SLOGANS[0],
            Style(size_px=24, effect="scroll", px_per_s=600),
            replace(TAXI, pitch_mm=1.0, viewing_distance_m=60),
            1,
        ),
        ("𠮷㐂護" + "字" * 400, Style(color="#301010", effect="pages"), replace(TAXI, passing_kmh=40), 1),
        ("護\u202e", Style(color="#123456"), replace(PANELS["roof-96x16"], viewing_distance_m=90), 1000),
        ("字" * 500, Style(effect="still"), PANELS["roof-96x16"], 1000),
        ("字", Style(size_px=8), TAXI, 1000),
    ):
        faults = legibility.check_legibility(text, style, panel, min_duration_ms)
        assert faults
        for fault in faults:
            for language in ("en", "zh"):
                assert not re.search(
                    r"[{}]", messages.render_fault(fault, language) + messages.render_hint(fault, language)
                ), fault
    assert messages.render_fault(Fault("error", "slogan-empty", FaultLocation()), "zh")
