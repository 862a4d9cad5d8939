"""Registers the API with the web application."""

from functools import cache

import msgspec
from flask import Flask, Response

from signage.web.api.framework.guard import OperationGuard
from signage.web.api.framework.openapi import build_openapi
from signage.web.api.framework.operations import JSON, PREFIX
from signage.web.api.routes import OPERATIONS
from signage.web.dependencies import WebDependencies
from signage.web.security import cookies_csrf


def register(app: Flask, services: WebDependencies) -> None:
    """Add all operations and ``openapi.json`` to *app*."""
    for operation in OPERATIONS:
        rule = PREFIX + operation.path.replace("{", "<").replace("}", ">")
        app.add_url_rule(
            rule,
            f"api.{operation.endpoint}",
            OperationGuard(operation),
            methods=[operation.method],
            provide_automatic_options=False,
        )
    app.add_url_rule(f"{PREFIX}/openapi.json", "api.openapi", serve_openapi)


def serve_openapi() -> Response:
    """Serve ``openapi.json``, without authentication."""
    response = Response(_encode_openapi(), content_type=JSON)
    response.headers["Cache-Control"] = "no-cache"
    return cookies_csrf.add_security_headers(response, https=False)


@cache
def _encode_openapi() -> bytes:
    return msgspec.json.format(msgspec.json.encode(build_openapi(OPERATIONS)), indent=1)
