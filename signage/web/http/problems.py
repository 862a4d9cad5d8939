"""Problem details (``application/problem+json``, RFC 9457), in Chinese and English.

``title`` is the status in both languages; ``detail`` is the message in the reader's language (``Accept-Language``,
Chinese first), ``code`` identifies it for programs, ``faults`` lists every fault with its hint.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus

import msgspec
from flask import Response

from signage.faults import Fault
from signage.messages import Language, has_message, render_fault, render_hint, render_message

PROBLEM_TYPE = "application/problem+json"


def parse_accept_language(accept: str | None) -> Language:
    """Return English if it is the first preference, else Chinese."""
    return "en" if (accept or "").strip().lower().startswith("en") else "zh"


def format_title(status: int) -> str:
    """Return the status in both languages."""
    code = f"http-{status}"
    if not has_message(code):
        return HTTPStatus(status).phrase
    return f"{render_message(code, 'en', {})} / {render_message(code, 'zh', {})}"


def encode_problem(
    status: int,
    code: str,
    language: Language = "zh",
    facts: Mapping[str, object] | None = None,
    faults: Iterable[Fault] = (),
) -> bytes:
    """Encode a problem."""
    listed = tuple(faults) or (Fault("error", code, facts=dict(facts or {})),)
    return msgspec.json.encode(
        {
            "type": "about:blank",
            "title": format_title(status),
            "status": status,
            "detail": render_message(code, language, dict(facts or {})),
            "code": code,
            "faults": [{**format_fault(fault, language), "code": fault.code} for fault in listed],
        }
    )


def format_fault(fault: Fault, language: Language) -> dict[str, str]:
    """Return the fault as a problem lists it: the field or file, the message and the hint."""
    where = fault.location.key or fault.location.file
    return {"where": where, "what": render_fault(fault, language), "mend": render_hint(fault, language)}


def format_status_line(status: int) -> str:
    """Return the WSGI status line."""
    return f"{status} {HTTPStatus(status).phrase}"


def respond_problem(
    status: int,
    code: str,
    *,
    language: Language = "zh",
    facts: Mapping[str, object] | None = None,
    faults: Iterable[Fault] = (),
    headers: Iterable[tuple[str, str]] = (),
) -> Response:
    """Answer with a problem."""
    response = Response(encode_problem(status, code, language, facts, faults), status=status, content_type=PROBLEM_TYPE)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    for name, value in headers:
        response.headers[name] = value
    return response
