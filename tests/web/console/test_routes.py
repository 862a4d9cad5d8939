"""Every page of the console with something on it, in both languages and sizes: accessible, calm, no wider than it."""

import re
from collections.abc import Iterator

import pytest

from signage.web.console.pages.campaigns.steps.editor_state import STEPS
from signage.web.console.routes import PAGES
from tests.support.populated_installation import SKIPPED_ENDPOINTS, STREET, PopulatedInstallation, list_page_paths
from tests.web.console.browser_session import SIZES, BrowserSession, needs_axe, needs_browser, serve_in_browser

FORMS = {
    "takeover": {"text": "停水通知 请提前储水", "screens": "*", "why": "自来水公司通知"},
    "screens/-/pair": {"code": "CODE"},
    "screens/-/new": {"id": "strip-{language}", "kind": "strip"},
    "library/slogans/-/many": {"list": "1. 和谐社会 文明消费\n2. " + "长" * 600},
    "users/add": {"id": "sun-{language}"},
    "tokens/add": {"name": "{language}"},
    "campaigns/-/quick": {"new_text": ""},
    "campaigns/-/new/full": {"id": "faulty", "title": "x", "placement[1].items": "nothing-*"},
    "incidents/-/new": {"what": "黑屏", "screen": "no-such-screen"},
}
"""Forms whose answer is a page of its own: a question, a secret, what is wrong with them."""
PARTS = 4


@pytest.fixture(scope="module")
def populated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PopulatedInstallation]:
    made = PopulatedInstallation(tmp_path_factory.mktemp("office"))
    yield made
    made.close()


def test_what_is_no_page_is_in_the_table():
    endpoints = {page.endpoint for subject in PAGES for page in subject.pages if page.method == "GET"}
    assert endpoints >= SKIPPED_ENDPOINTS


def faults(one: BrowserSession, size: str) -> list[str]:
    """What is wrong with the page that is open, looked at in a window of that width and as high as the page."""
    one.page.set_viewport_size({**SIZES[size], "height": 5000})
    wide = one.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [*one.list_violations(), *([f"{wide} px too wide"] if wide > 0 else [])]


@needs_browser
@needs_axe
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_accessible_and_fits(populated, language, part):
    wrong: dict[str, list[str]] = {}
    with serve_in_browser(populated.installation) as (browser, port):
        one = BrowserSession(browser, populated.installation, port, "phone", language).log_in_as(populated.boss)
        steps = [f"campaigns/-/unfinished/{populated.autosave}?step={step}" for step in STEPS]
        for path in [*list_page_paths(populated), *steps][part::PARTS]:
            assert one.open(f"/console/{path}").status == 200, path
            wrong[path] = [f"{size}: {fault}" for size in SIZES for fault in faults(one, size)] + one.complaints
            one.complaints.clear()
    assert {path: found for path, found in wrong.items() if found} == {}


@needs_browser
@needs_axe
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_answers_a_form_is_accessible_and_fits(populated, language):
    with serve_in_browser(populated.installation) as (browser, port):
        one = BrowserSession(browser, populated.installation, port, "phone", language).log_in_as(populated.boss)
        for path, fields in FORMS.items():
            one.open(f"/console/{path}")
            for name, value in fields.items():
                typed = value.replace("CODE", populated.code).replace("{language}", language)
                one.page.locator(f"main [name='{name}']").first.fill(typed)
            with one.page.expect_navigation():
                one.page.locator("main form[method=post]").locator("button.primary, .go button").last.click()
            assert [fault for size in SIZES for fault in faults(one, size)] == [], path
        assert [said for said in one.complaints if not re.search("status of (404|422)", said)] == []


@needs_browser
def test_a_moment_with_an_offset_comes_through_the_editor(populated):
    with serve_in_browser(populated.installation) as (browser, port):
        one = BrowserSession(browser, populated.installation, port).log_in_as(populated.boss)
        one.open("/console/campaigns/draft/edit/full")
        assert one.page.locator("[name=from]").first.input_value() == "2021-03-13T00:00:10+00:00"
        assert one.page.locator("[name=until]").first.input_value() == "2021-03-22T00:00:10+00:00"


@needs_browser
def test_a_receipt_that_is_asked_again_leads_to_the_screens_and_says_when_all_show_it(populated):
    told = {"running": True, "shown": 3, "fetched": 0, "silent": 1, "missing": [[STREET, "silent"]]}
    with serve_in_browser(populated.installation) as (browser, port):
        one = BrowserSession(browser, populated.installation, port, language="en").log_in_as(populated.boss)
        one.page.route("**/receipt.json", lambda route: route.fulfill(json=told))
        one.open(f"/console/takeover/{populated.takeover}")
        one.page.get_by_text("3", exact=True).wait_for()
        missing = one.page.locator("[data-missing] a")
        assert (missing.count(), missing.get_attribute("href")) == (1, f"/console/screens/{STREET}")
        told |= {"shown": 4, "silent": 0, "missing": []}
        one.page.get_by_text("All screens show it.").wait_for()


@needs_browser
def test_a_report_is_offered_in_the_readers_language(populated):
    with serve_in_browser(populated.installation) as (browser, port):
        for language in ("zh", "en"):
            one = BrowserSession(browser, populated.installation, port, language=language).log_in_as(populated.boss)
            one.open("/console/campaigns/running/report")
            assert one.page.input_value("select[name=lang]") == language


@needs_browser
def test_a_report_comes_into_its_page_when_it_is_counted(populated):
    with serve_in_browser(populated.installation) as (browser, port):
        one = BrowserSession(browser, populated.installation, port, language="en").log_in_as(populated.boss)
        one.open("/console/campaigns/running/report/page")
        one.page.wait_for_selector("article.report table[data-table=items] tbody tr")
        assert one.page.locator("[data-report]").count() == 0 and one.complaints == []
        one.page.route("**/report/whole", lambda route: route.abort())
        one.page.reload()
        one.page.wait_for_selector("text=The report could not be loaded.")
        assert one.page.locator("[data-report] progress").is_hidden()
