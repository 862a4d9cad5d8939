"""Serves renditions by the SHA-256 of their bytes, with byte ranges (RFC 9110, section 14), as a WSGI application.

1. The name is 64 hex digits and the extension of a rendition; the file is a regular file of the library, not a link.
2. ``If-None-Match`` and ``If-Modified-Since`` are evaluated first (13.2.2); ``Range`` is ignored on HEAD (14.2).
3. ``If-Range`` must match strongly, else the whole file is sent (13.1.5).
4. One range is answered with 206, several with 206 ``multipart/byteranges`` (14.6).
5. A range that cannot be satisfied is 416 with ``Content-Range: bytes */SIZE``.
6. The bytes under a name never change: caches may store them without limit.
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
from signage.web.http.ranges import ByteRange, RangeNotSatisfiableError, resolve_ranges
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
    """Answers ``/media/SHA256.EXT``; at most *max_transfers* run at once, which leaves threads free for polls."""

    def __init__(self, find_blob: Callable[[str], Path | None], clock: Clock, max_transfers: int) -> None:
        self._find_blob = find_blob
        self._clock = clock
        self._transfer_slots = threading.BoundedSemaphore(max_transfers)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            return send_problem(environ, start, 405, "web-method", [("Allow", "GET, HEAD")])
        match = _MEDIA_NAME.match(environ["PATH_INFO"][len(PREFIX) :])
        content_type = MEDIA_TYPES.get(match[2]) if match else None
        opened = _open_file(self._find_blob(match[1])) if match and content_type else None
        if match is None or content_type is None or opened is None:
            return send_problem(environ, start, 404, "web-media-unknown")
        if not self._transfer_slots.acquire(blocking=False):
            os.close(opened[0])
            return send_problem(environ, start, 503, "web-busy", [("Retry-After", "2")])
        return self._respond(
            environ, start, OpenMediaFile(*opened, self._transfer_slots.release), f'"{match[1]}"', content_type
        )

    def _respond(
        self, environ: WSGIEnvironment, start: StartResponse, file: "OpenMediaFile", etag: str, content_type: str
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
        try:
            ranges = _resolve_requested_ranges(environ, etag, file.size)
        except RangeNotSatisfiableError:
            file.close()
            return send_problem(environ, start, 416, "web-range", [("Content-Range", f"bytes */{file.size}")])
        more, parts = _lay_out_body(ranges, file.size, content_type)
        length = sum(len(part) if isinstance(part, bytes) else part.stop - part.start for part in parts)
        start("206 Partial Content" if ranges else "200 OK", [*headers, *more, ("Content-Length", str(length))])
        if environ["REQUEST_METHOD"] == "HEAD":
            file.close()
            return []
        return MediaBody(file, parts)


class OpenMediaFile:
    """An open rendition file; closing it frees its transfer slot."""

    def __init__(self, fd: int, size: int, modified_at: int, release: Callable[[], None]) -> None:
        self._fd: int | None = fd
        self.size, self.modified_at = size, modified_at
        self._release = release

    def read(self, offset: int, length: int) -> bytes:
        """Read up to *length* bytes at *offset*; empty once the file is closed."""
        return b"" if self._fd is None else os.pread(self._fd, length, offset)

    def close(self) -> None:
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)
            self._release()

    __del__ = close


class MediaBody:
    """Response body: bytes and ranges of a file, in chunks; the server closes it at the end and on a disconnect."""

    def __init__(self, file: OpenMediaFile, parts: Iterable[bytes | ByteRange]) -> None:
        self._file = file
        self._chunks = _read_chunks(file, parts)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except StopIteration:
            self.close()
            raise

    def close(self) -> None:
        self._file.close()


def _lay_out_body(
    ranges: tuple[ByteRange, ...], size: int, content_type: str
) -> tuple[Headers, list[bytes | ByteRange]]:
    """Return the headers and the parts of the body for *ranges*; none: the whole file (rule 4)."""
    if not ranges:
        return [("Content-Type", content_type)], [ByteRange(0, size)]
    if len(ranges) == 1:
        content_range = ranges[0].format_content_range(size)
        return [("Content-Type", content_type), ("Content-Range", content_range)], [ranges[0]]
    boundary = secrets.token_hex(16)
    parts: list[bytes | ByteRange] = []
    for byte_range in ranges:
        content_range = byte_range.format_content_range(size)
        head = f"\r\n--{boundary}\r\nContent-Type: {content_type}\r\nContent-Range: {content_range}\r\n\r\n"
        parts += [head.encode(), byte_range]
    return [("Content-Type", f"multipart/byteranges; boundary={boundary}")], [
        *parts,
        f"\r\n--{boundary}--\r\n".encode(),
    ]


def _read_chunks(file: OpenMediaFile, parts: Iterable[bytes | ByteRange]) -> Iterator[bytes]:
    for part in parts:
        if isinstance(part, bytes):
            yield part
            continue
        offset = part.start
        while chunk := file.read(offset, min(CHUNK_BYTES, part.stop - offset)):
            offset += len(chunk)
            yield chunk


def _open_file(path: Path | None) -> tuple[int, int, int] | None:
    if path is None:
        return None
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return None
    file_stat = os.fstat(fd)
    if not stat.S_ISREG(file_stat.st_mode):
        os.close(fd)
        return None
    return fd, file_stat.st_size, int(file_stat.st_mtime)


def _resolve_requested_ranges(environ: WSGIEnvironment, etag: str, size: int) -> tuple[ByteRange, ...]:
    """Return the ranges to send, none for the whole file (rules 2 to 4). Raises RangeNotSatisfiableError."""
    if environ["REQUEST_METHOD"] != "GET" or not is_range_valid(environ.get("HTTP_IF_RANGE"), etag):
        return ()
    return resolve_ranges(environ.get("HTTP_RANGE"), size)
