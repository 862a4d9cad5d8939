"""A day in the console, in a real browser: a campaign from a pasted list to the screen, a film, a night's takeover."""

import json
from pathlib import Path

import pytest

from tests.e2e.browser_installation import list_shown_texts
from tests.support.installation import ROOT, wait_until
from tests.web.browser import needs_browser

pytestmark = [needs_browser, pytest.mark.slow]
LIST = "1. 守护安全 畅通消费\n2、和谐社会 文明消费"


def make_campaign(page, title: str) -> None:
    """From the pasted list to a submission."""
    page.goto("/console/library/slogans/-/many")
    page.fill("textarea[name=list]", LIST)
    with page.expect_navigation():
        page.click("main form button.primary")
    page.click("main form button.primary >> nth=0")
    page.wait_for_selector("[data-passing]")
    page.goto("/console/campaigns/-/new/full")
    page.fill("input[name=id]", "spring")
    page.fill("input[name=title]", title)
    page.fill("input[name=from]", "2020-01-01T00:00")
    page.fill("input[name=until]", "2099-01-01T00:00")
    page.click("details:has(button[value=add-texts]) > summary")
    for box in page.query_selector_all("input[name=pick]"):
        box.check()
    page.click("button[value=add-texts]")
    page.wait_for_selector("#row-item-2")
    page.click("button[value=submit]")
    page.wait_for_selector("[data-passing]")


def approve(page) -> None:
    """Look at every item, then approve."""
    page.goto("/console/approvals/spring")
    button = page.locator("[data-approve-button]")
    assert button.is_disabled()
    for item in page.query_selector_all("[data-item]"):
        item.scroll_into_view_if_needed()
        page.wait_for_timeout(1500)
    wait_until(button.is_enabled, "every item was looked at")
    page.check("input[name=public_service]")
    button.click()
    page.wait_for_selector("[data-passing]")


def test_a_campaign_from_a_pasted_list_to_the_screen(desk):
    li, wu = desk.log_in_new_user("li", "operator"), desk.log_in_new_user("wu", "approver", lang="en")
    make_campaign(li, "春季消费维权")
    assert "守护安全 畅通消费" not in list_shown_texts(desk.office)
    assert li.goto("/console/approvals/spring").status == 200
    assert li.locator("[data-approve-button]").count() == 0
    approve(wu)
    wait_until(
        lambda: {"守护安全 畅通消费", "和谐社会 文明消费"} <= list_shown_texts(desk.office), "the screen shows it"
    )
    wu.goto("/console/today")
    wait_until(lambda: wu.inner_text("[data-screen=taxi-0001] [data-label]").strip(), "the wall names what shows")
    wu.goto("/console/screens/taxi-0001/why")
    assert "spring" in wu.inner_text("main")


def test_a_returned_campaign_comes_back_with_its_note(desk):
    li, wu = desk.log_in_new_user("li", "operator"), desk.log_in_new_user("wu", "approver")
    make_campaign(li, "春季消费维权")
    wu.goto("/console/approvals/spring")
    wu.fill("textarea[name=note]", "主题写错了")
    wu.click("form[action$='/return'] button")
    wu.wait_for_selector("[data-passing]")
    li.goto("/console/today")
    assert "春季消费维权" in li.inner_text("main")
    li.goto("/console/campaigns/spring")
    assert "主题写错了" in li.inner_text("main")


def test_a_film_is_uploaded_and_made(desk):
    li = desk.log_in_new_user("li", "operator")
    li.goto("/console/library/clips")
    li.set_input_files("input[type=file]", str(ROOT / "assets" / "12315.mp4"))
    li.wait_for_selector(".upload.good", timeout=60_000)
    li.click(".upload.good a")
    assert "12315.mp4" in li.inner_text("h1")


def test_what_is_no_clip_is_refused_with_its_cause(desk, tmp_path: Path):
    (tmp_path / "不是片子.mp4").write_bytes(b"hello" * 100)
    li = desk.log_in_new_user("li", "operator")
    li.goto("/console/library/clips")
    li.set_input_files("input[type=file]", str(tmp_path / "不是片子.mp4"))
    li.wait_for_selector(".upload.bad", timeout=60_000)
    assert "不是片子.mp4" in li.inner_text(".upload.bad")
    assert len(li.inner_text(".upload.bad .upload-state")) > 5


def test_a_takeover_from_a_phone_at_night(desk):
    duty = desk.log_in_new_user("zhou", "duty", phone=True)
    duty.goto("/console/takeover")
    duty.fill("textarea[name=text]", "台风红色预警 请勿外出")
    duty.click("[data-word='*']")
    wait_until(lambda: "2" in duty.inner_text("[data-reached]"), "the reach is told")
    duty.fill("input[name=why]", "气象台通知")
    duty.click(".takeover button.stop")
    duty.wait_for_selector(".confirm")
    assert duty.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    duty.click(".confirm button.stop")
    duty.wait_for_selector("[data-receipt]")
    wait_until(lambda: "台风红色预警 请勿外出" in list_shown_texts(desk.office), "the screen has it")
    wait_until(
        lambda: desk.office.get_playlist(desk.office.token).ok and duty.inner_text("[data-fetched]") == "1", "it lands"
    )
    duty.click("button.stop.large")
    duty.click("dialog[open] button.danger")
    wait_until(lambda: "台风红色预警 请勿外出" not in list_shown_texts(desk.office), "the takeover is over")


def test_the_later_of_two_editors_sees_both(desk):
    li, sun = desk.log_in_new_user("li", "operator"), desk.log_in_new_user("sun", "operator", lang="en")
    make_campaign(li, "春季消费维权")
    li.click("form[action$='/withdraw'] button")
    with li.expect_navigation():  # the page before it has a notice too
        li.click("dialog[open] button.danger")
    li.wait_for_selector("[data-passing]")
    for page in (li, sun):
        page.goto("/console/campaigns/spring/edit/full")
    li.fill("input[name=title]", "第一位的题目")
    li.click("button[value=save] >> nth=-1")
    li.wait_for_selector("[data-passing]")
    sun.fill("input[name=title]", "第二位的题目")
    sun.click("button[value=save] >> nth=-1")
    sun.wait_for_selector(".diff")
    assert "第一位的题目" in sun.inner_text(".diff")
    assert sun.input_value("input[name=title]") == "第二位的题目"
    sun.click("button[name=based_on]")
    sun.wait_for_selector("[data-passing]")
    assert "第二位的题目" in sun.inner_text("h1")


def test_faults_come_back_at_their_fields_and_nothing_typed_is_lost(desk):
    li = desk.log_in_new_user("li", "operator", lang="en")
    li.goto("/console/campaigns/-/new/full")
    li.fill("input[name=id]", "spring")
    li.fill("input[name=title]", "Spring")
    li.fill("textarea[name='item[1].text']", "和谐社会")
    li.fill("input[name='item[1].duration_s']", "ten")
    li.fill("input[name='placement[1].items']", "nothing-*")
    li.click("button[value=save] >> nth=-1")
    li.wait_for_selector("#field-item-1--duration-s[aria-invalid]")
    assert li.input_value("input[name='item[1].duration_s']") == "ten"
    assert li.get_attribute("input[name='placement[1].items']", "aria-invalid") == "true"
    assert json.dumps(li.input_value("textarea[name='item[1].text']")) == json.dumps("和谐社会")
