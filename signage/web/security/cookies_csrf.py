"""Cookies, CSRF tokens and security headers.

1. The session cookie contains a secret of which only a hash is stored; HttpOnly, SameSite=Lax, and Secure (with the
   prefix ``__Host-``) over HTTPS.
2. A change carries a token made from the secret (an HMAC); before a login, from a guest cookie. A request that the
   browser marks as cross-site is refused as well.
3. The token also contains a mark, made from a browser secret that outlasts sessions: a form that was opened in an
   earlier session of the same user and browser may be offered for sending again. The mark alone authorises nothing.
4. Pages have no inline script and no inline style, and may not be framed.
"""

import hashlib
import hmac
import secrets
from typing import Any
from urllib.parse import urlsplit

from flask import Request, Response

SESSION_COOKIE, GUEST_COOKIE, LANGUAGE_COOKIE, BROWSER_COOKIE = (
    "signage_session",
    "signage_guest",
    "signage_language",
    "signage_browser",
)
CSRF_FIELD, CSRF_HEADER = "csrf_token", "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_DIGEST_LENGTH = 64

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
SECURITY_HEADERS = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)


def is_https(request: Request, public_url: str) -> bool:
    """Whether the browser uses HTTPS: here, up to a trusted proxy, or by the configured address."""
    configured = urlsplit(public_url)
    return request.is_secure or (configured.scheme == "https" and configured.netloc == request.host)


def get_cookie(request: Request, name: str, https: bool) -> str | None:
    """Return the value of a cookie."""
    value = request.cookies.get(_prefix_cookie_name(name, https))
    return value if value and len(value) <= 200 else None


def set_cookie(response: Response, name: str, value: str, https: bool, max_age: int | None = None) -> None:
    """Set a cookie (rule 1); without *max_age* it ends with the browser."""
    attributes: dict[str, Any] = {"httponly": True, "samesite": "Lax", "secure": https, "path": "/", "max_age": max_age}
    response.set_cookie(_prefix_cookie_name(name, https), value, **attributes)


def delete_cookie(response: Response, name: str, https: bool) -> None:
    """Delete a cookie."""
    response.delete_cookie(_prefix_cookie_name(name, https), httponly=True, samesite="Lax", secure=https, path="/")


def create_secret() -> str:
    """Create a secret for a guest cookie or a browser cookie."""
    return secrets.token_urlsafe(24)


def create_csrf_token(secret: str, mark: str = "") -> str:
    """Return the CSRF token of a cookie's secret (rule 2), with a form mark (rule 3)."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest() + mark


def create_form_mark(browser_secret: str, user_id: str) -> str:
    """Return the mark of a user's forms in the browser with that secret (rule 3)."""
    return hmac.new(browser_secret.encode(), b"form of " + user_id.encode(), hashlib.sha256).hexdigest()


def is_csrf_valid(request: Request, secret: str | None, form_token: str | None, public_url: str = "") -> bool:
    """Whether a change carries the CSRF token of the cookie's secret."""
    if secret is None or not is_same_origin(request, public_url):
        return False
    token = form_token or request.headers.get(CSRF_HEADER) or ""
    return _is_equal(token[:_DIGEST_LENGTH], create_csrf_token(secret))


def is_from_earlier_session(
    request: Request, browser_secret: str | None, user_id: str, form_token: str | None, public_url: str
) -> bool:
    """Whether the form was opened by *user_id* in this browser, in an earlier session (rule 3)."""
    if browser_secret is None or not form_token or not is_same_origin(request, public_url):
        return False
    return _is_equal(form_token[_DIGEST_LENGTH:], create_form_mark(browser_secret, user_id))


def _is_equal(token: str, expected: str) -> bool:
    return hmac.compare_digest(token.encode("utf-8", "replace"), expected.encode())


def is_same_origin(request: Request, public_url: str = "") -> bool:
    """False where the browser marks the request as coming from another site."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") in ("cross-site", "same-site"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc in (request.host, urlsplit(public_url).netloc or request.host)


def add_security_headers(response: Response, https: bool) -> Response:
    """Add the headers of every page."""
    for name, value in SECURITY_HEADERS:
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if https:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def _prefix_cookie_name(name: str, https: bool) -> str:
    return f"__Host-{name}" if https else name
