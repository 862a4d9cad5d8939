"""The campaign form and the campaign file, converted into each other."""

from dataclasses import replace
from datetime import datetime

import pytest
from werkzeug.datastructures import MultiDict

from signage.model.campaign_file.read import check_campaign_file, read_campaign
from signage.web.console.pages.campaigns import campaign_form as form
from tests.support.installation import ROOT

FULL = """
format = "signage.campaign/1"
id = "full"
title = "全"
theme = "主题"
unit = "bureau"
timezone = "Asia/Shanghai"
from = 2021-03-10T00:00:01
until = 2021-03-19T00:00:00+08:00
priority = -3
report_due = 2021-03-18T18:00:00
color = "#ff0000"
[[item]]
id = "a"
text = "第一行\\n第二行"
duration_s = 8.5
weight = 2
tags = ["theme", "law"]
from = 2021-03-12T00:00:00
source = "市局"
effect = "scroll"
px_per_s = 60
[daypart.night]
days = ["mon-fri", "2021-03-13/2021-03-14"]
except = ["holiday"]
from = 22:00:00
until = 06:00:00
[[placement]]
screens = ["kind:taxi-roof", "!tag:depot"]
items = ["a", "tag:theme"]
dayparts = ["night"]
share = 3
max_per_hour = 30
min_gap_s = 60
"""


def campaigns():
    yield read_campaign("", FULL)
    for path in sorted((ROOT / "playlists").glob("*.toml")):
        yield read_campaign(path.name, path.read_text("utf-8"))


def through_the_form(campaign):
    text = form.format_campaign_file(form.build_values(campaign), campaign.id)
    examined = check_campaign_file("", text)
    assert [fault for fault in examined.faults if fault.level == "error"] == []
    return examined.campaign


def test_a_campaign_comes_out_of_the_form_as_it_went_in():
    for campaign in campaigns():
        found = through_the_form(
            replace(
                campaign, items=tuple(replace(i, file=None, sha256="a" * 64) if i.file else i for i in campaign.items)
            )
        )
        expected = [replace(i, file=None, sha256="a" * 64) if i.file else i for i in campaign.items]
        assert list(found.items) == expected
        assert replace(found, items=()) == replace(campaign, items=())


def faults_at(values):
    examined = check_campaign_file("", form.format_campaign_file(values, "spring"))
    return {
        fault.location.key for fault in form.map_faults_to_fields(examined.faults, values) if fault.level == "error"
    }


def values(**more):
    found = form.build_new_values("Asia/Shanghai", None, datetime(2021, 3, 1), datetime(2021, 3, 8))  # noqa: DTZ001
    found["title"] = "春"
    found["item[1].text"] = "和谐社会"
    for name, value in more.items():
        found[name] = value
    return found


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("title", ""),
        ("from", "gestern"),
        ("priority", "hoch"),
        ("item[1].duration_s", "inf"),
        ("item[1].duration_s", "ten"),
        ("item[1].color", "red"),
        ("placement[1].screens", "kind taxi"),
        ("placement[1].items", "nothing-*"),
        ("placement[1].share", "0"),
    ],
)
def test_each_fault_comes_back_to_its_field(name, typed):
    assert faults_at(values()) == set()
    assert any(key == name or key.startswith(f"{name}[") for key in faults_at(values(**{name: typed})))


def test_a_dayparts_fault_comes_back_to_its_row():
    found = values()
    form.add_row(found, "daypart")
    found["daypart[1].days"] = "montag"
    assert "daypart[1].days" in faults_at(found)


def test_rows_come_go_and_move():
    found = values()
    form.add_texts(found, ["文明消费", "诚实守信"])
    assert [found[f"item[{n}].text"] for n in (1, 2, 3)] == ["和谐社会", "文明消费", "诚实守信"]
    form.move_row(found, "item", 3, -1)
    form.drop_row(found, "item", 1)
    assert [found[f"item[{n}].text"] for n in (1, 2)] == ["诚实守信", "文明消费"]
    assert form.count_rows(found, "item") == 2
    assert faults_at(found) == set()


def test_texts_take_the_place_of_an_empty_row():
    found: MultiDict[str, str] = values(**{"item[1].text": ""})
    form.add_texts(found, ["一", "二"])
    assert [found[f"item[{n}].text"] for n in (1, 2)] == ["一", "二"]
