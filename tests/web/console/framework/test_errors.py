"""Every console address answers wrong methods and over-long input with a page in the reader's language."""

import re

import pytest
from werkzeug.test import Client, TestResponse

from signage.model.permissions import PERMISSIONS
from signage.model.users import ROLES, SYSTEM_ACTOR
from signage.services.users import accounts
from signage.web.console.routes import PAGES
from signage.web.request_guard import PUBLIC, SECOND_FACTOR_PENDING
from tests.support.console import ConsoleUser, InMemoryInstallation

CONSOLE_PAGES = [page for group in PAGES for page in group.pages]
LONG_ID = "x" * 3000
LONG_VALUES = (LONG_ID, "9" * 3000, "\x00", "长" * 1000)
LANGUAGES = {"zh": ("zh-CN", "首页"), "en": ("en", "Go to home page")}
ANSWERED_STATUSES = {200, 303, 400, 403, 404, 405, 409, 422, 429}
FIELD_NAMES = (
    *("id", "name", "text", "what", "screens", "screen", "who", "verb", "object", "search"),
    *("heard", "group", "tag", "kind", "unit", "panel", "panels", "title", "theme", "reason"),
    *("why", "note", "step", "assigned", "contact", "item", "result", "list", "paste", "pick"),
    *("words", "code", "credential", "scope", "roles", "user", "password", "again", "old", "old_totp"),
    *("secret", "next", "value", "timezone", "position", "hours", "brightness", "default", "groups", "tags"),
    *("source", "rights", "do", "mode", "version", "meaning", "seal", "based_on", "minutes", "until"),
    *("from", "at", "day", "cursor", "column", "lang", "ids", "duration_s", "effect", "color"),
    *("size_px", "days"),
)


@pytest.fixture(scope="module")
def users(tmp_path_factory):
    """One user of each role that opens pages."""
    installation = InMemoryInstallation(tmp_path_factory.mktemp("installation"))
    for role in ROLES:
        accounts.create_user(installation.office, SYSTEM_ACTOR, f"p-{role}", [role])
    yield {role: ConsoleUser(installation, f"p-{role}") for role in ROLES}
    installation.close()


def fill_path(path: str, value: str) -> str:
    return re.sub(r"<(?:\w+:)?\w+>", value, re.sub(r"<int:\w+>", "9" * len(value), path))


def assert_is_page(response: TestResponse, language: str, status: int) -> None:
    code, text = LANGUAGES[language]
    assert response.status_code == status, response.text[:500]
    assert response.content_type == "text/html; charset=utf-8"
    assert f'<html lang="{code}">' in response.text
    assert text in response.text
    assert "Content-Security-Policy" in response.headers


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", sorted({page.path for page in CONSOLE_PAGES}))
def test_a_wrong_method_gets_a_page(users, path, language):
    browser = users["admin"].browser
    browser.set_cookie("signage_language", language)
    flask = users["admin"].installation.app._rest
    allowed_methods = set(flask.url_map.bind("localhost").allowed_methods(fill_path(path, "1")))
    for method in {"GET", "POST", "PUT", "DELETE", "PATCH"} - allowed_methods:
        response = browser.open(fill_path(path, "1"), method=method)
        assert_is_page(response, language, 405)
        assert set(response.headers["Allow"].split(", ")) == allowed_methods


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_address_gets_a_page_with_and_without_a_login(users, method, language):
    for browser in (users["admin"].browser, Client(users["admin"].installation.app)):
        browser.set_cookie("signage_language", language)
        assert_is_page(browser.open("/console/nothing/here", method=method), language, 404)


@pytest.mark.parametrize("page", CONSOLE_PAGES, ids=lambda page: f"{page.method} {page.path}")
def test_a_path_value_of_3000_characters_is_an_unknown_address(users, page):
    if "<" not in page.path or page.endpoint.startswith(("login.", "language.")):
        return
    for user in (users["admin"], users["operator"]):
        response = user.browser.open(
            fill_path(page.path, LONG_ID),
            method=page.method,
            data={"csrf_token": user.csrf} if page.is_change else None,
        )
        assert response.status_code in (403, 404), (page.path, response.text[:500])
        assert "<!doctype html>" in response.text


@pytest.mark.parametrize("page", CONSOLE_PAGES, ids=lambda page: f"{page.method} {page.path}")
def test_over_long_fields_never_fail(users, page):
    if page.endpoint in ("login.log_out", "account.end_others", "account.change_password", "account.remove_totp"):
        return
    roles = ROLES if page.permission in (PUBLIC, SECOND_FACTOR_PENDING) else PERMISSIONS[page.permission]
    user = users[next(role for role in ROLES if role in roles)]
    for value in LONG_VALUES:
        fields = dict.fromkeys(FIELD_NAMES, value)
        if page.is_change:
            response = user.browser.post(fill_path(page.path, "1"), data={**fields, "csrf_token": user.csrf})
        else:
            response = user.browser.get(fill_path(page.path, "1"), query_string=fields)
        assert response.status_code in ANSWERED_STATUSES, (page.path, response.status_code, response.text[:800])
