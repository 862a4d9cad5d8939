"""Reading a request's body: bounded in bytes and in time, and never taken for whole when it was cut off.

1. A body that says it is larger than the limit is refused unread; one that does not say is read up to the limit.
2. The server reads a body that broke off as one that ended: its bytes are counted against ``Content-Length``.
3. A body that stalls is given up after a time; only so many are read at once, so that polls always find a thread.
4. ``gzip`` is undone with the limit counted on what comes out (RFC 9110, 8.4.1.3).
"""

import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillReading
from typing import BinaryIO

from signage.web.wsgi import WSGIEnvironment


class BodyError(Exception):
    """The body is not taken: the status, the code of its sentence, and the headers that go with it."""

    def __init__(self, status: int, code: str, *headers: tuple[str, str]) -> None:
        self.status, self.code, self.headers = status, code, headers
        super().__init__(code)


class Bodies:
    """Reads bodies, *at_once* at a time, each within *timeout_s* seconds."""

    def __init__(self, at_once: int, timeout_s: float) -> None:
        self._gate = threading.BoundedSemaphore(at_once)
        self._readers = ThreadPoolExecutor(at_once, thread_name_prefix="bodies")
        self._timeout_s = timeout_s

    def read(self, environ: WSGIEnvironment, limit: int) -> bytes:
        """The body as it came. Raises BodyError (rules 1–3)."""
        length = _length(environ)
        if length is not None and length > limit:
            raise BodyError(413, "web-body-large")
        if length == 0:
            return b""
        if not self._gate.acquire(blocking=False):
            raise BodyError(503, "web-busy", ("Retry-After", "5"))
        wanted = limit + 1 if length is None else length
        reading = self._readers.submit(self._drain, environ["wsgi.input"], wanted)
        try:
            data = reading.result(self._timeout_s)
        except StillReading:
            raise BodyError(408, "web-body-slow", ("Connection", "close")) from None
        if length is not None and len(data) != length:
            raise BodyError(400, "web-body-cut")
        if len(data) > limit:
            raise BodyError(413, "web-body-large")
        return data

    def _drain(self, stream: BinaryIO, wanted: int) -> bytes:
        try:
            found = bytearray()
            while len(found) < wanted:
                piece = stream.read(wanted - len(found))
                if not piece:
                    break
                found += piece
            return bytes(found)
        finally:
            self._gate.release()


def _length(environ: WSGIEnvironment) -> int | None:
    told = environ.get("CONTENT_LENGTH")
    if told in (None, ""):
        return None if environ.get("HTTP_TRANSFER_ENCODING") else 0
    if not (told.isascii() and told.isdigit() and len(told) < 19):
        raise BodyError(400, "web-body-cut")
    return int(told)


def decoded(data: bytes, encoding: str | None, limit: int) -> bytes:
    """*data* without its content coding (rule 4). Raises BodyError."""
    name = (encoding or "identity").strip().lower()
    if name == "identity":
        return data
    if name not in ("gzip", "x-gzip"):
        raise BodyError(415, "web-encoding", ("Accept-Encoding", "gzip"))
    found = bytearray()
    while data:
        member = zlib.decompressobj(wbits=31)
        try:
            found += member.decompress(data, limit + 1 - len(found))
        except zlib.error:
            raise BodyError(400, "web-gzip") from None
        if len(found) > limit:
            raise BodyError(413, "web-body-large")
        if not member.eof:
            raise BodyError(400, "web-gzip")
        data = member.unused_data
    return bytes(found)
