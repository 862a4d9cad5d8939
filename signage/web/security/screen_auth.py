"""The one place that decides which screen is let in, for the layer before Flask and for Flask alike.

1. A screen is known by its token: ``Authorization: Bearer TOKEN`` (the scheme in any case, RFC 9110, 11.1), or the
   same paths under ``/s/TOKEN/``; a token in the path is the one that counts.
2. No good token: 401 with ``WWW-Authenticate`` (RFC 6750, 3). Revoked: 403.
3. A token never reaches a log: ``without_tokens`` takes it out of a path, ``TokensOut`` out of every record.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass

from signage.web.dependencies import ServedPlaylist, WebDependencies

SCREEN_PREFIX = "/screen/v1/"
CAPABILITY_PREFIX = "/s/"
_PATH_TOKEN = re.compile(r"/s/[^/\s?#\"']+")
_HEADER_TOKEN = re.compile(r"(?i)(bearer\s+)[^\s\"',]+")


@dataclass(frozen=True, slots=True)
class AuthFailure:
    """Not let in: the status, the code of its sentence, and the headers that go with it."""

    status: int
    code: str
    headers: tuple[tuple[str, str], ...] = ()


_TOKEN_MISSING = AuthFailure(401, "web-token-missing", (("WWW-Authenticate", 'Bearer realm="screens"'),))
_TOKEN_UNKNOWN = AuthFailure(
    401, "web-token-unknown", (("WWW-Authenticate", 'Bearer realm="screens", error="invalid_token"'),)
)
_SCREEN_REVOKED = AuthFailure(403, "web-screen-revoked")


def find_token(environ: Mapping[str, object], path: str) -> str | None:
    """The token that a request carries (rule 1)."""
    if path.startswith(CAPABILITY_PREFIX):
        return path.split("/", 3)[2] or None
    header = environ.get("HTTP_AUTHORIZATION")
    if not isinstance(header, str):
        return None
    scheme, _, token = header.partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


class ScreenAuthenticator:
    """Lets screens in by what the shelf knows of their tokens; an enrolment ends with its token's first use."""

    def __init__(self, dependencies: WebDependencies) -> None:
        self._find_playlist = dependencies.playlists.find
        self._mark_token_used = dependencies.enrolments.mark_token_used

    def __call__(self, environ: Mapping[str, object], path: str) -> ServedPlaylist | AuthFailure:
        """What the caller may have, or why not (rule 2)."""
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
    """*text* with tokens in paths and headers taken out (rule 3)."""
    return _HEADER_TOKEN.sub(r"\1…", _PATH_TOKEN.sub("/s/…", text))


class TokenRedactingFilter(logging.Filter):
    """Takes tokens out of whatever a log record says, its traceback included."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = redact_tokens(record.getMessage())
        record.args = ()
        if record.exc_info and not record.exc_text:
            record.exc_text = redact_tokens(logging.Formatter().formatException(record.exc_info))
        return True
