"""Widths of a paragraph."""

import pytest

from signage.pixels.text.measure import measure_paragraph


@pytest.mark.parametrize("font_kind", ["dots", "outline"])
def test_punctuation_loses_its_empty_half(font_kind):
    em = 1000
    apart = measure_paragraph("（例），例", font_kind)
    assert apart.measure_width(0, 5) == 5 * em - em // 2 - em // 2
    assert measure_paragraph("例，", font_kind).measure_width(0, 2) == em + em // 2
    assert measure_paragraph("例，例", font_kind).measure_width(0, 3) == 3 * em
