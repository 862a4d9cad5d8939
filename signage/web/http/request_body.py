"""Reading a request's body: bounded in bytes and in time, and never taken for whole when it was cut off.

1. A body that says it is larger than the limit is refused unread; one that does not say is read up to the limit.
2. The server reads a body that broke off as one that ended: its bytes are counted against ``Content-Length``.
3. Only so many are read at once, and only a few from one sender, so that polls always find a thread; one that stalls
   is given up (``security.stalled``: an answer while the body is still being read would stop the whole server).
4. A place is held until its reader has done with the body, looking at the clip included, and not until memory is next
   tidied; what is made of a body that has come counts as no stalling.
5. ``gzip`` is undone with the limit counted on what comes out (RFC 9110, 8.4.1.3).
"""

import threading
import zlib
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, contextmanager

from signage.web.http.slow_clients import SlowBodyReaper
from signage.web.http.wsgi import WSGIEnvironment

CHUNK_BYTES = 256 * 1024


class BodyError(Exception):
    """The body is not taken: the status, the code of its sentence, and the headers that go with it."""

    def __init__(self, status: int, code: str, *headers: tuple[str, str]) -> None:
        self.status, self.code, self.headers = status, code, headers
        super().__init__(code)


class BodyReader:
    """Reads bodies, *at_once* at a time and *each* from one sender, giving up those that stall."""

    def __init__(self, max_bodies: int, max_per_sender: int, reaper: SlowBodyReaper) -> None:
        self._at_once, self._per_sender, self._reaper = max_bodies, max_per_sender, reaper
        self._lock = threading.Lock()
        self._reading: Counter[str] = Counter()

    def read(self, environ: WSGIEnvironment, limit: int, sender: str) -> bytes:
        """The body as it came. Raises BodyError (rules 1–3)."""
        with self.open_chunks(environ, limit, sender) as chunks:
            return b"".join(chunks)

    @contextmanager
    def open_chunks(self, environ: WSGIEnvironment, limit: int, sender: str) -> Iterator[Iterator[bytes]]:
        """The body piece by piece, for what is too large to hold; it may be left in its middle (rule 4).

        The pieces raise BodyError, at the end where it was cut.
        """
        length = _parse_content_length(environ)
        if length is not None and length > limit:
            raise BodyError(413, "web-body-large")
        with self._hold_slot(sender), closing(self._iter_chunks(environ, length, limit)) as chunks:
            yield chunks

    def _iter_chunks(self, environ: WSGIEnvironment, length: int | None, limit: int) -> Generator[bytes]:
        if length == 0:
            return
        expected, received = limit + 1 if length is None else length, 0
        with ExitStack() as watching:
            watch = watching.enter_context(self._reaper.watch(environ))
            while received < expected:
                chunk = environ["wsgi.input"].read(min(CHUNK_BYTES, expected - received))
                if not chunk:
                    break
                received += len(chunk)
                if received > limit:
                    raise BodyError(413, "web-body-large")
                if received == length:
                    watching.close()
                yield chunk
                watch.reset_deadline()
        if length is not None and received != length:
            raise BodyError(408, "web-body-slow") if watch.timed_out else BodyError(400, "web-body-cut")

    @contextmanager
    def _hold_slot(self, sender: str) -> Iterator[None]:
        with self._lock:
            if self._reading.total() >= self._at_once or self._reading[sender] >= self._per_sender:
                raise BodyError(503, "web-busy", ("Retry-After", "5"))
            self._reading[sender] += 1
        try:
            yield
        finally:
            with self._lock:
                self._reading[sender] -= 1
                if not self._reading[sender]:
                    del self._reading[sender]


def _parse_content_length(environ: WSGIEnvironment) -> int | None:
    header = environ.get("CONTENT_LENGTH")
    if header in (None, ""):
        return None if environ.get("HTTP_TRANSFER_ENCODING") else 0
    if not (header.isascii() and header.isdigit() and len(header) < 19):
        raise BodyError(400, "web-body-cut")
    return int(header)


def decode_content(data: bytes, encoding: str | None, limit: int) -> bytes:
    """*data* without its content coding (rule 5). Raises BodyError."""
    name = (encoding or "identity").strip().lower()
    if name == "identity":
        return data
    if name not in ("gzip", "x-gzip"):
        raise BodyError(415, "web-encoding", ("Accept-Encoding", "gzip"))
    decoded = bytearray()
    while data:
        member = zlib.decompressobj(wbits=31)
        try:
            decoded += member.decompress(data, limit + 1 - len(decoded))
        except zlib.error:
            raise BodyError(400, "web-gzip") from None
        if len(decoded) > limit:
            raise BodyError(413, "web-body-large")
        if not member.eof:
            raise BodyError(400, "web-gzip")
        data = member.unused_data
    return bytes(decoded)
