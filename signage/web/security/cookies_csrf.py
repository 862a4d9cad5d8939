"""What keeps a browser's requests a person's own: its cookies, the token against forged changes, and the headers.

1. The session's cookie holds a secret that is kept nowhere; HttpOnly, SameSite=Lax, and Secure (with the prefix
   ``__Host-``) wherever the browser came by HTTPS.
2. A change carries a token made from the secret (an HMAC); before a log-in, from a guest's cookie. A request that the
   browser itself calls cross-site is refused besides.
3. A token says besides, by a secret of the browser that outlasts sessions, whose form it is: one that was opened in an
   earlier session of the same person, in the same browser, can be given back to send again. It changes nothing itself.
4. Pages carry no script and no style of their own and may be framed by nobody.
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
_LOOPBACK_PREFIXES = ("127.", "::1")

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
    """Whether the browser came by HTTPS, here or up to a proxy in front. A lie about it harms the liar alone."""
    forwarded_proto = request.headers.get("X-Forwarded-Proto", "").split(",")[0].strip().lower()
    configured = urlsplit(public_url)
    return (
        request.is_secure
        or forwarded_proto == "https"
        or (configured.scheme == "https" and configured.netloc == request.host)
    )


def get_client_address(request: Request) -> str:
    """Where the request came from: what a proxy on this machine says, else the connection's own address."""
    peer = request.remote_addr or ""
    forwarded_for = request.headers.get("X-Forwarded-For", "")
    if forwarded_for and peer.startswith(_LOOPBACK_PREFIXES):
        return forwarded_for.split(",")[-1].strip()[:64]
    return peer


def get_cookie(request: Request, name: str, https: bool) -> str | None:
    """The value of one of our cookies."""
    value = request.cookies.get(_prefix_cookie_name(name, https))
    return value if value and len(value) <= 200 else None


def set_cookie(response: Response, name: str, value: str, https: bool, max_age: int | None = None) -> None:
    """Hand out one of our cookies (rule 1); without *max_age* it goes with the browser."""
    attributes: dict[str, Any] = {"httponly": True, "samesite": "Lax", "secure": https, "path": "/", "max_age": max_age}
    response.set_cookie(_prefix_cookie_name(name, https), value, **attributes)


def delete_cookie(response: Response, name: str, https: bool) -> None:
    """Take one of our cookies back."""
    response.delete_cookie(_prefix_cookie_name(name, https), httponly=True, samesite="Lax", secure=https, path="/")


def create_secret() -> str:
    """A secret for a browser: of one in which nobody is logged in, or of one over all its sessions."""
    return secrets.token_urlsafe(24)


def create_csrf_token(secret: str, mark: str = "") -> str:
    """The token that goes with a cookie's secret (rule 2), and whose form it is (rule 3)."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest() + mark


def create_form_mark(browser_secret: str, user_id: str) -> str:
    """Says of a form that it is *person*'s in the browser of that secret (rule 3)."""
    return hmac.new(browser_secret.encode(), b"form of " + user_id.encode(), hashlib.sha256).hexdigest()


def is_csrf_valid(request: Request, secret: str | None, form_token: str | None, public_url: str = "") -> bool:
    """Whether a change is meant by who holds the cookie."""
    if secret is None or not is_same_origin(request, public_url):
        return False
    token = form_token or request.headers.get(CSRF_HEADER) or ""
    return _is_equal(token[:_DIGEST_LENGTH], create_csrf_token(secret))


def is_from_earlier_session(
    request: Request, browser_secret: str | None, user_id: str, form_token: str | None, public_url: str
) -> bool:
    """Whether a form was opened by *person* in this browser before, in a session that is over (rule 3)."""
    if browser_secret is None or not form_token or not is_same_origin(request, public_url):
        return False
    return _is_equal(form_token[_DIGEST_LENGTH:], create_form_mark(browser_secret, user_id))


def _is_equal(token: str, expected: str) -> bool:
    return hmac.compare_digest(token.encode("utf-8", "replace"), expected.encode())


def is_same_origin(request: Request, public_url: str = "") -> bool:
    """False where the browser says that another site made the request."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") in ("cross-site", "same-site"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc in (request.host, urlsplit(public_url).netloc or request.host)


def add_security_headers(response: Response, https: bool) -> Response:
    """Put the headers on that every page has."""
    for name, value in SECURITY_HEADERS:
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if https:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def _prefix_cookie_name(name: str, https: bool) -> str:
    return f"__Host-{name}" if https else name
