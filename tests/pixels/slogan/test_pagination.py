"""Pages of a long text."""

from signage.model.item import Style
from signage.pixels.slogan.slogan import layout_slogan
from tests.pixels.panels import PANELS


def test_pages_of_a_long_text_break_no_word_and_no_address():
    text = (
        "为进一步营造安全放心的消费环境，市市场监督管理局提醒广大消费者：购买商品时请索要发票、保留凭证，"
        "遇到消费纠纷可拨打12315热线，或登录全国12315平台 www.12315.cn 投诉举报。食品安全请认准 GB 7718-2025 标签！"
    )
    layout = layout_slogan(text, Style(), PANELS["taxi-192x64"], 8000)
    assert layout.kind == "pages"
    pages = ["/".join(line.text for line in placed.block.lines) for placed in layout.placed_blocks]
    shown = " ".join(pages)
    for whole in ("消费", "监督", "www.12315.cn", "GB 7718-2025", "12315", "凭证"):
        assert shown.count(whole) == text.count(whole), (whole, pages)
    assert not any(page[0] in "，。！、：" for page in pages)
