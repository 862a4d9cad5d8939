"""The web application (WSGI): playlist polls and media are answered before Flask, everything else in Flask."""

import logging
from collections.abc import Iterable

from flask import Flask
from prometheus_client import CollectorRegistry

from signage.clock import Clock
from signage.web import health, kiosk, media, poll
from signage.web.dependencies import WebDependencies
from signage.web.errors import RETRY_LATER, handle_error
from signage.web.heartbeat_buffer import HeartbeatBuffer
from signage.web.http.body_places import BodyPlaces, BodyRate
from signage.web.http.connections import ConnectionGuard, ConnectionLimits
from signage.web.http.date_header import DateHeader
from signage.web.http.request_body import BodyReader
from signage.web.http.trusted_proxies import TrustedProxies
from signage.web.http.wsgi import StartResponse, WSGIApplication, WSGIEnvironment, send_problem
from signage.web.loop_dates import LoopDates
from signage.web.request_context import EXTENSION_KEY, WebRuntime
from signage.web.screen import routes
from signage.web.security.screen_auth import (
    CAPABILITY_PREFIX,
    SCREEN_PREFIX,
    ScreenAuthenticator,
    TokenRedactingFilter,
)

_log = logging.getLogger(__name__)
_log.addFilter(TokenRedactingFilter())
_POLL_PATH = SCREEN_PREFIX + "playlist.json"


class WsgiDispatcher:
    """Dispatches each request: polls and media to their own WSGI applications, the rest to Flask.

    Every answer carries our own ``Date``; forwarded addresses count from trusted proxies alone. An unexpected
    exception becomes a problem of status 500 and is logged without tokens.
    """

    def __init__(
        self,
        poll_app: WSGIApplication,
        media_app: WSGIApplication,
        flask_app: WSGIApplication,
        clock: Clock,
        proxies: TrustedProxies,
    ) -> None:
        self._polls, self._files, self._rest = poll_app, media_app, flask_app
        self._date_header, self._proxies = DateHeader(clock), proxies

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        start = self._date_header.wrap(start_response)
        try:
            if path.endswith(poll.PATH_SUFFIX) and (
                path == _POLL_PATH or (path.startswith(CAPABILITY_PREFIX) and path.count("/") == 3)
            ):
                return self._polls(environ, start)
            if path.startswith(media.PREFIX):
                return self._files(environ, start)
            self._proxies.apply(environ)
            return self._rest(environ, start)
        except Exception as error:
            if type(error) is LookupError:  # the playlist cache has no document yet for a screen that was just added
                return send_problem(environ, start, 503, "web-no-document", RETRY_LATER)
            _log.exception("%s %s failed", environ["REQUEST_METHOD"], path)
            return send_problem(environ, start, 500, "web-internal")


def create_app(dependencies: WebDependencies) -> WSGIApplication:
    """Create the application over *dependencies* and start its threads."""
    config = dependencies.config
    authenticator = ScreenAuthenticator(dependencies)
    heartbeats = HeartbeatBuffer(dependencies.record_heartbeats, config.contacts_every_s)
    proxies = TrustedProxies(config.trusted_proxies)
    rate = BodyRate(config.body_timeout_s, config.body_min_bytes_per_s)
    body_reader = BodyReader(BodyPlaces(config.uploads_at_once, config.uploads_each, rate))
    limits = ConnectionLimits(config.connections_each, config.silent_s, proxies.is_trusted)
    ConnectionGuard(limits, rate, body_reader.places.list_slow_addresses).start()
    poll_app = poll.PollApplication(authenticator, heartbeats, dependencies.clock)
    runtime = WebRuntime(dependencies, authenticator, heartbeats, body_reader, LoopDates(dependencies.clock.now()))
    registry = CollectorRegistry()
    registry.register(health.PollMetricsCollector(poll_app.counter.get_counts))
    flask_app = create_flask_app(runtime, registry)
    heartbeats.start()
    media_app = media.MediaApplication(dependencies.find_blob, dependencies.clock, config.media_at_once)
    return WsgiDispatcher(poll_app, media_app, flask_app, dependencies.clock, proxies)


def create_flask_app(runtime: WebRuntime, registry: CollectorRegistry) -> Flask:
    """Create the Flask application: addresses of screens, kiosk and health, and the registered extensions."""
    app = Flask("signage.web", static_folder=None, template_folder=None)
    app.logger.addFilter(TokenRedactingFilter())
    app.config["MAX_CONTENT_LENGTH"] = 1 << 20
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    app.extensions[EXTENSION_KEY] = runtime
    app.register_error_handler(Exception, handle_error)
    routes.register(app)
    kiosk.register(app)
    health.register(app, registry)
    for register_extension in runtime.dependencies.extensions:
        register_extension(app, runtime.dependencies)
    return app
