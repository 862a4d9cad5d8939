"""The account page in a real browser."""

import pytest

from signage.model.users import SYSTEM_ACTOR
from signage.services.users import accounts as people
from tests.web.console.browser_session import SIZES, BrowserSession, needs_axe, needs_browser, serve_in_browser

PAGES = ("account", "account/totp", "users", "users/add", "users/li", "tokens", "tokens/add", "settings")


@needs_browser
def test_a_question_is_asked_before_what_cannot_be_undone(installation):
    admin = installation.create_user("root", "admin")
    installation.create_user("li", "operator")
    with serve_in_browser(installation) as (browser, port):
        one = BrowserSession(browser, installation, port, language="en").log_in_as(admin)
        one.open("/console/users/li")
        one.page.get_by_role("button", name="Disable").click()
        dialog = one.page.get_by_role("dialog")
        assert "li" in dialog.text_content()
        dialog.get_by_role("button", name="Cancel").click()
        assert people.find_account(installation.office, "li").disabled_at is None
        one.page.get_by_role("button", name="Disable").click()
        dialog.get_by_role("button", name="Disable").click()
        one.page.wait_for_url("**/users/li*")
        one.page.get_by_role("status").wait_for()
        assert people.find_account(installation.office, "li").disabled_at is not None
        assert one.complaints == []


@needs_browser
@needs_axe
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_ones_own_is_accessible_and_fits(installation, size, language):
    admin = installation.create_user("root", "admin")
    installation.create_user("li", "operator", unit="bureau")
    link = people.create_link(installation.office, SYSTEM_ACTOR, "li")
    with serve_in_browser(installation) as (browser, port):
        one = BrowserSession(browser, installation, port, size, language)
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
