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
        part = self._cache.parts_folder / f"{media.sha256}.part"
        have = _get_size(part)
        if have > media.bytes:
            part.unlink()
            have = 0
        self._cache.make_room(media.bytes - have, at, media)
        if have < media.bytes or media.bytes == 0:
            self._download_part(media, part, have, at)
        self._finish_part(media, part)

    def _download_part(self, media: PlaylistMedia, part: Path, have: int, at: datetime) -> None:
        note = part.with_suffix(".etag")
        headers = {}
        if have:
            tag = _read_text(note)
            if tag:
                headers = {"Range": f"bytes={have}-", "If-Range": tag}
        response = self._connection.open_media(media.href, headers)
        try:
            start = _find_start_offset(response, have if headers else 0)
            if start is None:
                part.unlink(missing_ok=True)
                raise PlayerError("media-refused", f"{response.status_code} {media.sha256[:12]}")
            tag = response.headers.get("ETag", "")
            if start == 0 and tag and not tag.startswith("W/"):
                self._store_etag(note, tag)
            self._write_part(response, media, part, start, at)
        finally:
            response.close()

    def _store_etag(self, note: Path, tag: str) -> None:
        try:
            note.write_text(tag, "utf-8")
        except OSError:
            note.unlink(missing_ok=True)

    def _write_part(
        self, response: requests.Response, media: PlaylistMedia, part: Path, start: int, at: datetime
    ) -> None:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | (0 if start else os.O_TRUNC), 0o644)
        try:
            os.ftruncate(descriptor, start)
            os.lseek(descriptor, start, os.SEEK_SET)
            self._copy_body(response, media, descriptor, start)
            self._cache.disk.sync(descriptor)
        except urllib3.exceptions.HTTPError as error:
            raise PlayerError("media-cut", media.sha256[:12]) from error
        except OSError as error:
            part.unlink(missing_ok=True)
            part.with_suffix(".etag").unlink(missing_ok=True)
            self._cache.delete_unused_media(at)
            raise PlayerError("no-room", media.sha256[:12]) from error
        finally:
            os.close(descriptor)

    def _copy_body(self, response: requests.Response, media: PlaylistMedia, descriptor: int, size: int) -> None:
        window, poured = time.monotonic(), 0
        for piece in iter_chunks(response, CHUNK_BYTES):
            size += len(piece)
            poured += len(piece)
            if size > media.bytes:
                os.ftruncate(descriptor, 0)
                raise PlayerError("media-differs", media.sha256[:12])
            self._cache.disk.write(descriptor, piece)
            if time.monotonic() - window > 1.0:
                if not self._is_still_needed(media):
                    raise PlayerError("media-unwanted", media.sha256[:12])
                if time.monotonic() - window > SLOW_WINDOW_S:
                    if poured < SLOW_BYTES:
                        raise PlayerError("media-slow", media.sha256[:12])
                    window, poured = time.monotonic(), 0

    def _finish_part(self, media: PlaylistMedia, part: Path) -> None:
        if _get_size(part) < media.bytes:
            raise PlayerError("media-cut", media.sha256[:12])
        if _hash_file(part) != media.sha256:
            part.unlink(missing_ok=True)
            part.with_suffix(".etag").unlink(missing_ok=True)
            raise PlayerError("media-differs", media.sha256[:12])
        try:
            self._cache.disk.move(part, self._cache.media_folder / get_file_name(media))
        except OSError as error:
            raise PlayerError("no-room", media.sha256[:12]) from error
        part.with_suffix(".etag").unlink(missing_ok=True)


def _find_start_offset(response: requests.Response, asked: int) -> int | None:
    """Return the offset of the response body: 0 if whole, *asked* if resumed; None if neither."""
    if response.status_code == 200:
        return 0
    if response.status_code == 206 and asked:
        match = _CONTENT_RANGE.match(response.headers.get("Content-Range", ""))
        if match and int(match[1]) == asked:
            return asked
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
