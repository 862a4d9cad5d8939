"""What a view has at hand: the services, and the screen that asks."""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from flask import Response, current_app, g, request

from signage.messages import Language
from signage.web.dependencies import ServedPlaylist, WebDependencies
from signage.web.heartbeat_buffer import HeartbeatBuffer
from signage.web.http.problems import parse_accept_language
from signage.web.http.request_body import BodyReader, decode_content
from signage.web.loop_dates import LoopDates
from signage.web.security.screen_auth import ScreenAuthenticator

EXTENSION_KEY = "signage.web"


@dataclass(frozen=True, slots=True)
class WebRuntime:
    """The parts of this process that serve."""

    dependencies: WebDependencies
    authenticator: ScreenAuthenticator
    heartbeats: HeartbeatBuffer
    body_reader: BodyReader
    loop_dates: LoopDates


def get_runtime() -> WebRuntime:
    """The parts that serve the present request."""
    found = current_app.extensions[EXTENSION_KEY]
    assert isinstance(found, WebRuntime)
    return found


def get_dependencies() -> WebDependencies:
    """The services behind the present request."""
    return get_runtime().dependencies


def get_screen_playlist() -> ServedPlaylist:
    """The screen that was let in."""
    shelved: ServedPlaylist = g.screen
    return shelved


def get_now() -> datetime:
    """The instant now."""
    return get_dependencies().clock.now()


def get_language() -> Language:
    """The reader's language."""
    return parse_accept_language(request.headers.get("Accept-Language"))


def read_body(limit: int) -> bytes:
    """The request's body, decoded; raises BodyError."""
    known = g.get("screen")
    sender = known.screen if known is not None else f"address {request.remote_addr}"
    raw = get_runtime().body_reader.read(request.environ, limit, sender)
    return decode_content(raw, request.headers.get("Content-Encoding"), limit)


def respond_json(value: object, status: int = 200) -> Response:
    """*value* as JSON, kept by nobody."""
    response = Response(msgspec.json.encode(value), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
