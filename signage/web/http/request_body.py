"""Reads request bodies, bounded in bytes and in time; a truncated body is never taken for a complete one.

1. A body that announces more than the limit is refused unread; one without a length is read up to the limit.
2. The server ends a broken connection's body without an error: its bytes are compared with ``Content-Length``.
3. Each body holds a place (``body_places``) until its reader has finished with it, ingest included, or until the
   place's deadline. Connections whose bodies come too slowly are shut down (``connections``), which ends the read: an
   answer while the body is still being read would block the whole server.
4. ``gzip`` is decoded where a view asks for it: with the limit applied to the output (RFC 9110, 8.4.1.3), and in few
   members, for the work of decoding grows with their number times the length.
"""

import time
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager

from signage.web.http.body_places import BodyPlace, BodyPlaces, BodySender
from signage.web.http.trusted_proxies import PEER_KEY
from signage.web.http.wsgi import WSGIEnvironment

CHUNK_BYTES = 256 * 1024
MAX_GZIP_MEMBERS = 16
_MAX_GZIP_RATIO, _MIN_RATIO_BYTES = 200, 64 * 1024


class BodyError(Exception):
    """The body is refused: the status, the message code and the headers."""

    def __init__(self, status: int, code: str, *headers: tuple[str, str]) -> None:
        self.status, self.code, self.headers = status, code, headers
        super().__init__(code)


class BodyReader:
    """Reads bodies, each in a place of *places*."""

    def __init__(self, places: BodyPlaces) -> None:
        self.places = places

    def read(self, environ: WSGIEnvironment, limit: int, sender: BodySender) -> bytes:
        """Read the body. Raises BodyError (rules 1–3)."""
        with self.open_chunks(environ, limit, sender) as chunks:
            return b"".join(chunks)

    @contextmanager
    def open_chunks(self, environ: WSGIEnvironment, limit: int, sender: BodySender) -> Iterator[Iterator[bytes]]:
        """Iterate over the body in chunks, for large bodies; the reader may leave it early (rule 3).

        The iterator raises BodyError, at the end for a truncated body.
        """
        length = _parse_content_length(environ)
        if length is not None and length > limit:
            raise BodyError(413, "web-body-large")
        peer = str(environ.get(PEER_KEY) or environ.get("REMOTE_ADDR", ""))
        with self.places.hold(sender, peer, limit if length is None else length) as place:
            if place is None:
                raise BodyError(503, "web-busy", ("Retry-After", "5"))
            with closing(self._iter_chunks(environ, length, limit, place)) as chunks:
                yield chunks

    def _iter_chunks(
        self, environ: WSGIEnvironment, length: int | None, limit: int, place: BodyPlace
    ) -> Generator[bytes]:
        expected, received = limit + 1 if length is None else length, 0
        while received < expected:
            chunk = environ["wsgi.input"].read(min(CHUNK_BYTES, expected - received))
            if not chunk:
                break
            received += len(chunk)
            if received > limit:
                raise BodyError(413, "web-body-large")
            if not self.places.is_held(place):
                raise BodyError(408, "web-body-slow")
            if received == length:
                place.begin_work()
            yield chunk
        if length is not None and received != length:
            is_late = time.monotonic() - place.begun_s > self.places.rate.get_allowed_s(received)
            raise BodyError(408, "web-body-slow") if is_late else BodyError(400, "web-body-cut")
        place.begin_work()


def _parse_content_length(environ: WSGIEnvironment) -> int | None:
    header = environ.get("CONTENT_LENGTH")
    if header in (None, ""):
        return None if environ.get("HTTP_TRANSFER_ENCODING") else 0
    if not (header.isascii() and header.isdigit() and len(header) < 19):
        raise BodyError(400, "web-body-cut")
    return int(header)


def decode_gzip(data: bytes, encoding: str | None, limit: int) -> bytes:
    """Decode *data* by its content coding (rule 4). Raises BodyError."""
    name = (encoding or "identity").strip().lower()
    if name == "identity":
        return data
    if name not in ("gzip", "x-gzip"):
        raise BodyError(415, "web-encoding", ("Accept-Encoding", "gzip"))
    most = min(limit, max(_MIN_RATIO_BYTES, len(data) * _MAX_GZIP_RATIO))
    decoded = bytearray()
    for _ in range(MAX_GZIP_MEMBERS):
        member = zlib.decompressobj(wbits=31)
        try:
            decoded += member.decompress(data, most + 1 - len(decoded))
        except zlib.error:
            raise BodyError(400, "web-gzip") from None
        if len(decoded) > most:
            raise BodyError(413, "web-body-large")
        if not member.eof:
            raise BodyError(400, "web-gzip")
        data = member.unused_data
        if not data:
            return bytes(decoded)
    raise BodyError(400, "web-gzip")


def check_identity(encoding: str | None) -> None:
    """Check that a body has no content coding. Raises BodyError."""
    if (encoding or "identity").strip().lower() != "identity":
        raise BodyError(415, "web-encoding", ("Accept-Encoding", "identity"))
