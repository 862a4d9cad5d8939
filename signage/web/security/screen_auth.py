"""Authenticates screens, for the poll before Flask and for Flask alike.

1. A screen presents its token: ``Authorization: Bearer TOKEN`` (the scheme in any case, RFC 9110, 11.1), or the same
   paths below ``/s/TOKEN/``; the token in the path takes precedence.
2. Without a valid token: 401 with ``WWW-Authenticate`` (RFC 6750, 3). Revoked: 403.
3. Tokens never reach a log: ``redact_tokens`` removes them from text, ``TokenRedactingFilter`` from log records.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass

from signage.model.line_text import clean_line
from signage.web.dependencies import ServedPlaylist, WebDependencies

SCREEN_PREFIX = "/screen/v1/"
CAPABILITY_PREFIX = "/s/"
_MAX_LOG_CHARS = 2000
_PATH_TOKEN = re.compile(r"/s/[^/\s?#\"']+")
_HEADER_TOKEN = re.compile(r"(?i)(bearer\s+)[^\s\"',]+")


@dataclass(frozen=True, slots=True)
class AuthFailure:
    """A failed authentication: the status, the message code and the headers."""

    status: int
    code: str
    headers: tuple[tuple[str, str], ...] = ()


_TOKEN_MISSING = AuthFailure(401, "web-token-missing", (("WWW-Authenticate", 'Bearer realm="screens"'),))
_TOKEN_UNKNOWN = AuthFailure(
    401, "web-token-unknown", (("WWW-Authenticate", 'Bearer realm="screens", error="invalid_token"'),)
)
_SCREEN_REVOKED = AuthFailure(403, "web-screen-revoked")


def find_token(environ: Mapping[str, object], path: str) -> str | None:
    """Return the token of a request (rule 1)."""
    if path.startswith(CAPABILITY_PREFIX):
        return path.split("/", 3)[2] or None
    header = environ.get("HTTP_AUTHORIZATION")
    if not isinstance(header, str):
        return None
    scheme, _, token = header.partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


class ScreenAuthenticator:
    """Authenticates screens by the playlist cache's tokens; the first use of a token ends its enrolment."""

    def __init__(self, dependencies: WebDependencies) -> None:
        self._find_playlist = dependencies.playlists.find
        self._mark_token_used = dependencies.enrolments.mark_token_used

    def __call__(self, environ: Mapping[str, object], path: str) -> ServedPlaylist | AuthFailure:
        """Return the playlist of the screen, or the failure (rule 2)."""
        token = find_token(environ, path)
        if token is None:
            return _TOKEN_MISSING
        served_playlist = self._find_playlist(token)
        if served_playlist is None:
            return _TOKEN_UNKNOWN
        if served_playlist.revoked:
            return _SCREEN_REVOKED
        self._mark_token_used(token)
        return served_playlist


def redact_tokens(text: str) -> str:
    """Return *text* without tokens in paths and headers (rule 3)."""
    return _HEADER_TOKEN.sub(r"\1…", _PATH_TOKEN.sub("/s/…", text))


class TokenRedactingFilter(logging.Filter):
    """Removes tokens from log records, tracebacks included; a message is one line, whatever is in a path."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = clean_line(redact_tokens(record.getMessage()), _MAX_LOG_CHARS)
        record.args = ()
        if record.exc_info and not record.exc_text:
            record.exc_text = redact_tokens(logging.Formatter().formatException(record.exc_info))
        return True
