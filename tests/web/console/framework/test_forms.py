"""Faults are shown by the labels of their fields."""

import pytest

from signage.faults import Fault, FaultLocation
from signage.messages import find_text
from signage.web.console.framework import forms
from signage.web.console.pages.campaigns.campaign_form import CAMPAIGN_FIELDS, PARTS, ROW_FIELDS


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_field_of_a_campaign_has_a_label(language):
    names = {*CAMPAIGN_FIELDS, *PARTS, *(name for part in PARTS for name in ROW_FIELDS[part])}
    assert {name for name in names if not find_text("label", name, language)} == set()


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("title", "标题"),
        ("item[2].duration_s", "条目 2 · 秒数"),
        ("daypart.evening.days", "时段 · 日期"),
        ("placement[1].screens[3]", "投放 1 · 屏 3"),
        ("", ""),
    ],
)
def test_a_place_is_told_by_labels(key, label):
    assert forms.format_location(Fault("error", "x", FaultLocation(key=key))) == label


def test_a_message_names_the_field_by_its_label():
    location = FaultLocation(key="item[2].duration_s")
    facts = {"name": "duration_s", "least": 1, "most": 9, "value": "x"}
    text = forms.format_message(Fault("error", "not-whole", location, facts))
    assert text.startswith("秒数 应为")
