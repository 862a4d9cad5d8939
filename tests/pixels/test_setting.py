"""How lines are broken and motion is timed."""

from dataclasses import replace

import pytest

from signage.model.item import Look
from signage.pixels.fonts import bitmap, outline
from signage.pixels.slogan import motion as effects
from signage.pixels.slogan.slogan import draw, set_text
from signage.pixels.text.line_breaking import ANYWHERE, INSIDE, MUST, PUNCTUATION, SENSE, SPACE, WITH_UNIT, breaks
from signage.pixels.text.measure import paragraph
from tests.pixels.panels import PANELS, SLOGANS


def grade(text, before):
    return breaks(text)[text.index(before, 1)]


def test_where_a_line_may_break():
    assert grade("和谐社会 文明消费", "文") == SPACE
    assert grade("维护消费者权益，构建", "构") == PUNCTUATION
    assert grade("维护消费者权益，构建", "，") == ANYWHERE
    assert grade("请看（部分商品）", "部") == ANYWHERE
    assert grade("请看（部分商品）", "）") == ANYWHERE
    assert grade("合法权益是全社会", "是") == SENSE
    assert grade("合法权益是全社会", "益") == INSIDE
    assert grade("2021年消费", "年") == WITH_UNIT
    assert grade("第15届", "1") == WITH_UNIT
    assert grade("见 GB 7718-2025 标签", "7") == WITH_UNIT
    assert grade("全国12315平台", "2") == ANYWHERE
    assert breaks("一\n二")[2] == MUST


def test_digits_keep_their_unit_and_words_stay_whole_on_a_narrow_panel():
    for text in ("活动时间为2021年3月15日全天", "拨打12315热线电话举报", "请看 GB 7718-2025 标签"):
        setting = set_text(text, Look(size_px=24), PANELS["taxi-192x64"], 8000)
        lines = [line.text for placed in setting.placed for line in placed.block.lines]
        assert not any(
            line[0] in "年月日" or (line[-1].isdigit() and not line.endswith(("12315", "2025"))) for line in lines
        )


@pytest.mark.parametrize("type_", ["dots", "outline"])
def test_punctuation_gives_up_its_empty_half(type_):
    em = 1000
    apart = paragraph("（例），例", type_)
    assert apart.width(0, 5) == 5 * em - em // 2 - em // 2
    assert paragraph("例，", type_).width(0, 2) == em + em // 2
    assert paragraph("例，例", type_).width(0, 3) == 3 * em


def test_bitmap_glyphs_are_the_fonts_own_dots():
    image, shift = bitmap.glyph("中")
    rows = ["".join("#" if image.getpixel((x, y)) else "." for x in range(16)) for y in range(16)]
    assert shift == 0
    upright, level, sides = ".......#........", "..###########...", "..#....#....#..."
    assert rows == [upright] * 4 + [level] + [sides] * 5 + [level, sides] + [upright] * 4
    assert {bitmap.advance("中"), bitmap.advance("a")} == {16, 8}


def test_the_fonts_hold_what_they_promise():
    import codecs

    gb2312 = [bytes((r, c)) for r in range(0xB0, 0xF8) for c in range(0xA1, 0xFF)]
    for raw in gb2312:
        try:
            char = codecs.decode(raw, "gb2312")
        except UnicodeDecodeError:
            continue
        assert outline.has(char) and bitmap.has(char), char
    from signage.pixels.slogan.legibility import general_standard

    assert [c for c in general_standard() if not outline.has(c)] == []
    assert all(outline.has(c) for c in "AZaz09，。、；：？！“”‘’（）《》【】—…·%℃￥é")
    assert not outline.has("م")


def test_a_scroll_moves_whole_pixels_a_frame():
    for fps in (25, 30, 50, 60):
        for width, size in ((96, 16), (192, 32), (1920, 320)):
            v = effects.speed(width, size, fps)
            assert v % fps == 0 or fps % v == 0
            travel = effects.travel(777, width, v, fps)
            assert travel >= 777 + width
            assert effects.pass_ms(travel, v) * v == travel * 1000
    assert effects.speed(192, 32, 30) == 60
    assert effects.speed(192, 32, 30, asked=64) == 60


