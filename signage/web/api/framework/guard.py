"""The guard of API operations: tokens beside sessions, decoded parameters, errors as ``application/problem+json``.

1. ``Authorization: Bearer`` with an API token, or the console's session with its CSRF token in ``X-CSRF-Token`` at
   every change. 401 without a valid one.
2. Query and body are decoded after the permission check, the body bounded in bytes and time.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Response, request

from signage.faults import Fault
from signage.services.users.api_tokens import authenticate_token
from signage.web.api.framework.decoding import decode_json, decode_query
from signage.web.api.framework.operations import JSON, MAX_BODY_BYTES, ApiOperation, ApiRequest, EmptyIn
from signage.web.errors import ErrorReply, respond_problem
from signage.web.http.request_body import BodyError
from signage.web.request_context import RequestContext, get_app_context, get_dependencies, read_body
from signage.web.request_guard import RequestGuard
from signage.web.security import cookies_csrf

_BEARER_CHALLENGE = 'Bearer realm="api"'


class OperationGuard(RequestGuard):
    """The view function of an API operation."""

    route: ApiOperation

    def authenticate(self) -> RequestContext | Response:
        header = request.headers.get("Authorization")
        if header is None:
            return super().authenticate()
        scheme, _, token = header.partition(" ")
        is_bearer = scheme.lower() == "bearer" and token.strip()
        actor = authenticate_token(get_app_context(), token.strip()) if is_bearer else None
        if actor is None:
            return _respond_unauthenticated("api-token-unknown", f'{_BEARER_CHALLENGE}, error="invalid_token"')
        return RequestContext(actor, get_dependencies())

    def requires_csrf_token(self, context: RequestContext) -> bool:
        return context.user_session is not None

    def respond_unauthenticated(self) -> Response:
        return _respond_unauthenticated("session-needed", _BEARER_CHALLENGE)

    def respond_error(self, reply: ErrorReply) -> Response:
        return respond_problem(reply)

    def call_view(self, context: RequestContext, path_values: Mapping[str, Any]) -> Response:
        operation = self.route
        query = decode_query(request.args, operation.query)
        body = EmptyIn() if operation.raw else _decode_body(operation)
        api_request = ApiRequest(context.actor, context.dependencies, context.user_session, path_values, query, body)
        answer = operation.view(api_request)
        if isinstance(answer, Response):
            return answer
        if answer is None:
            return Response(status=204)
        return Response(msgspec.json.encode(answer), status=operation.status, content_type=JSON)


def _respond_unauthenticated(code: str, challenge: str) -> Response:
    return respond_problem(ErrorReply(401, (Fault("error", code),), (("WWW-Authenticate", challenge),)))


def _decode_body(operation: ApiOperation) -> Any:
    if operation.method in cookies_csrf.SAFE_METHODS or operation.body is EmptyIn:
        return EmptyIn()
    data = read_body(MAX_BODY_BYTES)
    media_type = (request.content_type or JSON).partition(";")[0].strip().lower()
    if media_type != operation.consumes and not (media_type.endswith("+json") and operation.consumes == JSON):
        raise BodyError(415, "api-media-type", ("Accept", operation.consumes))
    return decode_json(data, operation.body)
