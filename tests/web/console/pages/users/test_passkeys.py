"""Passkeys in a real browser."""

from signage.model.users import SYSTEM_ACTOR
from signage.services.users import accounts as people
from signage.services.users import second_factors as factors
from tests.web.console.browser_session import BrowserSession, needs_browser, serve_in_browser


@needs_browser
def test_a_passkey_is_added_and_lets_in_without_a_password(installation):
    li = installation.create_user("li", "operator")
    with serve_in_browser(installation) as (browser, port):
        one = BrowserSession(browser, installation, port, language="en").log_in_as(li)
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
        assert [key.name for key in factors.get_second_factors(installation.office, "li").passkeys] == ["my phone"]
        one.page.get_by_role("button", name="Log out").click()
        one.page.wait_for_url("**/login*")
        one.page.get_by_role("button", name="With a passkey").click()
        one.page.get_by_role("link", name="li", exact=True).wait_for()
        people.disable_user(installation.office, SYSTEM_ACTOR, "li")
        one.open("/console/login")
        one.page.get_by_role("button", name="With a passkey").click()
        one.page.get_by_role("alert").wait_for()
