"""Answers the poll of ``playlist.json`` from memory, before Flask.

A million screens polling once a minute are 16,700 polls a second, nearly all unchanged: one dictionary look-up and one
comparison. Authentication is shared with Flask (``security.screen_auth``).
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
    """Counters that many threads may increment without a lock (``next`` on a ``count`` is atomic)."""

    def __init__(self) -> None:
        self.unchanged, self.served, self.denied = count(), count(), count()

    def get_counts(self) -> dict[str, int]:
        """Return the number of polls by outcome."""
        return {name: getattr(self, name).__reduce__()[1][0] for name in ("unchanged", "served", "denied")}


class PollApplication:
    """Answers polls, as a WSGI application."""

    def __init__(self, authenticator: ScreenAuthenticator, heartbeats: HeartbeatBuffer, clock: Clock) -> None:
        self._authenticate = authenticator
        self._heartbeats = heartbeats
        self._clock = clock
        self.counter = PollCounter()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        served_playlist = self._authenticate(environ, environ["PATH_INFO"])
        if isinstance(served_playlist, AuthFailure):
            next(self.counter.denied)
            return send_problem(environ, start, served_playlist.status, served_playlist.code, served_playlist.headers)
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            return send_problem(environ, start, 405, "web-method", [("Allow", "GET, HEAD")])
        now = self._clock.now()
        etag, if_none_match = served_playlist.etag, environ.get("HTTP_IF_NONE_MATCH")
        headers: Headers = [
            ("ETag", etag),
            ("Last-Modified", served_playlist.last_modified),
            ("Cache-Control", "no-cache"),
        ]
        if if_none_match == etag or is_fresh(environ, etag, served_playlist.modified_at, now.timestamp()):
            self._heartbeats.record(
                served_playlist.screen, now, None if if_none_match == "*" else served_playlist.serial
            )
            next(self.counter.unchanged)
            start("304 Not Modified", headers)
            return []
        self._heartbeats.record(served_playlist.screen, now, served_playlist.serial if method == "GET" else None)
        next(self.counter.served)
        return _send_document(served_playlist, headers, method, start)


def _send_document(served_playlist: ServedPlaylist, headers: Headers, method: str, start: StartResponse) -> list[bytes]:
    document = served_playlist.get_document()
    headers += (
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(document))),
        ("Playlist-Signature", served_playlist.get_signature()),
        ("X-Content-Type-Options", "nosniff"),
    )
    start("200 OK", headers)
    return [] if method == "HEAD" else [document]
