"""The secrets in the browser's cookies during one request, and the CSRF token made of them (``cookies_csrf``).

1. The CSRF secret is the session's cookie; before a login a guest cookie, created with the first form.
2. The browser secret outlasts sessions: it marks a form as belonging to a user in this browser.
3. New secrets are stored in ``flask.g`` until the response sets their cookies (``set_new_cookies``).
"""

from flask import Response, g, request

from signage.services.users.sessions import UserSession
from signage.web.request_context import get_session, is_https
from signage.web.security import cookies_csrf


def get_csrf_secret() -> str | None:
    """Return the secret of the session's cookie, else of the guest cookie (rule 1)."""
    started: str | None = g.get("session_secret")
    if started is not None:
        return started
    https = is_https()
    session_secret = (
        cookies_csrf.get_cookie(request, cookies_csrf.SESSION_COOKIE, https) if get_session() is not None else None
    )
    return session_secret or g.get("guest_secret") or cookies_csrf.get_cookie(request, cookies_csrf.GUEST_COOKIE, https)


def get_browser_secret() -> str | None:
    """Return the browser's secret that outlasts sessions (rule 2)."""
    created: str | None = g.get("browser_secret")
    return created or cookies_csrf.get_cookie(request, cookies_csrf.BROWSER_COOKIE, is_https())


def create_csrf_token() -> str:
    """Return the CSRF token for a form of this response; creates the secrets that are missing."""
    secret, session = get_csrf_secret(), get_session()
    if secret is None:
        secret = g.guest_secret = cookies_csrf.create_secret()
    if session is None:
        return cookies_csrf.create_csrf_token(secret)
    if get_browser_secret() is None:
        g.browser_secret = cookies_csrf.create_secret()
    mark = cookies_csrf.create_form_mark(get_browser_secret() or "", session.user.id)
    return cookies_csrf.create_csrf_token(secret, mark)


def use_session(session: UserSession | None, secret: str) -> None:
    """Continue this request as the session that was just started."""
    g.session_secret, g.user_session = secret, session


def set_new_cookies(response: Response) -> None:
    """Set the cookies of secrets that this response created (rule 3)."""
    for name, secret in (
        (cookies_csrf.GUEST_COOKIE, g.get("guest_secret")),
        (cookies_csrf.BROWSER_COOKIE, g.get("browser_secret")),
    ):
        if secret is not None:
            cookies_csrf.set_cookie(response, name, secret, is_https())
