"""Pages for what went wrong, and the way to the log-in that keeps what was typed."""

from collections.abc import Iterable

from flask import Response, request

from signage.faults import Fault
from signage.web.console.framework.rendering import leave, render, url
from signage.web.request_context import services
from signage.web.security import cookies_csrf as browser

MOST_KEPT = 10_000
"""Fields of a form that are kept over a log-in; of one that has more, none: a part would be another form."""
_SECRETS = ("password", "again", "old", "old_totp")
"""Fields that no page repeats."""


def error_page(status: int, faults: Iterable[Fault]) -> Response:
    """A page of its own for a refusal, with every fault."""
    return render("error.html", status, status=status, faults=tuple(faults))


def too_busy() -> Response:
    """Too many log-ins at this moment."""
    response = error_page(503, [Fault("error", "login-busy")])
    response.headers["Retry-After"] = "5"
    return response


def login_page() -> Response:
    """To the log-in, and back after it. What a form held comes along, if the form was our own."""
    if request.method in browser.SAFE:
        return leave(url("login.show", next=_here()))
    own = browser.is_own_site(request, services().config.public_url) and request.headers.get("Origin") is not None
    fields = _fields() if own else []
    return render(
        "login.html",
        401,
        form=None,
        next=request.path if fields else url("login.show"),
        kept=fields,
        over=True,
    )


def again_page() -> Response | None:
    """A form that was opened in an earlier session, to look at and to send again; None where it cannot be kept."""
    fields = _fields()
    return render("resend.html", 403, next=request.full_path.rstrip("?"), kept=fields) if fields else None


def _fields() -> list[tuple[str, str]]:
    left = (browser.FIELD, *_SECRETS)
    found = [(name, value) for name, value in request.form.items(multi=True) if name not in left]
    return found if len(found) <= MOST_KEPT else []


def safe_next(text: str | None) -> str:
    """An address of this console to go on to; the first page where *text* is none."""
    plain = text or ""
    inside = plain.startswith("/console/") and "\\" not in plain and "//" not in plain and plain.isprintable()
    return plain if inside and not plain.startswith(("/console/login", "/console/link")) else "/console/"


def _here() -> str | None:
    whole = request.full_path.rstrip("?")
    return None if whole in ("/console/", "/console") else whole
