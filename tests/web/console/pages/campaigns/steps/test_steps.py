"""A campaign in four steps, without a script in the browser."""

import re
from pathlib import Path

import pytest

from signage.model.users import SYSTEM_ACTOR
from signage.services.campaigns import board, queries
from signage.services.library import clip_uploads
from signage.services.screens import registry as screens
from tests.support.app_context import make_screen
from tests.support.console import InMemoryInstallation
from tests.web.media_server import create_film, create_picture

HEADINGS = {"content": "内容", "where": "在哪里", "when": "什么时候", "review": "确认"}


@pytest.fixture
def installation(tmp_path: Path):
    made = InMemoryInstallation(tmp_path)
    for screen in (make_screen("taxi-0001", groups=("north",)), make_screen("street-01", kind="street")):
        screens.create_screen(made.office, SYSTEM_ACTOR, screen)
    yield made
    made.close()


class Editor:
    """A browser without scripts that follows the steps of one campaign."""

    def __init__(self, user, path="/console/campaigns/-/new"):
        self.user, self.path = user, path
        self.page = user.get(path)

    @property
    def step(self):
        return re.search(r'data-steps="(\w+)"', self.page.text)[1]

    def press(self, do, **fields):
        revision = re.search(r'name="revision" value="(\d+)"', self.page.text)[1]
        action = re.search(r'action="([^"]+)" class="step-form"', self.page.text)[1]
        self.answer = self.user.post(action, step=self.step, revision=revision, do=do, **fields)
        if self.answer.status_code == 303:
            self.page = self.user.get(self.answer.headers["Location"])
        elif self.answer.content_type.startswith("text/html"):
            self.page = self.answer
        return self


def add_clip(installation, name, data):
    path = installation.root / name
    path.write_bytes(data)
    with path.open("rb") as stream:
        return clip_uploads.add_clip(installation.office, installation.library, SYSTEM_ACTOR, stream, name).sha256


def test_four_steps_lead_to_a_submitted_campaign(installation):
    li = installation.create_user("li", "operator")
    editor = Editor(li)
    for step, fields in {
        "content": {"title": "文明城市", "new_text": "守护安全\n文明消费"},
        "where": {"where_shown": "1", "where": "kind:taxi-roof"},
        "when": {"days_shown": "1", "day": "workday", "first_day": "2021-03-15", "last_day": "2021-03-19"},
    }.items():
        assert editor.step == step
        assert f'<h2 class="step-heading" id="h-step" tabindex="-1">{HEADINGS[step]}</h2>' in editor.page.text
        editor.press("next", **fields)
    assert editor.step == "review" and "提交审核" in editor.page.text
    editor.press("submit")
    assert editor.answer.headers["Location"] == (
        "/console/campaigns/wenmingchengshi-2021-03-15?done=campaign-submitted"
    )
    campaign = queries.get_version(installation.office, "wenmingchengshi-2021-03-15", 1).campaign
    assert [item.text for item in campaign.items] == ["守护安全", "文明消费"]
    assert campaign.placements[0].screens == ("kind:taxi-roof",)
    assert campaign.dayparts[0].days == ("workday",)
    assert (campaign.timezone, campaign.until.isoformat()) == ("Asia/Shanghai", "2021-03-20T00:00:00")
    assert "未完成" not in li.get("/console/campaigns").text


def test_what_is_missing_is_told_by_its_label_at_its_step(installation):
    editor = Editor(installation.create_user("li", "operator")).press("next", title="", new_text="守护安全")
    assert editor.answer.status_code == 422 and editor.step == "content"
    assert 'aria-invalid="true"' in editor.page.text and "守护安全" in editor.page.text
    editor.press("go-review")
    assert editor.step == "review" and "标题" in editor.page.text and "去修改：内容" in editor.page.text
    editor.press("submit")
    assert editor.answer.status_code == 422


def test_a_draft_that_is_not_complete_is_kept_and_found_in_the_list(installation):
    li = installation.create_user("li", "operator")
    Editor(li).press("save", title="半成品")
    page = li.get("/console/campaigns").text
    assert "半成品" in page and "/console/campaigns/-/unfinished/1" in page
    editor = Editor(li, "/console/campaigns/-/unfinished/1")
    assert 'value="半成品"' in editor.page.text
    editor.press("save", new_text="守护安全")
    assert editor.answer.headers["Location"].startswith("/console/campaigns/banchengpin-")


