"""The desk in lines and in cards: the same as one by one, with as many questions for a hundred as for one."""

from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event

from signage.model.campaign import Campaign, Placement
from signage.model.campaign_file.write import format_campaign_file
from signage.model.item import Item
from signage.model.users import Actor
from signage.services.campaigns import approval as approvals
from signage.services.campaigns import board as desk
from signage.services.campaigns import drafts as campaign_drafts
from signage.services.takeovers.takeovers import list_available_items
from signage.store.campaigns import approval_decisions, campaigns
from tests.support.app_context import create_app_context
from tests.support.clocks import ManualClock, parse_instant
from tests.support.console import InMemoryInstallation

LI = Actor("li", frozenset({"operator", "approver"}), channel="console")
WU = Actor("wu", frozenset({"approver"}), channel="console")


def campaign(name, title="春季", begin="2021-03-10T00:00:00+08:00", **more):
    items = (Item("s1", text="和谐社会"), Item("s2", text=f"文明 {name}"))
    end = parse_instant("2021-03-19T00:00:00+08:00")
    return Campaign(
        name, title, "Asia/Shanghai", parse_instant(begin), end, items, (Placement(("*",), ("*",)),), **more
    )


def put(office, one, state, who="li"):
    with office.store.write() as connection:
        number = campaigns.create_version(
            connection, one, format_campaign_file(one), "console", state, office.clock.now(), who
        )
        if state == "approved":
            campaigns.set_version_state(connection, one.id, number, "approved", office.clock.now())


def submit(office, one, who=LI):
    number = campaign_drafts.save_draft(office, who, one, format_campaign_file(one), None)
    campaign_drafts.submit_draft(office, who, one.id, number, campaigns.compute_version_hash(one))


@pytest.fixture
def office(tmp_path):
    made = create_app_context(tmp_path, ManualClock("2021-03-12T08:00:00+08:00"))
    put(made, campaign("live"), "approved")
    put(made, campaign("next", begin="2021-03-15T00:00:00+08:00"), "approved")
    put(made, campaign("past", unit="文明办"), "approved")
    with made.store.write() as connection:
        campaigns.set_campaign_status(connection, "past", "ended", made.clock.now())
    put(made, campaign("draft"), "draft")
    put(made, campaign("back"), "returned")
    submit(made, campaign("wait"))
    yield made
    made.store.close()


@contextmanager
def statements(office):
    told = []
    engine = office.store.engine if hasattr(office.store, "engine") else office.store._engine

    def note(connection, cursor, statement, *_):
        told.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield told
    event.remove(engine, "before_cursor_execute", note)


def test_every_campaign_stands_where_its_card_says(office):
    lines = desk.list_campaigns(office)
    assert {line.id: line.stage for line in lines} == {
        "live": "live",
        "next": "approved",
        "past": "ended",
        "draft": "draft",
        "back": "returned",
        "wait": "review",
    }
    for actor in (LI, WU):
        assert desk.list_campaign_overviews(office, actor, lines) == [
            approvals.get_campaign_overview(office, actor, line.id) for line in lines
        ]
    assert [line.id for line in desk.list_campaigns(office, "文明办")] == ["past"]


def test_what_waits_for_me_is_not_my_own_nor_what_i_approved(office):
    lines = desk.list_campaigns(office)
    assert [line.id for line in desk.filter_reviewable(office, WU, lines)] == ["wait"]
    assert desk.filter_reviewable(office, LI, lines) == []
    with office.store.write() as connection:
        approval_decisions.record_decision(connection, "wait", 1, "wu", "approved", office.clock.now())
    assert desk.filter_reviewable(office, WU, lines) == []


def test_a_newer_version_is_read_anew(office):
    put(office, replace(campaign("live"), title="夏季"), "draft")
    [line] = [line for line in desk.list_campaigns(office) if line.id == "live"]
    assert (line.summary.title, line.stage, line.row.approved_version) == ("夏季", "draft", 1)


def test_there_is_no_question_for_each_card(office):
    desk.list_campaign_overviews(office, WU, desk.list_campaigns(office))
    with statements(office) as few:
        desk.list_campaign_overviews(office, WU, desk.list_campaigns(office))
    for number in range(40):
        submit(office, campaign(f"more-{number}"))
    desk.list_campaigns(office)
    with statements(office) as many:
        desk.list_campaign_overviews(office, WU, desk.list_campaigns(office))
    assert len(many) == len(few)


def test_a_takeover_chooses_from_what_may_show_now_and_searches_it(office):
    assert [name for name, _ in list_available_items(office)] == ["live/s1", "live/s2"]
    assert [name for name, _ in list_available_items(office, "LIVE/s2")] == ["live/s2"]
    assert [name for name, _ in list_available_items(office, "和谐")] == ["live/s1"]
    assert list_available_items(office, "100%") == [] and len(list_available_items(office, limit=1)) == 1


def test_a_full_desk_comes_in_pages(tmp_path):
    house = InMemoryInstallation(tmp_path)
    boss = house.create_user("boss", "operator", "approver", "admin", "duty")
    for number in range(60):
        submit(house.office, campaign(f"w{number:02}", title=f"第{number}次"))
    page = boss.get("/console/approvals").text
    assert page.count('<li class="card">') == 12 and "column=review" in page
    first = boss.get("/console/approvals?column=review").text
    assert first.count('<li class="card">') == 50 and "cursor=50" in first
    rest = boss.get("/console/approvals?column=review&cursor=50").text
    assert rest.count('<li class="card">') == 10 and "cursor=" not in rest.replace("cursor=50", "")
    assert boss.get("/console/approvals?column=nothing&cursor=x").status_code == 200
    today = boss.get("/console/today").text
    assert "60" in today and today.count("/console/approvals/w") == 8
    house.close()


def test_the_search_of_the_takeover_page_keeps_what_was_typed(tmp_path):
    house = InMemoryInstallation(tmp_path)
    duty = house.create_user("duty", "duty", "operator")
    begin, end = house.clock.now().replace(year=2020), house.clock.now().replace(year=2022)
    put(house.office, replace(campaign("live"), from_=begin, until=end), "approved")
    found = duty.post("/console/takeover/find", what="item", search="文明", why="storm", item="live/s1").text
    assert "storm" in found and 'value="live/s2"' in found and 'value="live/s1"' in found
    house.close()
