"""Content-addressed file store: files named by their sha256, written completely or not at all.

``media/`` contains what may be served (renditions encoded by this program), ``sealed/`` the uploaded originals, for the
auditor alone, ``incoming/`` files that are still being written. All three are on one file system: a rename is atomic.

1. A file gets its name only as a ``PrivateFile``: a copy that no other process can have open, hashed while it was
   copied. The source of the copy may still be open elsewhere (a second request, a decoder), and change later.
2. An original is opened by ``open_original`` alone, which compares its bytes with its name. The result is cached with
   the file's stamp (inode, size, times), which every change of the file changes.
"""

import hashlib
import os
import re
import secrets
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_CHUNK = 1 << 20
_Stamp = tuple[int, int, int, int]


class BlobAlteredError(Exception):
    """The bytes of a sealed original are not those that its name states."""


@dataclass(frozen=True, slots=True)
class PrivateFile:
    """A file in ``incoming`` that this process alone has open, and the sha256 and size of its bytes (1)."""

    path: Path
    sha256: str
    size_bytes: int


class BlobStore:
    """The file store under *folder*."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.media = folder / "media"
        self.sealed = folder / "sealed"
        self.incoming = folder / "incoming"
        for part, mode in ((self.media, 0o755), (self.sealed, 0o700), (self.incoming, 0o700)):
            part.mkdir(parents=True, exist_ok=True, mode=mode)
        self._verified: dict[str, _Stamp] = {}
        self._lock = threading.Lock()

    def get_path(self, sha256: str) -> Path:
        """Return the path of the media file of that hash, whether or not it exists.

        Raises ValueError when *sha256* is not 64 lower-case hex digits: no other text becomes part of a path.
        """
        return self.media / _check_sha256(sha256)[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Whether the media file of that hash exists."""
        return self.get_path(sha256).is_file()

    def get_original_path(self, sha256: str) -> Path:
        """Return the path of the sealed original of that hash, whether or not it exists."""
        return self.sealed / _check_sha256(sha256)[:2] / sha256

    def put(self, data: bytes) -> str:
        """Store *data* as a media file; durable when this returns. Return its sha256."""
        sha256 = hashlib.sha256(data).hexdigest()
        if not self.has(sha256):
            temporary = self.create_temporary_path()
            temporary.write_bytes(data)
            _move_durably(temporary, self.get_path(sha256), 0o644)
        return sha256

    def copy_private(self, source: BinaryIO, before_chunk: Callable[[int], None] = lambda _: None) -> PrivateFile:
        """Copy what *source* still has to a private file; hashed while it is copied (1).

        *before_chunk* is called with the length of each chunk and may refuse it; a failed copy leaves no file.
        """
        path, digest, size_bytes = self.create_temporary_path(), hashlib.sha256(), 0
        try:
            with path.open("xb", buffering=0) as target:
                while chunk := source.read(_CHUNK):
                    before_chunk(len(chunk))
                    digest.update(chunk)
                    size_bytes += len(chunk)
                    _write_all(target, chunk)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return PrivateFile(path, digest.hexdigest(), size_bytes)

    def put_copy(self, source: Path) -> str:
        """Store a copy of the file *source* as a media file, durably. Return its sha256."""
        with source.open("rb") as file:
            private = self.copy_private(file)
        if self.has(private.sha256):
            private.path.unlink()
        else:
            _move_durably(private.path, self.get_path(private.sha256), 0o644)
        return private.sha256

    def seal(self, private: PrivateFile) -> None:
        """Store *private* as a sealed original; durable. An existing original that was altered is replaced."""
        if self.has_original(private.sha256):
            private.path.unlink()
        else:
            _move_durably(private.path, self.get_original_path(private.sha256), 0o400)

    def has_original(self, sha256: str) -> bool:
        """Whether the sealed original of that hash exists and has the right bytes."""
        try:
            self.open_original(sha256).close()
        except (BlobAlteredError, FileNotFoundError):
            return False
        return True

    def open_original(self, sha256: str) -> BinaryIO:
        """Open the sealed original of that hash, after its bytes are verified (2).

        Raises BlobAlteredError: it has other bytes; OSError: it is missing or unreadable.
        """
        file = self.get_original_path(sha256).open("rb", buffering=0)
        try:
            stamp = _get_stamp(file)
            with self._lock:
                is_verified = self._verified.get(sha256) == stamp
            if not is_verified:
                if hashlib.file_digest(file, "sha256").hexdigest() != sha256 or _get_stamp(file) != stamp:
                    raise BlobAlteredError(sha256)
                with self._lock:
                    self._verified[sha256] = stamp
                file.seek(0)
        except BaseException:
            file.close()
            raise
        return file

    def create_temporary_path(self) -> Path:
        """Return a new path in ``incoming``."""
        return self.incoming / secrets.token_hex(16)

    def get_free_bytes(self) -> int:
        """Return the free space of the file system."""
        return shutil.disk_usage(self.folder).free


def _check_sha256(sha256: str) -> str:
    if not _SHA256.match(sha256):
        raise ValueError("not a sha256")
    return sha256


def _get_stamp(file: BinaryIO) -> _Stamp:
    status = os.fstat(file.fileno())
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _write_all(target: BinaryIO, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[target.write(view) :]


def _move_durably(temporary: Path, target: Path, mode: int) -> None:
    is_new_folder = not target.parent.is_dir()
    target.parent.mkdir(exist_ok=True, mode=0o755 if mode & 0o044 else 0o700)
    descriptor = os.open(temporary, os.O_RDONLY)
    try:
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    temporary.rename(target)
    sync_folder(target.parent)
    if is_new_folder:
        sync_folder(target.parent.parent)


def sync_folder(folder: Path) -> None:
    """Make the file names in *folder* durable (fsync)."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
