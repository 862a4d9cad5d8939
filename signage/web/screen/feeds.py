"""The loop of now for players that exist already: ``playlist.m3u8``, ``.xspf``, ``.smil``, ``.rss``.

A feed begins at the item that shows now; what it *is* (tag and date) changes with the document and with the program
alone, else every poll would look like a change. So the tag is weak: the same loop, told from another beginning.
"""

import hashlib
import re

from flask import Response, request

from signage.publish.feeds import FEEDS, FeedLoop, loop_now
from signage.web.dependencies import Services, Shelved
from signage.web.http.conditional import fresh, http_date
from signage.web.request_context import now, screen, services, web

_HOST = re.compile(r"[A-Za-z0-9.\-]{1,253}(:[0-9]{1,5})?\Z|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?\Z")


def get(form: str) -> Response:
    """The feed, or 304."""
    shelved, at, base = screen(), now(), base_url(services())
    loop = loop_now(shelved.playlist, at)
    key = _key(shelved, loop)
    modified_at = web().dates.of(shelved.screen, key, max(shelved.modified_at, loop.began_s))
    etag = f'W/"{hashlib.sha256(f"{form} {key} {base}".encode()).hexdigest()[:32]}"'
    if request.method == "GET":
        web().contacts.gave(shelved.screen, at, shelved.serial)
    if fresh(request.environ, etag, modified_at, at.timestamp()):
        response = Response(status=304)
    else:
        feed = FEEDS[form]
        response = Response(feed.write(loop, base, modified_at), content_type=feed.content_type)
        response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["ETag"] = etag
    response.headers["Last-Modified"] = http_date(modified_at)
    response.headers["Cache-Control"] = "no-cache"
    return response


def base_url(known: Services) -> str:
    """Where media are for whoever asks: the configured address, else the one that was asked."""
    if known.config.public_url:
        return known.config.public_url.rstrip("/")
    environ = request.environ
    host = environ.get("HTTP_HOST", "")
    if not _HOST.match(host):
        host = f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return f"{environ['wsgi.url_scheme']}://{host}"


def _key(shelved: Shelved, loop: FeedLoop) -> str:
    return f"{shelved.etag} {loop.kind} {loop.began_s} {loop.until.isoformat()}"
