"""The kiosk player: a web page that plays a screen in the full window, offline too.

The page and its modules are the same for all screens and contain no token; it reads the token from its own address.
"""

import hashlib
from functools import cache
from importlib import resources

from flask import Flask, Response, request

from signage.web.http.conditional import has_matching_etag

CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "connect-src 'self' blob:; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)


@cache
def load_files() -> dict[str, tuple[bytes, str, str]]:
    """Return name → bytes, content type and ETag of each file of the page."""
    files = {}
    for entry in resources.files(__name__).joinpath("static").iterdir():
        content_type = CONTENT_TYPES.get("." + entry.name.rpartition(".")[2])
        if content_type is not None:
            data = entry.read_bytes()
            files[entry.name] = (data, content_type, f'"{hashlib.sha256(data).hexdigest()[:32]}"')
    return files


def register(app: Flask) -> None:
    """Add the page to *app*: a screen's at ``/s/TOKEN/``, the enrolment page at ``/kiosk/``."""
    app.add_url_rule("/s/<token>", "kiosk.page", lambda token: _serve_file("index.html"))
    app.add_url_rule("/s/<token>/", "kiosk.folder", lambda token: _serve_file("index.html"))
    app.add_url_rule("/s/<token>/worker.js", "kiosk.worker", _serve_worker)
    app.add_url_rule("/kiosk/", "kiosk.enrol", lambda: _serve_file("enrol.html"))
    app.add_url_rule("/kiosk/<name>", "kiosk.file", lambda name: _serve_file(name))


def _serve_file(name: str) -> Response:
    file = load_files().get(name)
    if file is None:
        from werkzeug.exceptions import NotFound

        raise NotFound
    data, content_type, etag = file
    unchanged = has_matching_etag(request.headers.get("If-None-Match", ""), etag)
    response = Response(status=304) if unchanged else Response(data, content_type=content_type)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _serve_worker(token: str) -> Response:
    """Serve the service worker below the screen's address, which limits its scope to this page."""
    response = _serve_file("worker.js")
    response.headers["Service-Worker-Allowed"] = f"/s/{token}"
    return response
