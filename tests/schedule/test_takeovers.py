"""The item names of takeovers with frozen content: no two contents under one name."""

from dataclasses import replace
from datetime import UTC, datetime

from signage.model.campaign import Campaign
from signage.model.item import Item, Style
from signage.model.takeover import Takeover, freeze_content
from signage.schedule.takeovers import resolve_item_names

NOON = datetime(2021, 3, 15, 4, tzinfo=UTC)
CAMPAIGN = Campaign(
    "storm", "台风", "Asia/Shanghai", NOON, NOON.replace(day=16),
    (Item("red", text="台风红色预警", behind="sea"), Item("sea", sha256="a" * 64), Item("blue", text="蓝色")), (),
)  # fmt: skip
OTHER_TEXT = replace(CAMPAIGN, items=(Item("red", text="解除", behind="sea"), *CAMPAIGN.items[1:]))


def make_takeover(number: int, campaign: Campaign = CAMPAIGN) -> Takeover:
    content = freeze_content(campaign, "red")
    end = NOON.replace(hour=5)
    return Takeover(f"t-{number}", number, ("*",), NOON, end, "wang", "storm", item="storm/red", content=content)


def list_names(takeovers: list[Takeover], *campaigns: Campaign) -> list[str | None]:
    return [takeover.item_ref for takeover in resolve_item_names(takeovers, campaigns)]


def test_frozen_content_is_the_item_with_the_picture_behind_its_text() -> None:
    content = freeze_content(CAMPAIGN, "red")
    assert [item.id for item in content.items] == ["red", "sea"]
    assert content.placements == content.dayparts == ()


def test_the_item_keeps_its_name_while_the_campaign_is_unchanged_or_gone() -> None:
    assert list_names([make_takeover(1)], CAMPAIGN) == ["storm/red"]
    assert list_names([make_takeover(1)]) == ["storm/red"]
    elsewhere = replace(CAMPAIGN, items=(*CAMPAIGN.items[:2], Item("blue", text="绿色")), priority=9)
    assert list_names([make_takeover(1)], elsewhere) == ["storm/red"]


def test_what_the_campaign_shows_by_now_does_not_get_the_takeovers_name() -> None:
    assert list_names([make_takeover(1)], OTHER_TEXT) == ["_takeover/t-1"]
    assert list_names([make_takeover(1)], replace(CAMPAIGN, look=Style(color="#ff0000"))) == ["_takeover/t-1"]


def test_of_two_takeovers_with_different_contents_under_one_name_the_first_keeps_it() -> None:
    assert list_names([make_takeover(1), make_takeover(2, OTHER_TEXT)]) == ["storm/red", "_takeover/t-2"]
