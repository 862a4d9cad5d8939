"""The addresses of screens, the same below ``/screen/v1/`` and ``/s/TOKEN/``."""

from flask import Blueprint, Flask, Response, g, request

from signage.web.http.problems import respond_problem
from signage.web.request_context import get_language, get_runtime
from signage.web.screen import enrolments, feeds, plays, screenshots, signing_keys, status
from signage.web.security.screen_auth import CAPABILITY_PREFIX, SCREEN_PREFIX, AuthFailure

ENROLMENTS_PATH = SCREEN_PREFIX + "enrolments"


def register(app: Flask) -> None:
    """Add the addresses to *app*, with the authentication in front of them."""
    app.before_request(authenticate_screen)
    app.register_blueprint(_create_blueprint("screen"), url_prefix=SCREEN_PREFIX.rstrip("/"))
    app.register_blueprint(_create_blueprint("capability"), url_prefix=CAPABILITY_PREFIX + "<token>")
    app.add_url_rule(ENROLMENTS_PATH, "enrolments.post", enrolments.begin_enrolment, methods=["POST"])
    app.add_url_rule(ENROLMENTS_PATH + "/<enrolment_id>", "enrolments.get", enrolments.get_enrolment, methods=["GET"])


def authenticate_screen() -> Response | None:
    """Authenticate the screen before routing, so that unknown addresses are covered too."""
    path = request.environ["PATH_INFO"]
    if (
        not path.startswith((SCREEN_PREFIX, CAPABILITY_PREFIX))
        or path == ENROLMENTS_PATH
        or path.startswith(ENROLMENTS_PATH + "/")
    ):
        return None
    served_playlist = get_runtime().authenticator(request.environ, path)
    if isinstance(served_playlist, AuthFailure):
        return respond_problem(
            served_playlist.status, served_playlist.code, language=get_language(), headers=served_playlist.headers
        )
    g.screen = served_playlist
    get_runtime().heartbeats.record(served_playlist.screen, get_runtime().dependencies.clock.now())
    return None


def _create_blueprint(name: str) -> Blueprint:
    routes = Blueprint(name, __name__)

    @routes.url_value_preprocessor
    def without_token(endpoint: str | None, values: dict[str, object] | None) -> None:
        if values is not None:
            values.pop("token", None)

    routes.add_url_rule("/playlist.<any(m3u8, xspf, smil, rss):format_name>", "feed", feeds.serve_feed, methods=["GET"])
    routes.add_url_rule("/keys.json", "keys", signing_keys.serve_signing_keys, methods=["GET"])
    routes.add_url_rule("/plays", "plays", plays.receive_plays, methods=["POST"])
    routes.add_url_rule("/status", "status", status.receive_status, methods=["POST"])
    routes.add_url_rule("/screenshot", "screenshot", screenshots.receive_screenshot, methods=["PUT"])
    return routes