@pytest.mark.parametrize("door", ["steps", "full"])
def test_a_film_is_never_refused_for_seconds(installation, door):
    li = installation.create_user("li", "operator")
    film = add_clip(installation, "film.mp4", create_film(1, (200, 30, 20), (384, 128)))
    if door == "steps":
        editor = Editor(li).press("stay", title="片", clip=film, clip_shown=film)
        assert 'id="row-item-1"' in editor.page.text and "item[1].duration_s" not in editor.page.text
        editor.press("save", **{"item[1].duration_s": "8"})
        assert editor.answer.status_code == 303 and "campaign-saved" in editor.answer.headers["Location"]
        return
    page = li.get("/console/campaigns/-/new/full").text
    fields = dict(re.findall(r'<input id="[^"]+" name="([^"]+)" type="[^"]+" value="([^"]*)"', page))
    fields |= {"id": "film", "title": "片", "item[1].sha256": film, "item[1].duration_s": "8", "do": "save"}
    assert li.post("/console/campaigns/-/new/full", **fields).status_code == 303


def test_a_picture_has_its_seconds_without_a_word(installation):
    li = installation.create_user("li", "operator")
    picture = add_clip(installation, "picture.png", create_picture((200, 30, 20)))
    editor = Editor(li).press("save", title="图", clip=picture, clip_shown=picture)
    assert "campaign-saved" in editor.answer.headers["Location"]


def test_a_removed_item_is_restored(installation):
    editor = Editor(installation.create_user("li", "operator")).press("stay", title="春", new_text="一\n二\n三")
    editor.press("drop-item-2")
    assert "已删除：二" in editor.page.text
    editor.press("undo")
    assert re.findall(r"<textarea[^>]*item\[\d\][^>]*>(.)</textarea>", editor.page.text) == ["一", "二", "三"]


def test_the_later_of_two_pages_sees_both(installation):
    li = installation.create_user("li", "operator")
    Editor(li).press("save", title="半成品")
    first, second = (Editor(li, "/console/campaigns/-/unfinished/1") for _ in range(2))
    first.press("stay", title="先")
    second.press("stay", title="后")
    assert second.answer.status_code == 409
    assert "diff-theirs" in second.page.text and ">先<" in second.page.text and 'value="后"' in second.page.text
    second.press("stay", title="后")
    assert second.answer.status_code == 303 and 'value="后"' in second.page.text


def test_the_later_of_two_editors_of_a_draft_sees_both_and_saves_the_next_version(installation):
    li, sun = (installation.create_user(name, "operator") for name in ("li", "sun"))
    Editor(li).press("save", title="春季", new_text="守护安全")
    (entry,) = [row.id for row in board.list_campaigns(installation.office)]
    path = f"/console/campaigns/{entry}/edit"
    mine, theirs = Editor(li, path).press("stay"), Editor(sun, path).press("stay")
    theirs.press("save", title="对方的题目")
    mine.press("save", title="我的题目")
    assert mine.answer.status_code == 409 and ">对方的题目<" in mine.page.text and 'value="我的题目"' in mine.page.text
    mine.press("keep-2", title="我的题目")
    assert queries.get_version(installation.office, entry, 3).campaign.title == "我的题目"


def test_the_steps_change_only_what_they_show(installation):
    li = installation.create_user("li", "operator")
    fields = {
        "id": "full", "title": "全", "timezone": "Asia/Shanghai", "from": "2021-03-10T08:00",
        "until": "2021-03-19T00:00",
        "priority": "7", "item[1].id": "a", "item[1].text": "一", "item[1].weight": "3", "item[1].color": "#ff0000",
        "daypart[1].id": "night", "daypart[1].days": "mon-fri", "daypart[1].from": "22:00", "daypart[1].until": "06:00",
        "daypart[1].except": "2021-03-12", "placement[1].screens": "kind:taxi-* !tag:depot",
        "placement[1].items": "a", "placement[1].dayparts": "night", "placement[1].share": "4",
    }  # fmt: skip
    assert li.post("/console/campaigns/-/new/full", do="save", **fields).status_code == 303
    before = queries.get_version(installation.office, "full", 1).campaign
    editor = Editor(li, "/console/campaigns/full/edit")
    for step in HEADINGS:
        editor.press(f"go-{step}", where_shown="1", days_shown="1")
    editor.press("save", title="改")
    after = queries.get_version(installation.office, "full", 2).campaign
    assert after.title == "改" and (after.items, after.dayparts, after.placements) == (
        before.items,
        before.dayparts,
        before.placements,
    )


