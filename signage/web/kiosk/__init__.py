"""The kiosk player: a web page that plays a screen full-window, offline too.

The page and its modules are the same for all screens and hold no token; the page takes its token from its own address.
"""

import hashlib
from functools import cache
from importlib import resources

from flask import Flask, Response, request

from signage.web.http.conditional import any_tag_matches

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "connect-src 'self' blob:; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)


@cache
def files() -> dict[str, tuple[bytes, str, str]]:
    """Name → bytes, content type and tag of each file that the page is made of."""
    found = {}
    for entry in resources.files(__name__).joinpath("static").iterdir():
        kind = TYPES.get("." + entry.name.rpartition(".")[2])
        if kind is not None:
            data = entry.read_bytes()
            found[entry.name] = (data, kind, f'"{hashlib.sha256(data).hexdigest()[:32]}"')
    return found


def register(app: Flask) -> None:
    """Put the page into *app*: a screen's own at ``/s/TOKEN/``, one that enrols at ``/kiosk/``."""
    app.add_url_rule("/s/<token>", "kiosk.page", lambda token: _file("index.html"))
    app.add_url_rule("/s/<token>/", "kiosk.folder", lambda token: _file("index.html"))
    app.add_url_rule("/s/<token>/worker.js", "kiosk.worker", _worker)
    app.add_url_rule("/kiosk/", "kiosk.enrol", lambda: _file("enrol.html"))
    app.add_url_rule("/kiosk/<name>", "kiosk.file", lambda name: _file(name))


def _file(name: str) -> Response:
    found = files().get(name)
    if found is None:
        from werkzeug.exceptions import NotFound

        raise NotFound
    data, kind, etag = found
    unchanged = any_tag_matches(request.headers.get("If-None-Match", ""), etag)
    response = Response(status=304) if unchanged else Response(data, content_type=kind)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _worker(token: str) -> Response:
    """The service worker under the screen's own address, so that it rules over this page and no other."""
    response = _file("worker.js")
    response.headers["Service-Worker-Allowed"] = f"/s/{token}"
    return response
