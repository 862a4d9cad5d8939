"""Layout of a text."""

from signage.model.item import Style
from signage.pixels.slogan.slogan import layout_slogan
from tests.pixels.panels import PANELS


def test_digits_stay_with_their_unit_and_words_are_unbroken_on_a_narrow_panel():
    for text in ("活动时间为2021年3月15日全天", "拨打12315热线电话举报", "请看 GB 7718-2025 标签"):
        layout = layout_slogan(text, Style(size_px=24), PANELS["taxi-192x64"], 8000)
        lines = [line.text for placed in layout.placed_blocks for line in placed.block.lines]
        assert not any(
            line[0] in "年月日" or (line[-1].isdigit() and not line.endswith(("12315", "2025"))) for line in lines
        )
