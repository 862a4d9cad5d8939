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
from signage.web.api.framework.decoding import read_json, read_query
from signage.web.api.framework.language import language
from signage.web.api.framework.operations import BODY_BYTES, JSON, PUBLIC, Asked, Nothing, Operation
from signage.web.http import problems
from signage.web.http.request_body import BodyError
from signage.web.http.status_codes import status_of
from signage.web.request_context import read_body, services
from signage.web.security import cookies_csrf as browser

_BAD_REQUEST = ("json-unreadable", "json-no-object")
_REALM = 'Bearer realm="api"'
NOBODY = Actor("nobody", frozenset(), via="api")


def guarded(operation: Operation) -> Callable[..., Response]:
    """The view of *operation* behind the mechanism."""

    def view(**path: str) -> Response:
        try:
            response = _answer(operation, path)
        except Refused as refused:
            response = _refused(refused)
        except BodyError as error:
            response = problems.problem(error.status, error.code, language=language(), headers=error.headers)
        return browser.protect(response, browser.is_https(request, services().config.public_url))

    view.__name__ = operation.name.replace(".", "_")
    return view


def _answer(operation: Operation, path: dict[str, str]) -> Response:
    actor = _actor(operation)
    if isinstance(actor, Response):
        return actor
    g.api_actor = actor
    if operation.duty != PUBLIC and not duties.may(actor, operation.duty):
        needed = ", ".join(sorted(duties.DUTIES[operation.duty]))
        raise refuse("duty-missing", operation.duty, who=actor.id, verb=operation.duty, needed=needed)
    query = read_query(request.args, operation.query)
    body = Nothing() if operation.raw else _body(operation)
    found = operation.view(Asked(actor, services(), path, query, body))
    if isinstance(found, Response):
        return found
    if found is None:
        return Response(status=204)
    return Response(msgspec.json.encode(found), status=operation.status, content_type=JSON)


def _actor(operation: Operation) -> Actor | Response:
    office = services().office
    assert office is not None
    header = request.headers.get("Authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        actor = people.authenticate(office, token.strip()) if scheme.lower() == "bearer" and token.strip() else None
        return actor or _nobody("api-token-unknown", f'{_REALM}, error="invalid_token"')
    secret = browser.cookie(request, browser.SESSION, browser.is_https(request, services().config.public_url))
    known = None if secret is None else sessions.find(office, services().session, secret)
    if known is None or known.session.level != "full":
        return NOBODY if operation.duty == PUBLIC else _nobody("session-needed", _REALM)
    change = operation.method not in browser.SAFE
    if change and not browser.csrf_holds(request, secret, None, services().config.public_url):
        raise refuse("csrf-wrong", browser.HEADER)
    return known.actor


def _nobody(code: str, challenge: str) -> Response:
    return problems.problem(401, code, language=language(), headers=[("WWW-Authenticate", challenge)])


def _body(operation: Operation) -> Any:
    if operation.method in browser.SAFE or operation.body is Nothing:
        return Nothing()
    data = read_body(BODY_BYTES)
    kind = (request.content_type or JSON).partition(";")[0].strip().lower()
    if kind != operation.takes and not (kind.endswith("+json") and operation.takes == JSON):
        raise BodyError(415, "api-media-type", ("Accept", operation.takes))
    return read_json(data, operation.body)


def _refused(refused: Refused) -> Response:
    first = refused.faults[0] if refused.faults else Fault("error", "web-refused")
    status = 400 if first.code in _BAD_REQUEST else status_of(refused)
    return problems.refused(status, refused, language())
