"""The one mechanism by which an operation is reached: who asks, may they, is it theirs; then it is read and done.

1. ``Authorization: Bearer`` with a token for the API, or the console's session with its CSRF token at every change
   (``X-CSRF-Token``). 401 where nobody is known, 403 for a forged change, for another role, for a token's scope.
2. The body is read only once the caller is let in, bounded in bytes and time.
3. Whatever is refused is ``application/problem+json`` with every fault.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from flask import Response, g, request

from signage.faults import Fault, Refused, refuse
from signage.model import permissions as duties
from signage.model.users import Actor
from signage.services.users import accounts as people
from signage.services.users import sessions
from signage.web.api.framework.decoding import decode_json, decode_query
from signage.web.api.framework.language import get_language
from signage.web.api.framework.operations import JSON, MAX_BODY_BYTES, PUBLIC, ApiOperation, ApiRequest, EmptyIn
from signage.web.http import problems
from signage.web.http.request_body import BodyError
from signage.web.http.status_codes import get_status
from signage.web.request_context import get_dependencies, read_body
from signage.web.security import cookies_csrf as browser

_BAD_REQUEST = ("json-unreadable", "json-no-object")
_BEARER_CHALLENGE = 'Bearer realm="api"'
ANONYMOUS = Actor("nobody", frozenset(), channel="api")


def guard_operation(operation: ApiOperation) -> Callable[..., Response]:
    """The view of *operation* behind the mechanism."""

    def view(**path: str) -> Response:
        try:
            response = _handle_request(operation, path)
        except Refused as refused:
            response = _respond_refused(refused)
        except BodyError as error:
            response = problems.respond_problem(
                error.status, error.code, language=get_language(), headers=error.headers
            )
        return browser.add_security_headers(response, browser.is_https(request, get_dependencies().config.public_url))

    view.__name__ = operation.name.replace(".", "_")
    return view


def _handle_request(operation: ApiOperation, path: dict[str, str]) -> Response:
    actor = _authenticate(operation)
    if isinstance(actor, Response):
        return actor
    g.api_actor = actor
    if operation.permission != PUBLIC and not duties.is_allowed(actor, operation.permission):
        needed = ", ".join(sorted(duties.PERMISSIONS[operation.permission]))
        raise refuse("duty-missing", operation.permission, who=actor.id, verb=operation.permission, needed=needed)
    query = decode_query(request.args, operation.query)
    body = EmptyIn() if operation.raw else _decode_body(operation)
    found = operation.view(ApiRequest(actor, get_dependencies(), path, query, body))
    if isinstance(found, Response):
        return found
    if found is None:
        return Response(status=204)
    return Response(msgspec.json.encode(found), status=operation.status, content_type=JSON)


def _authenticate(operation: ApiOperation) -> Actor | Response:
    office = get_dependencies().context
    assert office is not None
    header = request.headers.get("Authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        actor = (
            people.authenticate_token(office, token.strip()) if scheme.lower() == "bearer" and token.strip() else None
        )
        return actor or _respond_unauthenticated("api-token-unknown", f'{_BEARER_CHALLENGE}, error="invalid_token"')
    secret = browser.get_cookie(
        request, browser.SESSION_COOKIE, browser.is_https(request, get_dependencies().config.public_url)
    )
    known = None if secret is None else sessions.find_session(office, get_dependencies().session_config, secret)
    if known is None or known.session.level != "full":
        return (
            ANONYMOUS
            if operation.permission == PUBLIC
            else _respond_unauthenticated("session-needed", _BEARER_CHALLENGE)
        )
    change = operation.method not in browser.SAFE_METHODS
    if change and not browser.is_csrf_valid(request, secret, None, get_dependencies().config.public_url):
        raise refuse("csrf-wrong", browser.CSRF_HEADER)
    return known.actor


def _respond_unauthenticated(code: str, challenge: str) -> Response:
    return problems.respond_problem(401, code, language=get_language(), headers=[("WWW-Authenticate", challenge)])


def _decode_body(operation: ApiOperation) -> Any:
    if operation.method in browser.SAFE_METHODS or operation.body is EmptyIn:
        return EmptyIn()
    data = read_body(MAX_BODY_BYTES)
    kind = (request.content_type or JSON).partition(";")[0].strip().lower()
    if kind != operation.consumes and not (kind.endswith("+json") and operation.consumes == JSON):
        raise BodyError(415, "api-media-type", ("Accept", operation.consumes))
    return decode_json(data, operation.body)


def _respond_refused(refused: Refused) -> Response:
    first = refused.faults[0] if refused.faults else Fault("error", "web-refused")
    status = 400 if first.code in _BAD_REQUEST else get_status(refused)
    return problems.respond_refused(status, refused, get_language())
