"""Download media: resumable, limited to the announced size, renamed only after their hash was verified.

1. A partial file is resumed with ``Range`` and ``If-Range``; any other response restarts the download.
2. At most the announced number of bytes is read; a short response leaves the partial file for the next attempt.
3. A complete file whose sha256 differs is deleted and reported.
"""

import hashlib
import os
import re
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import requests
import urllib3

from signage.player.health import PlayerError
from signage.player.network.http_client import ServerConnection, iter_chunks
from signage.player.storage.cache import PlayerCache
from signage.player.storage.media_needs import get_file_name
from signage.protocol.playlist import PlaylistMedia

CHUNK_BYTES = 1 << 16
SLOW_WINDOW_S = 60.0
SLOW_BYTES = 1024
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)\Z")


class MediaDownloader:
    """Downloads media into a cache over one connection."""

    def __init__(
        self, cache: PlayerCache, connection: ServerConnection, still_wanted: Callable[[PlaylistMedia], bool]
    ) -> None:
        self._cache, self._connection, self._is_still_needed = cache, connection, still_wanted

    def fetch(self, media: PlaylistMedia, at: datetime) -> None:
        """Download *media*. Raises PlayerError; the partial file remains for the next attempt."""
        partial_path = self._cache.parts_folder / f"{media.sha256}.part"
        partial_bytes = _get_size(partial_path)
        if partial_bytes > media.bytes:
            partial_path.unlink()
            partial_bytes = 0
        self._cache.make_room(media.bytes - partial_bytes, at, media)
        if partial_bytes < media.bytes or media.bytes == 0:
            self._download_part(media, partial_path, partial_bytes, at)
        self._finish_part(media, partial_path)

    def _download_part(self, media: PlaylistMedia, partial_path: Path, partial_bytes: int, at: datetime) -> None:
        etag_path = partial_path.with_suffix(".etag")
        headers = {}
        if partial_bytes:
            etag = _read_text(etag_path)
            if etag:
                headers = {"Range": f"bytes={partial_bytes}-", "If-Range": etag}
        response = self._connection.open_media(media.href, headers)
        try:
            start = _find_start_offset(response, partial_bytes if headers else 0)
            if start is None:
                partial_path.unlink(missing_ok=True)
                raise PlayerError("media-refused", f"{response.status_code} {media.sha256[:12]}")
            etag = response.headers.get("ETag", "")
            if start == 0 and etag and not etag.startswith("W/"):
                self._store_etag(etag_path, etag)
            self._write_part(response, media, partial_path, start, at)
        finally:
            response.close()

    def _store_etag(self, etag_path: Path, etag: str) -> None:
        try:
            etag_path.write_text(etag, "utf-8")
        except OSError:
            etag_path.unlink(missing_ok=True)

    def _write_part(
        self, response: requests.Response, media: PlaylistMedia, partial_path: Path, start: int, at: datetime
    ) -> None:
        descriptor = os.open(partial_path, os.O_WRONLY | os.O_CREAT | (0 if start else os.O_TRUNC), 0o644)
        try:
            os.ftruncate(descriptor, start)
            os.lseek(descriptor, start, os.SEEK_SET)
            self._copy_body(response, media, descriptor, start)
            self._cache.disk.sync(descriptor)
        except urllib3.exceptions.HTTPError as error:
            raise PlayerError("media-cut", media.sha256[:12]) from error
        except OSError as error:
            partial_path.unlink(missing_ok=True)
            partial_path.with_suffix(".etag").unlink(missing_ok=True)
            self._cache.delete_unused_media(at)
            raise PlayerError("no-room", media.sha256[:12]) from error
        finally:
            os.close(descriptor)

    def _copy_body(self, response: requests.Response, media: PlaylistMedia, descriptor: int, size: int) -> None:
        window, received_bytes = time.monotonic(), 0
        for chunk in iter_chunks(response, CHUNK_BYTES):
            size += len(chunk)
            received_bytes += len(chunk)
            if size > media.bytes:
                os.ftruncate(descriptor, 0)
                raise PlayerError("media-differs", media.sha256[:12])
            self._cache.disk.write(descriptor, chunk)
            if time.monotonic() - window > 1.0:
                if not self._is_still_needed(media):
                    raise PlayerError("media-unwanted", media.sha256[:12])
                if time.monotonic() - window > SLOW_WINDOW_S:
                    if received_bytes < SLOW_BYTES:
                        raise PlayerError("media-slow", media.sha256[:12])
                    window, received_bytes = time.monotonic(), 0

    def _finish_part(self, media: PlaylistMedia, partial_path: Path) -> None:
        if _get_size(partial_path) < media.bytes:
            raise PlayerError("media-cut", media.sha256[:12])
        if _hash_file(partial_path) != media.sha256:
            partial_path.unlink(missing_ok=True)
            partial_path.with_suffix(".etag").unlink(missing_ok=True)
            raise PlayerError("media-differs", media.sha256[:12])
        try:
            self._cache.disk.move(partial_path, self._cache.media_folder / get_file_name(media))
        except OSError as error:
            raise PlayerError("no-room", media.sha256[:12]) from error
        partial_path.with_suffix(".etag").unlink(missing_ok=True)


def _find_start_offset(response: requests.Response, requested_offset: int) -> int | None:
    """Return the offset of the response body: 0 if whole, *requested_offset* if resumed; None if neither."""
    if response.status_code == 200:
        return 0
    if response.status_code == 206 and requested_offset:
        match = _CONTENT_RANGE.match(response.headers.get("Content-Range", ""))
        if match and int(match[1]) == requested_offset:
            return requested_offset
    return None


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _get_size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, ValueError):
        return ""
