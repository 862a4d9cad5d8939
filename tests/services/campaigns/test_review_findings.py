"""Warnings for reviewers of a campaign."""

import pytest

from signage.model.campaign import Campaign, Placement
from signage.model.item import Item
from signage.model.users import Actor
from signage.services.campaigns import commercial_words, review_findings
from signage.services.campaigns.checks import CheckContext
from tests.support.app_context import create_app_context
from tests.support.clocks import ManualClock, parse_instant

WU = Actor("wu", frozenset({"approver"}), channel="console")


def campaign(*texts, **more):
    items = tuple(Item(f"s{n}", text=text) for n, text in enumerate(texts or ("和谐社会 文明消费",), 1))
    facts = {"items": items, "placements": (Placement(("*",), ("*",)),), **more}
    begin, end = parse_instant("2021-03-10T00:00:00+08:00"), parse_instant("2021-03-19T00:00:00+08:00")
    return Campaign("spring", "春季", "Asia/Shanghai", begin, end, **facts)


@pytest.fixture
def clock():
    return ManualClock("2021-03-12T08:00:00+08:00")


@pytest.fixture
def context(tmp_path, clock):
    return create_app_context(tmp_path, clock)


def test_reviewers_are_warned_of_commerce_and_of_missing_sources(context):
    one = campaign(items=(Item("a", text="全场八折优惠"), Item("b", sha256="0" * 64)))
    found = {
        (f.code, f.location.key) for f in review_findings.list_findings(context, one, CheckContext(context.panels))
    }
    assert ("review-commercial", "item[1].text") in found
    assert ("review-source-missing", "item[2].source") in found
    commercial_words.set_commercial_words(context, WU, ["八折"])
    assert commercial_words.list_commercial_words(context) == ("八折",)
