"""Media by the sha256 of their bytes, with ranges by RFC 9110, section 14 (as a small WSGI application).

1. The name is 64 hex digits and an ending that renditions have; the file is one of the library's own, no link.
2. ``If-None-Match`` and ``If-Modified-Since`` go first (13.2.2); ``Range`` means nothing on HEAD (14.2).
3. ``If-Range`` must match strongly, else the whole is sent (13.1.5).
4. One range: 206; several: ``multipart/byteranges`` (14.6), those that overlap as one, too many: the whole.
5. None that can be satisfied: 416 with ``Content-Range: bytes */SIZE``.
6. The bytes never change under their name: they may be kept for ever.
"""

import os
import re
import secrets
import stat
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from signage.clock import Clock
from signage.web.http.conditional import format_http_date, is_fresh, is_range_valid
from signage.web.http.ranges import ByteRange, parse_range
from signage.web.http.wsgi import Headers, StartResponse, WSGIEnvironment, send_problem

PREFIX = "/media/"
MEDIA_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "webm": "video/webm",
}
CHUNK_BYTES = 256 * 1024
_MEDIA_NAME = re.compile(r"([0-9a-f]{64})\.([a-z0-9]{1,5})\Z")


class MediaApplication:
    """The answer to ``/media/SHA256.EXT``; at most *at_once* are under way, so that polls always find a thread."""

    def __init__(self, blob: Callable[[str], Path | None], clock: Clock, at_once: int) -> None:
        self._blob = blob
        self._clock = clock
        self._gate = threading.BoundedSemaphore(at_once)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            return send_problem(environ, start, 405, "web-method", [("Allow", "GET, HEAD")])
        match = _MEDIA_NAME.match(environ["PATH_INFO"][len(PREFIX) :])
        kind = MEDIA_TYPES.get(match[2]) if match else None
        opened = _open_file(self._blob(match[1])) if match and kind else None
        if match is None or kind is None or opened is None:
            return send_problem(environ, start, 404, "web-media-unknown")
        if not self._gate.acquire(blocking=False):
            os.close(opened[0])
            return send_problem(environ, start, 503, "web-busy", [("Retry-After", "2")])
        return self._respond(environ, start, OpenMediaFile(*opened, self._gate.release), f'"{match[1]}"', kind)

    def _respond(
        self, environ: WSGIEnvironment, start: StartResponse, file: "OpenMediaFile", etag: str, kind: str
    ) -> Iterable[bytes]:
        headers: Headers = [
            ("ETag", etag),
            ("Last-Modified", format_http_date(file.modified_at)),
            ("Cache-Control", "public, max-age=31536000, immutable"),
            ("X-Content-Type-Options", "nosniff"),
            ("Accept-Ranges", "bytes"),
        ]
        if is_fresh(environ, etag, file.modified_at, self._clock.now().timestamp()):
            file.close()
            start("304 Not Modified", headers)
            return []
        wanted = None
        if environ["REQUEST_METHOD"] == "GET" and is_range_valid(environ.get("HTTP_IF_RANGE"), etag):
            wanted = parse_range(environ.get("HTTP_RANGE"), file.size)
        if wanted == ():
            file.close()
            return send_problem(environ, start, 416, "web-range", [("Content-Range", f"bytes */{file.size}")])
        status, body, length, more = _build_body(file, wanted, kind)
        start(status, [*headers, *more, ("Content-Length", str(length))])
        if environ["REQUEST_METHOD"] == "HEAD":
            file.close()
            return []
        return body


class OpenMediaFile:
    """An open file of the library; closing it once frees its place at the gate."""

    def __init__(self, fd: int, size: int, modified_at: int, release: Callable[[], None]) -> None:
        self._fd: int | None = fd
        self.size, self.modified_at = size, modified_at
        self._release = release

    def read(self, span: ByteRange) -> Iterator[bytes]:
        """The bytes of *span*, piece by piece."""
        at = span.first
        while at <= span.last and self._fd is not None:
            piece = os.pread(self._fd, min(CHUNK_BYTES, span.last + 1 - at), at)
            if not piece:
                return
            at += len(piece)
            yield piece

    def close(self) -> None:
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)
            self._release()

    __del__ = close


class MediaBody:
    """An answer's bytes, in pieces; the server closes it at the end, and when the client has gone."""

    def __init__(self, file: OpenMediaFile, pieces: Iterator[bytes]) -> None:
        self._file, self._pieces = file, pieces

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except StopIteration:
            self._file.close()
            raise

    def close(self) -> None:
        self._file.close()


def _open_file(path: Path | None) -> tuple[int, int, int] | None:
    if path is None:
        return None
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return None
    facts = os.fstat(fd)
    if not stat.S_ISREG(facts.st_mode):
        os.close(fd)
        return None
    return fd, facts.st_size, int(facts.st_mtime)


def _build_body(
    file: OpenMediaFile, wanted: tuple[ByteRange, ...] | None, kind: str
) -> tuple[str, MediaBody, int, Headers]:
    """Status, body, its length and its headers (rules 3 and 4)."""
    if wanted is None:
        whole = ByteRange(0, file.size - 1)
        return "200 OK", MediaBody(file, file.read(whole)), file.size, [("Content-Type", kind)]
    if len(wanted) == 1:
        one = wanted[0]
        more = [("Content-Type", kind), ("Content-Range", one.format_content_range(file.size))]
        return "206 Partial Content", MediaBody(file, file.read(one)), one.length, more
    boundary = secrets.token_hex(16)
    heads = [
        f"\r\n--{boundary}\r\nContent-Type: {kind}\r\n"
        f"Content-Range: {s.format_content_range(file.size)}\r\n\r\n".encode()
        for s in wanted
    ]
    tail = f"\r\n--{boundary}--\r\n".encode()
    length = sum(map(len, heads)) + sum(s.length for s in wanted) + len(tail)

    def pieces() -> Iterator[bytes]:
        for head, span in zip(heads, wanted, strict=True):
            yield head
            yield from file.read(span)
        yield tail

    more = [("Content-Type", f"multipart/byteranges; boundary={boundary}")]
    return "206 Partial Content", MediaBody(file, pieces()), length, more
