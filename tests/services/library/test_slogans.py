"""Slogans of the library: lists pasted, edits versioned, nothing in use deleted."""

import pytest

from signage.faults import Refused
from signage.model.campaign import Campaign, Placement
from signage.model.campaign_file.write import format_campaign_file
from signage.model.clip_facts import ClipFacts
from signage.model.item import Item
from signage.model.users import Actor
from signage.services.campaigns import drafts
from signage.services.library import clips as library_clips
from signage.services.library import slogans
from signage.services.library.details import LibraryDetails
from signage.store.library import clips
from tests.support.app_context import create_app_context
from tests.support.clocks import parse_instant

LI = Actor("li", frozenset({"operator"}), channel="console")


SHA = "a" * 64


FILM_FACTS = ClipFacts(
    kind="film", format="MP4", type="video/mp4", ending="mp4", width=64, height=48, duration_ms=15_000
)


LIST = """
一、2021年消费维权年主题：守护安全 畅通消费
2. 和谐社会 文明消费
3、保护消费者的合法权益是全社会共同责任
（四）维护消费者权益，构建社会主义和谐社会
5）保障消费安全 提振消费信心
⑥ 诚实守信是企业的社会责任
　7．服务民生 服务消费者 服务社会和谐

• 改善民生 促进消费 推进发展
315 消费者权益日
7天无理由退货（部分商品除外）
2. 和谐社会 文明消费
"""


@pytest.fixture
def context(tmp_path):
    return create_app_context(tmp_path)


def codes(call, *args):
    with pytest.raises(Refused) as refused:
        call(*args)
    return [fault.code for fault in refused.value.faults]


def test_a_numbered_list_becomes_one_slogan_a_line_without_its_numbers():
    assert slogans.parse_slogan_list(LIST) == [
        "2021年消费维权年主题：守护安全 畅通消费",
        "和谐社会 文明消费",
        "保护消费者的合法权益是全社会共同责任",
        "维护消费者权益，构建社会主义和谐社会",
        "保障消费安全 提振消费信心",
        "诚实守信是企业的社会责任",
        "服务民生 服务消费者 服务社会和谐",
        "改善民生 促进消费 推进发展",
        "315 消费者权益日",
        "7天无理由退货（部分商品除外）",
    ]


@pytest.mark.parametrize("line", ["12315热线 全天候为您服务", "“双11”理性消费", "2021年", "3.15 权益日", "3·15"])
def test_numbers_that_belong_to_a_slogan_stay(line):
    assert slogans.parse_slogan_list(line) == [line]


def test_a_list_is_created_in_one_act_and_existing_slogans_are_reported(context):
    slogans.create_slogan(context, LI, "和谐社会 文明消费", LibraryDetails())
    made, there = slogans.create_slogans(
        context, LI, "1. 和谐社会 文明消费\n2. 诚实守信", LibraryDetails(tags=("law",))
    )
    assert (len(made), there) == (1, ["和谐社会 文明消费"])
    assert [one.text for one in slogans.list_slogans(context)] == ["诚实守信", "和谐社会 文明消费"]
    assert [one.text for one in slogans.list_slogans(context, search="law")] == ["诚实守信"]


def test_an_edit_is_a_version_and_the_later_editor_is_refused(context):
    number = slogans.create_slogan(context, LI, "旧", LibraryDetails())
    assert slogans.update_slogan(context, LI, number, 1, "新", LibraryDetails(source="市局")) == 2
    assert codes(slogans.update_slogan, context, LI, number, 1, "别的", LibraryDetails()) == ["slogan-overtaken"]
    assert [one.text for one in slogans.get_slogan(context, number)[1]] == ["新", "旧"]


def test_what_a_campaign_uses_is_not_removed_and_the_refusal_says_where(context):
    number = slogans.create_slogan(context, LI, "和谐社会 文明消费", LibraryDetails())
    with context.store.write() as connection:
        clips.create_clip(
            connection,
            clips.ClipRow(SHA, 1, "片.mp4", FILM_FACTS, None, parse_instant("2021-01-01T00:00:00Z"), "li"),
        )
    items = (Item("a", text="和谐社会 文明消费"), Item("b", sha256=SHA))
    begin, end = parse_instant("2021-03-10T00:00:00Z"), parse_instant("2021-03-19T00:00:00Z")
    one = Campaign("spring", "春", "Asia/Shanghai", begin, end, items, (Placement(("*",), ("*",)),))
    drafts.save_draft(context, LI, one, format_campaign_file(one), None)
    for remove, name in ((slogans.delete_slogan, number), (library_clips.delete_clip, SHA)):
        with pytest.raises(Refused) as refused:
            remove(context, LI, name)
        assert "spring/" in str(refused.value.faults[0].facts["where"])
