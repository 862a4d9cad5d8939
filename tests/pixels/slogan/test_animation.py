"""Frames of a moving slogan."""

from fractions import Fraction
from itertools import pairwise

import pytest

from signage.model.item import Style
from signage.pixels.slogan import animation
from signage.pixels.slogan.slogan import layout_slogan
from tests.pixels.panels import PANELS, SLOGANS


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)
def test_a_strip_moves_by_the_same_number_of_pixels_from_frame_to_frame(panel):
    layout = layout_slogan(SLOGANS[0], Style(effect="scroll"), panel, 8000)
    times = [Fraction(n * 1000, panel.fps) for n in range(layout.pass_ms * panel.fps // 1000)]
    places = [animation.get_frame_offset(layout, t)[0] for t in times]
    steps = {b - a for a, b in pairwise(places)}
    assert len(steps) == 1
    assert places[-1] + steps.pop() == layout.width - panel.width