def test_autosaving_answers_with_the_next_revision_and_tells_who_is_late(installation):
    li = installation.create_user("li", "operator")
    editor = Editor(li).press("autosave", title="半成品")
    assert editor.answer.json == {"number": 1, "revision": 1}
    path = "/console/campaigns/-/unfinished/1"
    assert li.post(path, step="content", revision="1", do="autosave", title="改").json["revision"] == 2
    late = li.post(path, step="content", revision="1", do="autosave", title="晚")
    assert late.status_code == 409 and "另一个页面" in late.json["fault"]


def test_a_discarded_campaign_is_restored_from_the_list(installation):
    li = installation.create_user("li", "operator")
    Editor(li).press("save", title="半成品")
    li.post("/console/campaigns/-/unfinished/1/discard")
    page = li.get("/console/campaigns").text
    assert "已丢弃：半成品" in page
    answer = li.post("/console/campaigns/-/unfinished/1/restore")
    assert "半成品" in li.get(answer.headers["Location"]).text


def test_another_users_unfinished_campaign_is_not_shown(installation):
    Editor(installation.create_user("li", "operator")).press("save", title="半成品")
    assert installation.create_user("sun", "operator").get("/console/campaigns/-/unfinished/1").status_code == 404


@pytest.mark.parametrize("fields", [
    {"title": "长" * 5000}, {"item[1].text": "x", "item[1].duration_s": "ten"}, {"first_day": "x", "step": "when"},
    {"where": "kind:" + "x" * 5000, "where_shown": "1", "step": "where"}, {"order": "9" * 5000}, {"step": "no-such"},
    {"day": "x", "slot_from": "99:99", "slot_until": "", "days_shown": "1", "step": "when"}, {"priority": "many"},
    {"removed": "{"}, {"do": "drop-item-99999999999999999999"}, {"revision": "x"}, {"item[1].id": "ÄÖ"},
])  # fmt: skip
@pytest.mark.parametrize("do", ["next", "save", "submit", "autosave", "full"])
def test_no_input_breaks_a_step(installation, fields, do):
    li = installation.create_user("li", "operator")
    Editor(li).press("stay", title="春", new_text="一")
    sent = {"step": "content", "revision": "1", "do": do, **fields}
    answer = li.post("/console/campaigns/-/unfinished/1", **sent)
    assert answer.status_code in (200, 303, 409, 422)
    if answer.status_code == 303:
        assert li.get(answer.headers["Location"]).status_code == 200


def test_quick_publishing_submits_a_slogan_in_one_page(installation):
    li = installation.create_user("li", "operator")
    page = li.get("/console/campaigns/-/quick?text=守护安全").text
    assert "快速发布" in page and "守护安全" in page
    fields = {"new_text": "守护安全", "where_shown": "1", "where": "group:north", "first_day": "2021-03-15"}
    answer = li.post("/console/campaigns/-/quick", **fields, last_day="2021-03-16")
    assert answer.headers["Location"].startswith("/console/campaigns/shouhuanquan-2021-03-15")
    version = queries.get_version(installation.office, "shouhuanquan-2021-03-15", 1)
    assert (version.state, version.campaign.title) == ("submitted", "守护安全")


def test_quick_publishing_tells_what_is_missing_at_its_field(installation):
    li = installation.create_user("li", "operator")
    answer = li.post("/console/campaigns/-/quick", where_shown="1", first_day="", last_day="2021-03-16")
    assert answer.status_code == 422
    for field in ("new_text", "where", "first_day"):
        assert f'id="fault-{field.replace("_", "-")}"' in answer.text, field
