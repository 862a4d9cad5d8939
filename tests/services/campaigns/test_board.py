"""The campaign board: entries and overviews agree, and the number of queries does not grow."""

from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event

from signage.model.campaign import Campaign, Placement
from signage.model.campaign_file.write import format_campaign_file
from signage.model.item import Item
from signage.model.users import Actor
from signage.services.campaigns import approval, board, drafts
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


def put(context, one, state, who="li"):
    with context.store.write() as connection:
        number = campaigns.create_version(
            connection, one, format_campaign_file(one), "console", state, context.clock.now(), who
        )
        if state == "approved":
            campaigns.set_version_state(connection, one.id, number, "approved", context.clock.now())


def submit(context, one, who=LI):
    number = drafts.save_draft(context, who, one, format_campaign_file(one), None)
    drafts.submit_draft(context, who, one.id, number, campaigns.compute_version_hash(one))


@pytest.fixture
def context(tmp_path):
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
def statements(context):
    told = []
    engine = context.store.engine if hasattr(context.store, "engine") else context.store._engine

    def note(connection, cursor, statement, *_):
        told.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield told
    event.remove(engine, "before_cursor_execute", note)


def test_every_campaign_is_listed_with_the_stage_of_its_overview(context):
    lines = board.list_campaigns(context)
    assert {line.id: line.stage for line in lines} == {
        "live": "live",
        "next": "approved",
        "past": "ended",
        "draft": "draft",
        "back": "returned",
        "wait": "review",
    }
    for actor in (LI, WU):
        assert board.list_campaign_overviews(context, actor, lines) == [
            approval.get_campaign_overview(context, actor, line.id) for line in lines
        ]
    assert [line.id for line in board.list_campaigns(context, "文明办")] == ["past"]


def test_reviewable_campaigns_are_neither_my_own_nor_approved_by_me(context):
    lines = board.list_campaigns(context)
    assert [line.id for line in board.filter_reviewable(context, WU, lines)] == ["wait"]
    assert board.filter_reviewable(context, LI, lines) == []
    with context.store.write() as connection:
        approval_decisions.record_decision(connection, "wait", 1, "wu", "approved", context.clock.now())
    assert board.filter_reviewable(context, WU, lines) == []


def test_a_newer_version_is_read_anew(context):
    put(context, replace(campaign("live"), title="夏季"), "draft")
    [line] = [line for line in board.list_campaigns(context) if line.id == "live"]
    assert (line.summary.title, line.stage, line.row.approved_version) == ("夏季", "draft", 1)


def test_the_number_of_queries_does_not_grow_with_the_number_of_campaigns(context):
    board.list_campaign_overviews(context, WU, board.list_campaigns(context))
    with statements(context) as few:
        board.list_campaign_overviews(context, WU, board.list_campaigns(context))
    for number in range(40):
        submit(context, campaign(f"more-{number}"))
    board.list_campaigns(context)
    with statements(context) as many:
        board.list_campaign_overviews(context, WU, board.list_campaigns(context))
    assert len(many) == len(few)


def test_a_takeover_chooses_from_what_may_show_now_and_searches_it(context):
    assert [name for name, _ in list_available_items(context)] == ["live/s1", "live/s2"]
    assert [name for name, _ in list_available_items(context, "LIVE/s2")] == ["live/s2"]
    assert [name for name, _ in list_available_items(context, "和谐")] == ["live/s1"]
    assert list_available_items(context, "100%") == [] and len(list_available_items(context, limit=1)) == 1


def test_a_full_board_comes_in_pages(tmp_path):
    installation = InMemoryInstallation(tmp_path)
    admin = installation.create_user("boss", "operator", "approver", "admin", "duty")
    for number in range(60):
        submit(installation.office, campaign(f"w{number:02}", title=f"第{number}次"))
    page = admin.get("/console/approvals").text
    assert page.count('<li class="card">') == 12 and "column=review" in page
    first = admin.get("/console/approvals?column=review").text
    assert first.count('<li class="card">') == 50 and "cursor=50" in first
    rest = admin.get("/console/approvals?column=review&cursor=50").text
    assert rest.count('<li class="card">') == 10 and "cursor=" not in rest.replace("cursor=50", "")
    assert admin.get("/console/approvals?column=nothing&cursor=x").status_code == 200
    today = admin.get("/console/today").text
    assert "60" in today and today.count("/console/approvals/w") == 8
    installation.close()


def test_the_search_of_the_takeover_page_keeps_what_was_typed(tmp_path):
    installation = InMemoryInstallation(tmp_path)
    duty = installation.create_user("duty", "duty", "operator")
    begin, end = installation.clock.now().replace(year=2020), installation.clock.now().replace(year=2022)
    put(installation.office, replace(campaign("live"), from_=begin, until=end), "approved")
    found = duty.post("/console/takeover/find", what="item", search="文明", why="storm", item="live/s1").text
    assert "storm" in found and 'value="live/s2"' in found and 'value="live/s1"' in found
    installation.close()
