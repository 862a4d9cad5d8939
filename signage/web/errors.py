"""Maps an exception to the answer that the client receives: the status, every fault, and the headers.

One mapping for screens, console and API; each renders it in its own form (a page, or ``application/problem+json``).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from signage.faults import Fault, Refused
from signage.services.context import StoreError
from signage.web.http import problems
from signage.web.http.request_body import BodyError
from signage.web.http.status_codes import get_status
from signage.web.request_context import get_language, is_https
from signage.web.security import cookies_csrf
from signage.web.security.passwords import BusyError
from signage.web.security.screen_auth import TokenRedactingFilter, redact_tokens

_log = logging.getLogger(__name__)
_log.addFilter(TokenRedactingFilter())
RETRY_LATER = (("Retry-After", "5"),)
_CODES = {404: "web-unknown-address", 405: "web-method", 413: "web-body-large"}
_RENDERERS_KEY = "signage.error_renderers"
_FORWARDED_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """The answer to a failed request, before it is rendered."""

    status: int
    faults: tuple[Fault, ...]
    headers: tuple[tuple[str, str], ...] = ()


def describe_error(error: Exception, refused_status: int | None = None) -> ErrorReply:
    """Return the reply to *error*; an unexpected exception is logged without tokens and becomes a 500.

    *refused_status*: the status of every ``Refused``; None: the one of its first fault (``status_codes``).
    """
    match error:
        case Refused():
            faults = error.faults or (Fault("error", "web-refused"),)
            return ErrorReply(refused_status or get_status(error), faults)
        case BodyError():
            return ErrorReply(error.status, (Fault("error", error.code),), error.headers)
        case StoreError():
            _log.error("%s %s failed: %s", request.method, redact_tokens(request.path), error)
            if error.fault.code == "store-full":
                return ErrorReply(507, (Fault("error", "web-disk-full"),), RETRY_LATER)
            return ErrorReply(503, (Fault("error", "web-store-unavailable"),), RETRY_LATER)
        case BusyError():
            return ErrorReply(503, (Fault("error", "login-busy"),), RETRY_LATER)
        case HTTPException():
            status = error.code or 500
            headers = tuple((name, value) for name, value in error.get_headers() if name in _FORWARDED_HEADERS)
            return ErrorReply(status, (Fault("error", _CODES.get(status, "web-refused")),), headers)
    if type(error) is LookupError:  # the playlist cache has no document yet for a screen that was just added
        return ErrorReply(503, (Fault("error", "web-no-document"),), RETRY_LATER)
    _log.error("%s %s failed", request.method, redact_tokens(request.path), exc_info=error)
    return ErrorReply(500, (Fault("error", "web-internal"),))


def respond_problem(reply: ErrorReply) -> Response:
    """Render *reply* as ``application/problem+json`` in the reader's language."""
    first = reply.faults[0]
    return problems.respond_problem(
        reply.status, first.code, language=get_language(), facts=first.facts, faults=reply.faults, headers=reply.headers
    )


def register_error_renderer(app: Flask, prefix: str, render: Callable[[ErrorReply], Response]) -> None:
    """Render errors of addresses below *prefix* by *render*, those included that match no route."""
    app.extensions.setdefault(_RENDERERS_KEY, {})[prefix] = render


def handle_error(error: Exception) -> Response:
    """Answer an exception that reached Flask: by the renderer of its address, else as a problem."""
    for prefix, render in current_app.extensions.get(_RENDERERS_KEY, {}).items():
        if request.path.startswith(prefix):
            return cookies_csrf.add_security_headers(render(describe_error(error)), is_https())
    return respond_problem(describe_error(error, refused_status=400))
