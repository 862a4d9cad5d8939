"""What a view has at hand: the services, and the screen that asks."""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from flask import Response, current_app, g, request

from signage.messages import Language
from signage.web.dependencies import Services, Shelved
from signage.web.heartbeat_buffer import Contacts
from signage.web.http.problems import language_of
from signage.web.http.request_body import Bodies, decoded
from signage.web.loop_dates import Dates
from signage.web.security.screen_auth import Admission

EXTENSION = "signage.web"


@dataclass(frozen=True, slots=True)
class Web:
    """The parts of this process that serve."""

    services: Services
    admission: Admission
    contacts: Contacts
    bodies: Bodies
    dates: Dates


def web() -> Web:
    """The parts that serve the present request."""
    found = current_app.extensions[EXTENSION]
    assert isinstance(found, Web)
    return found


def services() -> Services:
    """The services behind the present request."""
    return web().services


def screen() -> Shelved:
    """The screen that was let in."""
    shelved: Shelved = g.screen
    return shelved


def now() -> datetime:
    """The instant now."""
    return services().clock.now()


def language() -> Language:
    """The reader's language."""
    return language_of(request.headers.get("Accept-Language"))


def read_body(limit: int) -> bytes:
    """The request's body, decoded; raises BodyError."""
    known = g.get("screen")
    sender = known.screen if known is not None else f"address {request.remote_addr}"
    raw = web().bodies.read(request.environ, limit, sender)
    return decoded(raw, request.headers.get("Content-Encoding"), limit)


def answer(value: object, status: int = 200) -> Response:
    """*value* as JSON, kept by nobody."""
    response = Response(msgspec.json.encode(value), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
