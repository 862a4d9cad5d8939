"""How lines are broken and motion is timed."""

from dataclasses import replace

import pytest

from signage.model.item import Style
from signage.pixels.fonts import bitmap, outline
from signage.pixels.slogan import motion
from signage.pixels.slogan.slogan import layout_slogan, render_slogan
from signage.pixels.text.line_breaking import (
    BREAK_ANYWHERE,
    BREAK_AT_PHRASE,
    BREAK_AT_PUNCTUATION,
    BREAK_AT_SPACE,
    BREAK_BEFORE_UNIT,
    BREAK_INSIDE_WORD,
    BREAK_MANDATORY,
    grade_breaks,
)
from signage.pixels.text.measure import measure_paragraph
from tests.pixels.panels import PANELS, SLOGANS


def grade(text, before):
    return grade_breaks(text)[text.index(before, 1)]


def test_where_a_line_may_break():
    assert grade("和谐社会 文明消费", "文") == BREAK_AT_SPACE
    assert grade("维护消费者权益，构建", "构") == BREAK_AT_PUNCTUATION
    assert grade("维护消费者权益，构建", "，") == BREAK_ANYWHERE
    assert grade("请看（部分商品）", "部") == BREAK_ANYWHERE
    assert grade("请看（部分商品）", "）") == BREAK_ANYWHERE
    assert grade("合法权益是全社会", "是") == BREAK_AT_PHRASE
    assert grade("合法权益是全社会", "益") == BREAK_INSIDE_WORD
    assert grade("2021年消费", "年") == BREAK_BEFORE_UNIT
    assert grade("第15届", "1") == BREAK_BEFORE_UNIT
    assert grade("见 GB 7718-2025 标签", "7") == BREAK_BEFORE_UNIT
    assert grade("全国12315平台", "2") == BREAK_ANYWHERE
    assert grade_breaks("一\n二")[2] == BREAK_MANDATORY


def test_digits_keep_their_unit_and_words_stay_whole_on_a_narrow_panel():
    for text in ("活动时间为2021年3月15日全天", "拨打12315热线电话举报", "请看 GB 7718-2025 标签"):
        layout = layout_slogan(text, Style(size_px=24), PANELS["taxi-192x64"], 8000)
        lines = [line.text for placed in layout.placed_blocks for line in placed.block.lines]
        assert not any(
            line[0] in "年月日" or (line[-1].isdigit() and not line.endswith(("12315", "2025"))) for line in lines
        )


@pytest.mark.parametrize("font_kind", ["dots", "outline"])
def test_punctuation_gives_up_its_empty_half(font_kind):
    em = 1000
    apart = measure_paragraph("（例），例", font_kind)
    assert apart.measure_width(0, 5) == 5 * em - em // 2 - em // 2
    assert measure_paragraph("例，", font_kind).measure_width(0, 2) == em + em // 2
    assert measure_paragraph("例，例", font_kind).measure_width(0, 3) == 3 * em


def test_bitmap_glyphs_are_the_fonts_own_dots():
    image, shift = bitmap.get_glyph("中")
    rows = ["".join("#" if image.getpixel((x, y)) else "." for x in range(16)) for y in range(16)]
    assert shift == 0
    upright, level, sides = ".......#........", "..###########...", "..#....#....#..."
    assert rows == [upright] * 4 + [level] + [sides] * 5 + [level, sides] + [upright] * 4
    assert {bitmap.get_advance("中"), bitmap.get_advance("a")} == {16, 8}


def test_the_fonts_hold_what_they_promise():
    import codecs

    gb2312 = [bytes((r, c)) for r in range(0xB0, 0xF8) for c in range(0xA1, 0xFF)]
    for raw in gb2312:
        try:
            char = codecs.decode(raw, "gb2312")
        except UnicodeDecodeError:
            continue
        assert outline.has_glyph(char) and bitmap.has_glyph(char), char
    from signage.pixels.slogan.legibility import load_standard_characters

    assert [c for c in load_standard_characters() if not outline.has_glyph(c)] == []
    assert all(outline.has_glyph(c) for c in "AZaz09，。、；：？！“”‘’（）《》【】—…·%℃￥é")
    assert not outline.has_glyph("م")


