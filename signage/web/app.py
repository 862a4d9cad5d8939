"""All of HTTP as one WSGI application: polls and media in front, Flask behind."""

import logging
from collections.abc import Iterable

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry
from werkzeug.exceptions import HTTPException

from signage.faults import Refused
from signage.web import health as ops
from signage.web import kiosk, media, poll
from signage.web.dependencies import Services
from signage.web.heartbeat_buffer import Contacts
from signage.web.http import problems
from signage.web.http.request_body import Bodies, BodyError
from signage.web.http.slow_clients import Stalled
from signage.web.http.wsgi import StartResponse, WSGIApplication, WSGIEnvironment, refuse
from signage.web.loop_dates import Dates
from signage.web.request_context import EXTENSION, Web, language
from signage.web.screen import routes
from signage.web.security.screen_auth import CAPABILITY, SCREEN, Admission, TokensOut, without_tokens

_log = logging.getLogger(__name__)
_log.addFilter(TokensOut())
_LATER = (("Retry-After", "5"),)
_POLL = SCREEN + "playlist.json"


class Front:
    """What every request meets first: the poll and media are answered here, the rest in Flask.

    Whatever goes wrong behind it is a problem of status 500, and said in the log without tokens.
    """

    def __init__(self, polls: WSGIApplication, files: WSGIApplication, rest: WSGIApplication) -> None:
        self._polls, self._files, self._rest = polls, files, rest

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        try:
            if path.endswith(poll.ENDING) and (path == _POLL or (path.startswith(CAPABILITY) and path.count("/") == 3)):
                return self._polls(environ, start)
            if path.startswith(media.PREFIX):
                return self._files(environ, start)
            return self._rest(environ, start)
        except Exception as error:
            if type(error) is LookupError:  # the shelf has no document for a screen that was just added
                return refuse(environ, start, 503, "web-no-document", _LATER)
            _log.exception("%s %s failed", environ["REQUEST_METHOD"], path)
            return refuse(environ, start, 500, "web-internal")


def create_app(services: Services) -> WSGIApplication:
    """The application over *services*, with the threads that belong to it started."""
    config = services.config
    admission = Admission(services)
    contacts = Contacts(services.record_contacts, config.contacts_every_s)
    bodies = Bodies(config.uploads_at_once, config.uploads_each, Stalled(config.body_timeout_s))
    polls = poll.Polls(admission, contacts, services.clock)
    parts = Web(services, admission, contacts, bodies, Dates(services.clock.now()))
    registry = CollectorRegistry()
    registry.register(ops.PollCounts(polls.tally.read))
    flask = flask_app(parts, registry)
    contacts.start()
    return Front(polls, media.Media(services.blob, services.clock, config.media_at_once), flask)


def flask_app(parts: Web, registry: CollectorRegistry) -> Flask:
    """Flask with the addresses of screens, the kiosk, the operator's three, and the doors of the console and API."""
    app = Flask("signage.web", static_folder=None, template_folder=None)
    app.logger.addFilter(TokensOut())
    app.config["MAX_CONTENT_LENGTH"] = 1 << 20
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    app.extensions[EXTENSION] = parts
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(BodyError, _body)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(Exception, _failed)
    routes.register(app)
    kiosk.register(app)
    ops.register(app, registry)
    for door in parts.services.doors:
        door(app, parts.services)
    return app


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    codes = {404: "web-unknown-address", 405: "web-method", 413: "web-body-large"}
    headers = [(n, v) for n, v in error.get_headers() if n in ("Allow", "Retry-After", "WWW-Authenticate")]
    return problems.problem(status, codes.get(status, "web-refused"), language=language(), headers=headers)


def _body(error: BodyError) -> Response:
    return problems.problem(error.status, error.code, language=language(), headers=error.headers)


def _refused(refusal: Refused) -> Response:
    return problems.refused(400, refusal, language())


def _failed(error: Exception) -> Response:
    if type(error) is LookupError:
        return problems.problem(503, "web-no-document", language=language(), headers=_LATER)
    _log.error("%s %s failed", request.method, without_tokens(request.path), exc_info=error)
    return problems.problem(500, "web-internal", language=language())
