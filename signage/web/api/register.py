"""The door by which the API comes into the web application."""

from functools import cache

import msgspec
from flask import Flask, Response

from signage.web.api.framework.guard import guarded
from signage.web.api.framework.openapi import describe
from signage.web.api.framework.operations import JSON, PREFIX
from signage.web.api.routes import OPERATIONS
from signage.web.dependencies import Services
from signage.web.security import cookies_csrf as browser


def register(app: Flask, services: Services) -> None:
    """Put all operations into *app*."""
    for one in OPERATIONS:
        rule = PREFIX + one.path.replace("{", "<").replace("}", ">")
        app.add_url_rule(
            rule,
            f"api.{one.name}",
            guarded(one),
            methods=[one.method],
            provide_automatic_options=False,
        )
    app.add_url_rule(f"{PREFIX}/openapi.json", "api.openapi", description)


def description() -> Response:
    """``openapi.json``: for everybody, there is nothing secret in it."""
    response = Response(_description(), content_type=JSON)
    response.headers["Cache-Control"] = "no-cache"
    return browser.protect(response, https=False)


@cache
def _description() -> bytes:
    return msgspec.json.format(msgspec.json.encode(describe(OPERATIONS)), indent=1)
