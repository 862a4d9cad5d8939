"""The first login by keyboard, in a real browser."""

from signage.services.users.first_run import create_first_links
from tests.support.console import PASSWORD
from tests.web.console.browser_session import BrowserSession, needs_browser, serve_in_browser


@needs_browser
def test_a_first_log_in_by_keyboard_alone(installation):
    address = create_first_links(installation.office)[0].path
    with serve_in_browser(installation) as (browser, port):
        one = BrowserSession(browser, installation, port, "phone")
        one.open(address)
        keyboard = one.page.keyboard
        keyboard.type(PASSWORD)
        keyboard.press("Tab")
        keyboard.type(PASSWORD)
        keyboard.press("Enter")
        one.page.wait_for_url("**/console/*")
        assert one.page.locator("html").get_attribute("lang") == "zh-CN"
        one.page.get_by_role("link", name="English").click()
        assert one.page.locator("html").get_attribute("lang") == "en"
        menu = one.page.get_by_role("button", name="Menu")
        assert menu.get_attribute("aria-expanded") == "false"
        menu.press("Enter")
        assert menu.get_attribute("aria-expanded") == "true"
        one.page.get_by_role("link", name="People").click()
        assert one.page.get_by_role("heading", level=1).text_content() == "People"
        assert one.complaints == []
