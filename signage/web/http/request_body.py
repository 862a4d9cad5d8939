"""Reads request bodies, bounded in bytes and in time; a truncated body is never taken for a complete one.

1. A body that announces more than the limit is refused unread; one without a length is read up to the limit.
2. The server ends a broken connection's body without an error: its bytes are compared with ``Content-Length``.
3. The number of concurrent bodies is bounded, in all and per sender, so that polls always find a thread; a stalled one
   is aborted (``slow_clients``: an answer while the body is still being read would block the whole server).
4. A reader occupies its slot until it has finished with the body, ingest included; processing a complete body does not
   count as stalling.
5. ``gzip`` is decoded with the limit applied to the output (RFC 9110, 8.4.1.3).
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
    """The body is refused: the status, the message code and the headers."""

    def __init__(self, status: int, code: str, *headers: tuple[str, str]) -> None:
        self.status, self.code, self.headers = status, code, headers
        super().__init__(code)


class BodyReader:
    """Reads up to *max_bodies* bodies at once, *max_per_sender* from one sender, and aborts stalled ones."""

    def __init__(self, max_bodies: int, max_per_sender: int, reaper: SlowBodyReaper) -> None:
        self._at_once, self._per_sender, self._reaper = max_bodies, max_per_sender, reaper
        self._lock = threading.Lock()
        self._reading: Counter[str] = Counter()

    def read(self, environ: WSGIEnvironment, limit: int, sender: str) -> bytes:
        """Read the body. Raises BodyError (rules 1–3)."""
        with self.open_chunks(environ, limit, sender) as chunks:
            return b"".join(chunks)

    @contextmanager
    def open_chunks(self, environ: WSGIEnvironment, limit: int, sender: str) -> Iterator[Iterator[bytes]]:
        """Iterate over the body in chunks, for large bodies; the reader may leave it early (rule 4).

        The iterator raises BodyError, at the end for a truncated body.
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
    """Decode *data* by its content coding (rule 5). Raises BodyError."""
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
