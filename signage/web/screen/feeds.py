"""Feeds of the current loop for third-party players: ``playlist.m3u8``, ``.xspf``, ``.smil``, ``.rss``.

A feed starts at the item that shows now; its ETag and date change with the playlist and the program only, else every
poll would look like a change. So the ETag is weak: the same loop from another starting item.
"""

import hashlib
import re

from flask import Response, request

from signage.publish.feeds import FEED_FORMATS, FeedLoop, get_current_loop
from signage.web.dependencies import ServedPlaylist, WebDependencies
from signage.web.http.conditional import format_http_date, is_fresh
from signage.web.request_context import get_dependencies, get_now, get_runtime, get_screen_playlist

_HOST_HEADER = re.compile(r"[A-Za-z0-9.\-]{1,253}(:[0-9]{1,5})?\Z|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?\Z")


def serve_feed(format_name: str) -> Response:
    """Serve the feed, or 304."""
    served_playlist, at, base = get_screen_playlist(), get_now(), get_base_url(get_dependencies())
    loop = get_current_loop(served_playlist.playlist, at)
    key = _build_loop_key(served_playlist, loop)
    modified_at = get_runtime().loop_dates.get_last_modified(
        served_playlist.screen, key, max(served_playlist.modified_at, loop.program_start_s)
    )
    etag = f'W/"{hashlib.sha256(f"{format_name} {key} {base}".encode()).hexdigest()[:32]}"'
    if request.method == "GET":
        get_runtime().heartbeats.record_served(served_playlist.screen, at, served_playlist.serial)
    if is_fresh(request.environ, etag, modified_at, at.timestamp()):
        response = Response(status=304)
    else:
        feed = FEED_FORMATS[format_name]
        response = Response(feed.encode(loop, base, modified_at), content_type=feed.content_type)
        response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["ETag"] = etag
    response.headers["Last-Modified"] = format_http_date(modified_at)
    response.headers["Cache-Control"] = "no-cache"
    return response


def get_base_url(dependencies: WebDependencies) -> str:
    """Return the base of media addresses: the configured public URL, else the requested host."""
    if dependencies.config.public_url:
        return dependencies.config.public_url.rstrip("/")
    environ = request.environ
    host = environ.get("HTTP_HOST", "")
    if not _HOST_HEADER.match(host):
        host = f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return f"{environ['wsgi.url_scheme']}://{host}"


def _build_loop_key(served_playlist: ServedPlaylist, loop: FeedLoop) -> str:
    return f"{served_playlist.etag} {loop.kind} {loop.program_start_s} {loop.until.isoformat()}"
