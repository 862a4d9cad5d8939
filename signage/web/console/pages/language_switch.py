"""The switch of the language, and the way to the first page."""

from flask import Response, request

from signage.web.console.framework.errors import sanitize_next
from signage.web.console.framework.i18n import HTML_LANGUAGES, LANGUAGES
from signage.web.console.framework.navigation import MENU
from signage.web.console.framework.rendering import get_pages as all_pages
from signage.web.console.framework.toolkit import PUBLIC, PageGroup, build_url, is_allowed, redirect_to_url
from signage.web.security import cookies_csrf as browser

pages = PageGroup("language")
home = PageGroup("home")
_YEAR_S = 365 * 86_400


@pages.get("/language/<code>", PUBLIC)
def choose(code: str) -> Response:
    """Speak another language from now on, in this browser."""
    chosen = next((one for one in LANGUAGES if code in (one, HTML_LANGUAGES[one])), None)
    to = request.args.get("next", "")
    back = to if to.startswith(("/console/login", "/console/link/")) and "//" not in to and "\\" not in to else None
    response = redirect_to_url(back or sanitize_next(to))
    if chosen is not None:
        browser.set_cookie(response, browser.LANGUAGE_COOKIE, chosen, https=False, max_age=_YEAR_S)
    return response


@home.get("/", "self.view")
def show() -> Response:
    """The first page of the menu that is the person's."""
    table = all_pages()
    first = next((e for e in MENU if e.endpoint in table and is_allowed(table[e.endpoint].permission)), None)
    return redirect_to_url(build_url(first.endpoint if first else "account.show"))
