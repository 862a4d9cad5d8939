"""Ids of new campaigns, made from their titles."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.model.campaign_file.read import read_campaign
from signage.model.ids import is_id
from signage.model.users import Actor
from signage.services.campaigns.campaign_ids import create_campaign_id, transliterate
from signage.services.campaigns.drafts import save_draft
from tests.support.app_context import create_app_context
from tests.support.clocks import ManualClock

LI = Actor("li", frozenset({"operator"}), channel="console")
CAMPAIGN = read_campaign(
    "",
    """
format = "signage.campaign/1"
id = "spring"
title = "文明城市"
timezone = "Asia/Shanghai"
from = 2021-03-15T00:00:00
until = 2021-03-19T00:00:00
[[item]]
id = "a"
text = "守护安全"
[[placement]]
screens = ["*"]
items = ["*"]
""",
)


@pytest.mark.parametrize(
    ("title", "letters"),
    [
        ("文明城市", "wenmingchengshi"),
        ("3·15 国际消费者权益日", "315-guojixiaofeizhequanyiri"),
        ("Café", "cafe"),
        ("དབུས", ""),
        ("", ""),
    ],
)
def test_a_title_is_written_in_the_letters_of_an_id(title, letters):
    assert transliterate(title) == letters


@given(st.text(max_size=200), st.one_of(st.none(), st.dates()))
def test_every_title_has_an_id(empty_context, title, day):
    assert is_id(create_campaign_id(empty_context, title, day))


@pytest.fixture(scope="module")
def empty_context(tmp_path_factory):
    context = create_app_context(tmp_path_factory.mktemp("office"), ManualClock())
    yield context
    context.store.close()


def test_a_second_campaign_of_one_title_and_day_has_another_id(tmp_path):
    context = create_app_context(tmp_path, ManualClock())
    first = create_campaign_id(context, "文明城市", date(2021, 3, 15))
    assert first == "wenmingchengshi-2021-03-15"
    save_draft(context, LI, replace(CAMPAIGN, id=first), "", None)
    assert create_campaign_id(context, "文明城市", date(2021, 3, 15)) == "wenmingchengshi-2021-03-15-2"
    context.store.close()
