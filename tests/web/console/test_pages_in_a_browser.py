"""One's own pages in a real browser: a first log-in by keyboard, a passkey, every page in both languages and sizes."""

import pytest

from signage.model.users import SYSTEM_ACTOR
from signage.services.users import accounts as people
from signage.services.users import second_factors as factors
from tests.support.console import PASSWORD
from tests.web.console.browser_session import SIZES, BrowserSession, needs_axe, needs_browser, serve_in_browser

PAGES = ("account", "account/totp", "users", "users/add", "users/li", "tokens", "tokens/add", "settings")


@needs_browser
def test_a_first_log_in_by_keyboard_alone(house):
    address = people.get_first_admin_link(house.office)
    with serve_in_browser(house) as (browser, port):
        one = BrowserSession(browser, house, port, "phone")
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


@needs_browser
def test_a_question_is_asked_before_what_cannot_be_undone(house):
    admin = house.create_user("root", "admin")
    house.create_user("li", "operator")
    with serve_in_browser(house) as (browser, port):
        one = BrowserSession(browser, house, port, language="en").log_in_as(admin)
        one.open("/console/users/li")
        one.page.get_by_role("button", name="Disable").click()
        dialog = one.page.get_by_role("dialog")
        assert "li" in dialog.text_content()
        dialog.get_by_role("button", name="Cancel").click()
        assert people.find_account(house.office, "li").disabled_at is None
        one.page.get_by_role("button", name="Disable").click()
        dialog.get_by_role("button", name="Disable").click()
        one.page.wait_for_url("**/users/li*")
        one.page.get_by_role("status").wait_for()
        assert people.find_account(house.office, "li").disabled_at is not None
        assert one.complaints == []


@needs_browser
def test_a_passkey_is_added_and_lets_in_without_a_password(house):
    li = house.create_user("li", "operator")
    with serve_in_browser(house) as (browser, port):
        one = BrowserSession(browser, house, port, language="en").log_in_as(li)
        device = one.context.new_cdp_session(one.page)
        device.send("WebAuthn.enable")
        facts = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        device.send(
            "WebAuthn.addVirtualAuthenticator",
            {"options": {**facts, "isUserVerified": True, "automaticPresenceSimulation": True}},
        )
        one.open("/console/account")
        one.page.get_by_label("Name of the passkey").fill("my phone")
        one.page.get_by_role("button", name="Add a passkey").click()
        one.page.get_by_role("status").wait_for()
        assert [key.name for key in factors.get_second_factors(house.office, "li").passkeys] == ["my phone"]
        one.page.get_by_role("button", name="Log out").click()
        one.page.wait_for_url("**/login*")
        one.page.get_by_role("button", name="With a passkey").click()
        one.page.get_by_role("link", name="li", exact=True).wait_for()
        people.disable_user(house.office, SYSTEM_ACTOR, "li")
        one.open("/console/login")
        one.page.get_by_role("button", name="With a passkey").click()
        one.page.get_by_role("alert").wait_for()


@needs_browser
@needs_axe
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_ones_own_is_accessible_and_fits(house, size, language):
    admin = house.create_user("root", "admin")
    house.create_user("li", "operator", unit="bureau")
    link = people.create_link(house.office, SYSTEM_ACTOR, "li")
    with serve_in_browser(house) as (browser, port):
        one = BrowserSession(browser, house, port, size, language)
        for path in ("login", f"link/{link}"):
            one.open(f"/console/{path}")
            assert one.list_violations() == [], path
        one.log_in_as(admin)
        for path in PAGES:
            one.open(f"/console/{path}")
            assert one.list_violations() == [], path
            wide = one.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, (path, wide)
        assert one.complaints == []
