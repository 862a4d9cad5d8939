"""The addresses of screens, the same under ``/screen/v1/`` and under ``/s/TOKEN/``."""

from flask import Blueprint, Flask, Response, g, request

from signage.web.http.problems import problem
from signage.web.request_context import language, web
from signage.web.screen import enrol, feeds, plays, screenshots, status
from signage.web.screen import signing_keys as keys
from signage.web.security.screen_auth import CAPABILITY, SCREEN, Denied

ENROLMENTS = SCREEN + "enrolments"


def register(app: Flask) -> None:
    """Put the addresses into *app*, and the one check of who is let in before them."""
    app.before_request(admit)
    app.register_blueprint(_own("screen"), url_prefix=SCREEN.rstrip("/"))
    app.register_blueprint(_own("capability"), url_prefix=CAPABILITY + "<token>")
    app.add_url_rule(ENROLMENTS, "enrolments.post", enrol.post, methods=["POST"])
    app.add_url_rule(ENROLMENTS + "/<enrolment_id>", "enrolments.get", enrol.get, methods=["GET"])


def admit() -> Response | None:
    """Let a screen in before anything of its paths is looked at, those that do not exist included."""
    path = request.environ["PATH_INFO"]
    if not path.startswith((SCREEN, CAPABILITY)) or path == ENROLMENTS or path.startswith(ENROLMENTS + "/"):
        return None
    shelved = web().admission(request.environ, path)
    if isinstance(shelved, Denied):
        return problem(shelved.status, shelved.code, language=language(), headers=shelved.headers)
    g.screen = shelved
    web().contacts.note(shelved.screen, web().services.clock.now())
    return None


def _own(name: str) -> Blueprint:
    routes = Blueprint(name, __name__)

    @routes.url_value_preprocessor
    def without_token(endpoint: str | None, values: dict[str, object] | None) -> None:
        if values is not None:
            values.pop("token", None)

    routes.add_url_rule("/playlist.<any(m3u8, xspf, smil, rss):form>", "feed", feeds.get, methods=["GET"])
    routes.add_url_rule("/keys.json", "keys", keys.get, methods=["GET"])
    routes.add_url_rule("/plays", "plays", plays.post, methods=["POST"])
    routes.add_url_rule("/status", "status", status.post, methods=["POST"])
    routes.add_url_rule("/screenshot", "screenshot", screenshots.put, methods=["PUT"])
    return routes
