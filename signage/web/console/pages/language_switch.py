"""The language switch, and the redirect to the first page."""

from flask import Response, request

from signage.web.console.framework.errors import sanitize_next
from signage.web.console.framework.i18n import HTML_LANGUAGES, LANGUAGES
from signage.web.console.framework.navigation import MENU
from signage.web.console.framework.rendering import get_pages
from signage.web.console.framework.toolkit import PUBLIC, PageGroup, build_url, is_allowed, redirect_to_url
from signage.web.security import cookies_csrf

pages = PageGroup("language")
home = PageGroup("home")
_YEAR_S = 365 * 86_400


@pages.get("/language/<code>", PUBLIC)
def choose(code: str) -> Response:
    """Set the language of this browser."""
    language_code = next((language for language in LANGUAGES if code in (language, HTML_LANGUAGES[language])), None)
    next_url = request.args.get("next", "")
    login_url = (
        next_url
        if next_url.startswith(("/console/login", "/console/link/")) and "//" not in next_url and "\\" not in next_url
        else None
    )
    response = redirect_to_url(login_url or sanitize_next(next_url))
    if language_code is not None:
        cookies_csrf.set_cookie(response, cookies_csrf.LANGUAGE_COOKIE, language_code, https=False, max_age=_YEAR_S)
    return response


@home.get("/", "self.view")
def show() -> Response:
    """Redirect to the first menu page that the user may open."""
    table = get_pages()
    first = next((e for e in MENU if e.endpoint in table and is_allowed(table[e.endpoint].permission)), None)
    return redirect_to_url(build_url(first.endpoint if first else "account.show"))
