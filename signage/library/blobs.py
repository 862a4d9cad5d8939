"""Content-addressed file store: files named by their sha256, written completely or not at all.

``media/`` contains what may be served (renditions encoded by this program), ``sealed/`` the uploaded originals, for the
auditor alone, ``incoming/`` files that are still being written. All three are on one file system: a rename is atomic.
"""

import hashlib
import os
import re
import secrets
import shutil
from pathlib import Path

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


def hash_file(path: Path) -> str:
    """Return the sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class BlobStore:
    """The file store under *folder*."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.media = folder / "media"
        self.sealed = folder / "sealed"
        self.incoming = folder / "incoming"
        for part, mode in ((self.media, 0o755), (self.sealed, 0o700), (self.incoming, 0o700)):
            part.mkdir(parents=True, exist_ok=True, mode=mode)

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

    def has_original(self, sha256: str) -> bool:
        """Whether the sealed original of that hash exists."""
        return self.get_original_path(sha256).is_file()

    def put(self, data: bytes) -> str:
        """Store *data* as a media file; durable when this returns. Return its sha256."""
        sha256 = hashlib.sha256(data).hexdigest()
        if not self.has(sha256):
            temporary = self.create_temporary_path()
            temporary.write_bytes(data)
            _move_durably(temporary, self.get_path(sha256), 0o644)
        return sha256

    def put_file(self, temporary: Path) -> str:
        """Store the file *temporary* (in ``incoming``) as a media file, durably. Return its sha256."""
        sha256 = hash_file(temporary)
        if self.has(sha256):
            temporary.unlink()
        else:
            _move_durably(temporary, self.get_path(sha256), 0o644)
        return sha256

    def put_original(self, temporary: Path, sha256: str) -> None:
        """Store the file *temporary* (in ``incoming``), whose hash is *sha256*, as a sealed original; durable."""
        if self.has_original(sha256):
            temporary.unlink()
        else:
            _move_durably(temporary, self.get_original_path(sha256), 0o400)

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
