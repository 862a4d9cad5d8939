"""Serves stylesheets, scripts and icons.

An address with ``?v=HASH`` may be cached without limit; one without (an imported module) is revalidated each time.
"""

import hashlib
from functools import cache
from pathlib import Path

from flask import Response, request
from markupsafe import Markup

from signage.web.console.framework.registry import PREFIX

STATIC_FOLDER = Path(__file__).parents[1] / "static"
_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}


@cache
def get_version(name: str) -> str:
    """Return a hash of a file's content."""
    return hashlib.sha256((STATIC_FOLDER / name).read_bytes()).hexdigest()[:16]


def build_static_url(name: str) -> str:
    """Return the versioned address of a file."""
    return f"{PREFIX}/static/{name}?v={get_version(name)}"


@cache
def load_icon(name: str) -> Markup:
    """Return an icon as inline SVG, hidden from screen readers."""
    text = (STATIC_FOLDER / "icons" / f"{name}.svg").read_text("utf-8").strip()
    svg = text.replace("<svg ", '<svg class="icon" aria-hidden="true" focusable="false" ', 1)
    return Markup(svg)


def serve_file(name: str) -> Response:
    """Serve a file, or 404."""
    path = (STATIC_FOLDER / name).resolve()
    if not path.is_relative_to(STATIC_FOLDER) or path.suffix not in _CONTENT_TYPES or not path.is_file():
        return Response(status=404)
    response = Response(path.read_bytes(), content_type=_CONTENT_TYPES[path.suffix])
    response.set_etag(get_version(name))
    is_versioned = request.args.get("v") == get_version(name)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_versioned else "no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.make_conditional(request)
    return response
