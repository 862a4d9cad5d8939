"""Line breaks and their grades."""

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
