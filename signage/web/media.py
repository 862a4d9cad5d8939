"""Serves renditions by the SHA-256 of their bytes, with byte ranges (RFC 9110, section 14), as a WSGI application.

1. The name is 64 hex digits and the extension of a rendition; the file is a regular file of the library, not a link.
2. ``If-None-Match`` and ``If-Modified-Since`` are evaluated first (13.2.2); ``Range`` is ignored on HEAD (14.2).
3. ``If-Range`` must match strongly, else the whole file is sent (13.1.5).
4. One range is answered with 206; several are answered with the whole file (14.2 allows it).
5. A range that cannot be satisfied is 416 with ``Content-Range: bytes */SIZE``.
6. The bytes under a name never change: caches may store them without limit.
"""

import os
import re
import stat
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from signage.clock import Clock
from signage.web.http.conditional import format_http_date, is_fresh, is_range_valid
from signage.web.http.ranges import ByteRange, RangeNotSatisfiableError, resolve_range
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
            requested = _resolve_requested_range(environ, etag, file.size)
        except RangeNotSatisfiableError:
            file.close()
            return send_problem(environ, start, 416, "web-range", [("Content-Range", f"bytes */{file.size}")])
        byte_range = requested or ByteRange(0, file.size)
        headers += [("Content-Type", content_type), ("Content-Length", str(byte_range.stop - byte_range.start))]
        if requested is not None:
            headers.append(("Content-Range", requested.format_content_range(file.size)))
        start("200 OK" if requested is None else "206 Partial Content", headers)
        if environ["REQUEST_METHOD"] == "HEAD":
            file.close()
            return []
        return MediaBody(file, byte_range)


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
    """Response body: one byte range of a file in chunks; the server closes it at the end and on a disconnect."""

    def __init__(self, file: OpenMediaFile, byte_range: ByteRange) -> None:
        self._file, (self._offset, self._stop) = file, byte_range

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk = self._file.read(self._offset, min(CHUNK_BYTES, self._stop - self._offset))
        if not chunk:
            self.close()
            raise StopIteration
        self._offset += len(chunk)
        return chunk

    def close(self) -> None:
        self._file.close()


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


def _resolve_requested_range(environ: WSGIEnvironment, etag: str, size: int) -> ByteRange | None:
    """Return the range to send, None for the whole file (rules 2 to 4). Raises RangeNotSatisfiableError."""
    if environ["REQUEST_METHOD"] != "GET" or not is_range_valid(environ.get("HTTP_IF_RANGE"), etag):
        return None
    return resolve_range(environ.get("HTTP_RANGE"), size)
