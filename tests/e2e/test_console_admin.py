"""An administrator's day on a phone: a person let in, a screen paired, many changed; an incident to its answer."""

import csv
import io
from pathlib import Path

import pytest
import requests

from tests.e2e.browser_installation import PASSWORD
from tests.support.installation import wait_until
from tests.web.browser import needs_browser

pytestmark = [needs_browser, pytest.mark.slow]


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def passing(page, selector: str) -> None:
    """Press, and wait for what is said after it."""
    with page.expect_navigation():
        page.click(selector)
    page.wait_for_selector("[data-passing]")
    assert fits(page)


def test_a_person_is_added_and_comes_in_by_the_link(desk):
    root = desk.log_in_new_user("root", "admin", phone=True, lang="en")
    root.goto("/console/users/add")
    root.fill("input[name=id]", "zhang-san")
    root.check("input[name=roles][value=operator]")
    root.click("main button.primary")
    link = root.inner_text("[data-copy] code")
    assert fits(root)
    context = desk.browser.new_context(base_url=desk.office.url)
    zhang = context.new_page()
    zhang.goto(link[link.index("/console") :])
    zhang.fill("input[name=password]", PASSWORD)
    zhang.fill("input[name=again]", PASSWORD)
    zhang.click("main button[type=submit]")
    zhang.wait_for_url("**/console/today")
    assert context.request.get("/console/campaigns/-/new").status == 200
    assert context.request.get("/console/users").status == 403
    again = desk.browser.new_context(base_url=desk.office.url).new_page()
    again.goto(link[link.index("/console") :])
    assert again.locator("input[name=again]").count() == 0, "the link is good once"


def test_a_screen_is_paired_and_many_are_changed_and_brought_in(desk, tmp_path):
    root = desk.log_in_new_user("root", "admin", phone=True, lang="en")
    asked = requests.post(
        desk.office.url + "/screen/v1/enrolments",
        json={"hardware": "led-card 7", "panel": {"width": 192, "height": 64}},
        timeout=10,
    )
    root.goto("/console/screens")
    root.get_by_role("link", name="Pair by code").click()
    root.fill("input[name=code]", asked.json()["code"].lower())
    root.click("main button.primary")
    root.wait_for_selector("input[name=id]")
    assert root.input_value("select[name=panel]") == "taxi-192x64" and fits(root)
    root.fill("input[name=id]", "taxi-0002")
    root.fill("input[name=kind]", "taxi-roof")
    passing(root, "main button.primary")
    given = requests.get(desk.office.url + asked.headers["Location"], timeout=10).json()
    wait_until(
        lambda: desk.office.get_playlist(given["token"]).status_code == 200, "the paired screen has its document"
    )

    root.goto("/console/screens")
    for name in ("taxi-0001", "taxi-0002"):
        root.check(f"input[name=screen][value={name}]")
    root.select_option("#bulk-what", "add_group")
    root.fill("#bulk-value", "north")
    passing(root, "fieldset.bulk button")
    told = exported(root)
    assert {row["id"] for row in told if row["groups"] == "north"} == {"taxi-0001", "taxi-0002"}

    for row in told:
        row["tags"] = "centre"
    bring(root, tmp_path / "屏.csv", told, "update")
    root.wait_for_selector("[data-passing]")
    assert {row["tags"] for row in exported(root)} == {"centre"}
    bring(root, tmp_path / "新.csv", [{**told[0], "id": f"new-{n}"} for n in (1, 2)], "new")
    assert root.input_value("#tokens").count("new-") == 2 and fits(root)
    bring(root, tmp_path / "again.csv", [{**told[0], "id": name} for name in ("new-3", "new-1")], "new")
    assert "new-1" in root.inner_text("[role=alert]"), "the row that is there already is named"
    assert "new-3" not in {row["id"] for row in exported(root)}, "nothing of a list with a fault is taken"


def exported(page) -> list[dict[str, str]]:
    """The spreadsheet of all screens."""
    page.goto("/console/screens")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export").click()
    return list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))


def bring(page, path: Path, rows: list[dict[str, str]], mode: str) -> None:
    """Send *rows* as a spreadsheet."""
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    page.goto("/console/screens/-/import")
    page.set_input_files("input[type=file]", str(path))
    page.check(f"input[name=mode][value={mode}]")
    with page.expect_navigation():
        page.click("main button.primary")


def test_an_incident_from_its_report_to_its_answer(desk):
    li, duty = desk.log_in_new_user("li", "operator"), desk.log_in_new_user("zhou", "duty", phone=True, lang="en")
    li.goto("/console/incidents/-/new")
    li.fill("textarea[name=what]", "车站广场大屏黑屏")
    li.fill("input[name=screen]", "street-01")
    passing(li, "main button.primary")
    duty.goto("/console/incidents")
    duty.click("main ul.rows a >> nth=0")
    duty.select_option("select[name=assigned]", "zhou")
    for note in ("已派人", "更换电源模块", "已恢复"):
        duty.fill("textarea[name=note]", note)
        passing(duty, "main button.primary")
    assert duty.locator("main button.primary").count() == 0
    told = duty.inner_text("main ol.rows")
    assert all(note in told for note in ("已派人", "更换电源模块", "已恢复"))
    duty.goto("/console/incidents")
    assert "车站广场大屏黑屏" not in duty.inner_text("main")
    duty.goto("/console/incidents?all=1")
    assert "车站广场大屏黑屏" in duty.inner_text("main")
