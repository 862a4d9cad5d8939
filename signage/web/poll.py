"""The poll of ``playlist.json``, answered from memory before Flask is entered.

A million screens that poll once a minute are 16,700 polls a second, nearly all of them unchanged: so this is one look
into a table and one comparison. Who is let in is decided by ``security.admission``, here and in Flask alike.
"""

from collections.abc import Iterable
from itertools import count

from signage.clock import Clock
from signage.web.dependencies import ServedPlaylist
from signage.web.heartbeat_buffer import HeartbeatBuffer
from signage.web.http.conditional import is_fresh
from signage.web.http.wsgi import Headers, StartResponse, WSGIEnvironment, send_problem
from signage.web.security.screen_auth import AuthFailure, ScreenAuthenticator

PATH_SUFFIX = "/playlist.json"


class PollCounter:
    """Counts that many threads may raise at once without a lock (``next`` on a ``count`` is one step)."""

    def __init__(self) -> None:
        self.unchanged, self.served, self.denied = count(), count(), count()

    def get_counts(self) -> dict[str, int]:
        """How often each outcome came so far."""
        return {name: getattr(self, name).__reduce__()[1][0] for name in ("unchanged", "served", "denied")}


class PollApplication:
    """The answer to a poll, as a small WSGI application."""

    def __init__(self, admission: ScreenAuthenticator, contacts: HeartbeatBuffer, clock: Clock) -> None:
        self._authenticate = admission
        self._heartbeats = contacts
        self._clock = clock
        self.counter = PollCounter()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        shelved = self._authenticate(environ, environ["PATH_INFO"])
        if isinstance(shelved, AuthFailure):
            next(self.counter.denied)
            return send_problem(environ, start, shelved.status, shelved.code, shelved.headers)
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            return send_problem(environ, start, 405, "web-method", [("Allow", "GET, HEAD")])
        now = self._clock.now()
        etag, asked = shelved.etag, environ.get("HTTP_IF_NONE_MATCH")
        headers: Headers = [
            ("ETag", etag),
            ("Last-Modified", shelved.last_modified),
            ("Cache-Control", "no-cache"),
        ]
        if asked == etag or is_fresh(environ, etag, shelved.modified_at, now.timestamp()):
            self._heartbeats.record(shelved.screen, now, None if asked == "*" else shelved.serial)
            next(self.counter.unchanged)
            start("304 Not Modified", headers)
            return []
        self._heartbeats.record(shelved.screen, now, shelved.serial if method == "GET" else None)
        next(self.counter.served)
        return _send_document(shelved, headers, method, start)


def _send_document(shelved: ServedPlaylist, headers: Headers, method: str, start: StartResponse) -> list[bytes]:
    document = shelved.get_document()
    headers += (
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(document))),
        ("Playlist-Signature", shelved.get_signature()),
        ("X-Content-Type-Options", "nosniff"),
    )
    start("200 OK", headers)
    return [] if method == "HEAD" else [document]
