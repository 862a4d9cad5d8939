"""The styles of an item, its campaign and the installation are merged field by field."""

from signage.library.style_merge import merge_styles
from signage.model.item import Style

THEME = "2021年消费维权年主题：守护安全 畅通消费"
LONG = "维护消费者权益，构建社会主义和谐社会"


def test_the_nearest_word_about_a_look_counts() -> None:
    own, campaigns, house = (
        Style(color="#ff0000"),
        Style(color="#00ff00", fit="cover"),
        Style(effect="scroll", size_px=32),
    )
    assert merge_styles(own, campaigns, house) == Style("scroll", "#ff0000", None, 32, None, "cover")