def test_a_scroll_moves_whole_pixels_a_frame():
    for fps in (25, 30, 50, 60):
        for width, size in ((96, 16), (192, 32), (1920, 320)):
            v = motion.choose_scroll_speed(width, size, fps)
            assert v % fps == 0 or fps % v == 0
            travel = motion.compute_travel_px(777, width, v, fps)
            assert travel >= 777 + width
            assert motion.compute_pass_ms(travel, v) * v == travel * 1000
    assert motion.choose_scroll_speed(192, 32, 30) == 60
    assert motion.choose_scroll_speed(192, 32, 30, asked=64) == 60


def test_the_least_time_is_kept_in_whole_passes():
    one = layout_slogan(SLOGANS[0], Style(effect="scroll"), PANELS["taxi-192x64"], 1)
    again = layout_slogan(SLOGANS[0], Style(effect="scroll"), PANELS["taxi-192x64"], one.duration_ms + 1)
    assert again.duration_ms == 2 * one.duration_ms


def test_the_same_arguments_give_the_same_value_and_a_picture_of_ones_own():
    one = layout_slogan("放心消费", Style(), PANELS["taxi-192x64"], 8000)
    assert layout_slogan("放心消费", Style(), PANELS["taxi-192x64"], 8000) is one
    render_slogan(one).paste((255, 0, 0), (0, 0, 10, 10))
    assert render_slogan(one).getpixel((0, 0)) == (0, 0, 0)


def test_the_asked_size_is_kept():
    assert layout_slogan("消费", Style(size_px=30), PANELS["taxi-192x64"], 8000).size_px == 30
    assert layout_slogan("消费", Style(size_px=20), PANELS["taxi-192x64"], 8000).size_px == 16
    assert layout_slogan("消费" * 20, Style(size_px=30), PANELS["taxi-192x64"], 8000).size_px == 30


@pytest.mark.parametrize("panel", [p for p in PANELS.values() if p.height <= 64], ids=lambda p: p.id)
@pytest.mark.parametrize("text", ["Åjgpy消费", "gypsy jig", "Q@j，（Ég）"])
@pytest.mark.parametrize("effect", ["auto", "scroll"])
def test_tails_of_letters_stay_in_the_picture(panel, text, effect):
    from PIL import Image

    from signage.pixels.text import raster

    layout = layout_slogan(text, Style(effect=effect), panel, 8000)
    inside = raster.render_coverage(layout)
    air = 40
    moved = tuple(replace(p, top=p.top + air) for p in layout.placed_blocks)
    larger = raster.render_coverage(replace(layout, height=layout.height + 2 * air, placed_blocks=moved))
    assert larger.crop((0, air, larger.width, air + inside.height)).tobytes() == inside.tobytes()
    blank = Image.new("L", (larger.width, air))
    assert larger.crop((0, 0, larger.width, air)).tobytes() == blank.tobytes()
    assert larger.crop((0, larger.height - air, larger.width, larger.height)).tobytes() == blank.tobytes()


def test_many_threads_draw_the_same_pictures(monkeypatch):
    from concurrent.futures import ThreadPoolExecutor

    from signage.pixels.text import raster

    texts = [f"放心消费{n}" for n in range(40)]

    def digest(text):
        return render_slogan(layout_slogan(text, Style(), PANELS["taxi-384x128"], 8000)).tobytes()

    alone = [digest(text) for text in texts]
    monkeypatch.setattr(raster, "_cache", raster._ImageCache(400_000))
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(digest, texts * 5)) == alone * 5


def test_pages_of_a_long_text_cut_no_word_and_no_address():
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
