"""Error pages, and the login page that retains a form sent without a session."""

from flask import Response, request

from signage.faults import Fault
from signage.web.console.framework.rendering import build_url, redirect_to_url, render_template
from signage.web.errors import ErrorReply
from signage.web.request_context import get_dependencies
from signage.web.security import cookies_csrf

MAX_RESEND_FIELDS = 10_000
"""Fields of a form that are kept over a log-in; of one that has more, none: a part would be another form."""
_SECRET_FIELDS = ("password", "again", "old", "old_totp")
"""Fields that no page repeats."""


def render_error(reply: ErrorReply) -> Response:
    """Render the page of an error, with every fault."""
    faults = [Fault("error", "page-method") if fault.code == "web-method" else fault for fault in reply.faults]
    response = render_template("error.html", reply.status, status=reply.status, faults=faults)
    response.headers.update(dict(reply.headers))
    return response


def request_login() -> Response:
    """Redirect to the login, which leads back; the fields of a form of our own are retained."""
    if request.method in cookies_csrf.SAFE_METHODS:
        return redirect_to_url(build_url("login.show", next=_get_current_address()))
    own = (
        cookies_csrf.is_same_origin(request, get_dependencies().config.public_url)
        and request.headers.get("Origin") is not None
    )
    fields = _list_resend_fields() if own else []
    return render_template(
        "users/login.html",
        401,
        form=None,
        next=request.path if fields else build_url("login.show"),
        kept=fields,
        over=True,
    )


def render_resend() -> Response | None:
    """Render a form that was opened in an earlier session, to be reviewed and sent again; None: it is too large."""
    fields = _list_resend_fields()
    return (
        render_template("users/resend.html", 403, next=request.full_path.rstrip("?"), kept=fields) if fields else None
    )


def _list_resend_fields() -> list[tuple[str, str]]:
    excluded = (cookies_csrf.CSRF_FIELD, *_SECRET_FIELDS)
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in excluded]
    return fields if len(fields) <= MAX_RESEND_FIELDS else []


def sanitize_next(text: str | None) -> str:
    """Return *text* if it is an address of the console, else the first page."""
    path = text or ""
    is_console_path = path.startswith("/console/") and "\\" not in path and "//" not in path and path.isprintable()
    return path if is_console_path and not path.startswith(("/console/login", "/console/link")) else "/console/"


def _get_current_address() -> str | None:
    address = request.full_path.rstrip("?")
    return None if address in ("/console/", "/console") else address