def test_the_least_time_is_kept_in_whole_passes():
    one = set_text(SLOGANS[0], Look(effect="scroll"), PANELS["taxi-192x64"], 1)
    again = set_text(SLOGANS[0], Look(effect="scroll"), PANELS["taxi-192x64"], one.duration_ms + 1)
    assert again.duration_ms == 2 * one.duration_ms


def test_the_same_arguments_give_the_same_value_and_a_picture_of_ones_own():
    one = set_text("放心消费", Look(), PANELS["taxi-192x64"], 8000)
    assert set_text("放心消费", Look(), PANELS["taxi-192x64"], 8000) is one
    draw(one).paste((255, 0, 0), (0, 0, 10, 10))
    assert draw(one).getpixel((0, 0)) == (0, 0, 0)


def test_the_asked_size_is_kept():
    assert set_text("消费", Look(size_px=30), PANELS["taxi-192x64"], 8000).size_px == 30
    assert set_text("消费", Look(size_px=20), PANELS["taxi-192x64"], 8000).size_px == 16
    assert set_text("消费" * 20, Look(size_px=30), PANELS["taxi-192x64"], 8000).size_px == 30


@pytest.mark.parametrize("panel", [p for p in PANELS.values() if p.height <= 64], ids=lambda p: p.id)
@pytest.mark.parametrize("text", ["Åjgpy消费", "gypsy jig", "Q@j，（Ég）"])
@pytest.mark.parametrize("effect", ["auto", "scroll"])
def test_tails_of_letters_stay_in_the_picture(panel, text, effect):
    from PIL import Image

    from signage.pixels.text import raster as painting

    setting = set_text(text, Look(effect=effect), panel, 8000)
    inside = painting.coverage(setting)
    air = 40
    moved = tuple(replace(p, top=p.top + air) for p in setting.placed)
    larger = painting.coverage(replace(setting, height=setting.height + 2 * air, placed=moved))
    assert larger.crop((0, air, larger.width, air + inside.height)).tobytes() == inside.tobytes()
    blank = Image.new("L", (larger.width, air))
    assert larger.crop((0, 0, larger.width, air)).tobytes() == blank.tobytes()
    assert larger.crop((0, larger.height - air, larger.width, larger.height)).tobytes() == blank.tobytes()


def test_many_threads_draw_the_same_pictures(monkeypatch):
    from concurrent.futures import ThreadPoolExecutor

    from signage.pixels.text import raster as painting

    texts = [f"放心消费{n}" for n in range(40)]

    def digest(text):
        return draw(set_text(text, Look(), PANELS["taxi-384x128"], 8000)).tobytes()

    alone = [digest(text) for text in texts]
    monkeypatch.setattr(painting, "_shelf", painting._Shelf(400_000))
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(digest, texts * 5)) == alone * 5


def test_pages_of_a_long_text_cut_no_word_and_no_address():
    text = (
        "为进一步营造安全放心的消费环境，市市场监督管理局提醒广大消费者：购买商品时请索要发票、保留凭证，"
        "遇到消费纠纷可拨打12315热线，或登录全国12315平台 www.12315.cn 投诉举报。食品安全请认准 GB 7718-2025 标签！"
    )
    setting = set_text(text, Look(), PANELS["taxi-192x64"], 8000)
    assert setting.kind == "pages"
    pages = ["/".join(line.text for line in placed.block.lines) for placed in setting.placed]
    shown = " ".join(pages)
    for whole in ("消费", "监督", "www.12315.cn", "GB 7718-2025", "12315", "凭证"):
        assert shown.count(whole) == text.count(whole), (whole, pages)
    assert not any(page[0] in "，。！、：" for page in pages)
