"""WSGI types, and problems for requests answered before Flask."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from signage.web.http import problems

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
else:
    StartResponse = WSGIApplication = WSGIEnvironment = Any

Headers = list[tuple[str, str]]
__all__ = ["Headers", "StartResponse", "WSGIApplication", "WSGIEnvironment", "send_problem"]


def send_problem(
    environ: WSGIEnvironment,
    start: StartResponse,
    status: int,
    code: str,
    headers: Iterable[tuple[str, str]] = (),
    facts: Mapping[str, object] | None = None,
) -> list[bytes]:
    """Answer with a problem."""
    body = problems.encode_problem(
        status, code, problems.parse_accept_language(environ.get("HTTP_ACCEPT_LANGUAGE")), facts
    )
    start(
        problems.format_status_line(status),
        [
            ("Content-Type", problems.PROBLEM_TYPE),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *headers,
        ],
    )
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
